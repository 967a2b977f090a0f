"""API Gateway's Lambda proxy integration: the event that goes in, and the answer that comes out.

https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
"""

import base64
import binascii
import json
import time
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from urllib.parse import parse_qsl

from multidict import CIMultiDict

from local.assembly.resources import JsonObject, JsonValue, Method, RestApi


class MalformedResponse(Exception):
    """The function's answer is not what API Gateway takes: 502."""


@dataclass(frozen=True)
class ApiRequest:
    """A request to a stage; `path` is raw, and has no stage in it.

    Attributes:
        identity: what the event says of its caller, where one was made out.
    """

    verb: str
    path: str
    query: str
    headers: CIMultiDict[str]
    body: bytes
    source_ip: str
    request_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    identity: Mapping[str, str] = field(default_factory=dict)

    @property
    def media_type(self) -> str:
        """The Content-Type without parameters, lower case."""
        return self.headers.get("Content-Type", "").partition(";")[0].strip().lower()


@dataclass(frozen=True)
class ApiResponse:
    """What goes back to the client."""

    status: int
    headers: CIMultiDict[str]
    body: bytes


def is_binary(media_type: str, binary_types: Sequence[str]) -> bool:
    """Whether the API treats a body of this type as binary. `*/*` holds for a missing type too."""
    return any(b == "*/*" or fnmatchcase(media_type, b.lower()) for b in binary_types)


def form_event(
    api: RestApi, account: str, method: Method, request: ApiRequest, parameters: Mapping[str, str]
) -> JsonObject:
    """The event of a request, version 1.0."""
    query = parse_qsl(request.query, keep_blank_values=True)
    binary = is_binary(request.media_type, api.binary_types)
    return {
        "resource": method.path,
        "path": request.path,
        "httpMethod": request.verb,
        "headers": _last(request.headers.items()),
        "multiValueHeaders": _all(request.headers.items()),
        "queryStringParameters": _last(query) or None,
        "multiValueQueryStringParameters": _all(query) or None,
        "pathParameters": dict(parameters) or None,
        "stageVariables": None,
        "requestContext": _context(api, account, method, request),
        "body": _body(request.body, binary=binary) if request.body else None,
        "isBase64Encoded": bool(request.body) and binary,
    }


def _body(body: bytes, *, binary: bool) -> str:
    if binary:
        return base64.b64encode(body).decode()
    # API Gateway reads text as UTF-8, and what is not becomes the replacement character.
    return body.decode("utf-8", "replace")


def _last(pairs: Iterable[tuple[str, str]]) -> JsonObject:
    return dict(pairs)


def _all(pairs: Iterable[tuple[str, str]]) -> JsonObject:
    collected: dict[str, list[JsonValue]] = {}
    for key, value in pairs:
        collected.setdefault(key, []).append(value)
    return dict(collected)


def _context(api: RestApi, account: str, method: Method, request: ApiRequest) -> JsonObject:
    now = time.time()
    identity: dict[str, str | None] = dict.fromkeys(_IDENTITY)
    identity |= {
        **request.identity,
        "sourceIp": request.source_ip,
        "userAgent": request.headers.get("User-Agent"),
    }
    return {
        "resourceId": method.resource_id,
        "resourcePath": method.path,
        "httpMethod": request.verb,
        "extendedRequestId": request.request_id,
        "requestTime": datetime.fromtimestamp(now, UTC).strftime("%d/%b/%Y:%H:%M:%S +0000"),
        "path": f"/{api.stage}{request.path}",
        "accountId": account,
        "protocol": "HTTP/1.1",
        "stage": api.stage,
        "domainPrefix": api.id,
        "requestTimeEpoch": int(now * 1000),
        "requestId": request.request_id,
        "identity": dict(identity),
        "domainName": request.headers.get("Host"),
        "deploymentId": "local",
        "apiId": api.id,
    }


_IDENTITY = (
    "cognitoIdentityPoolId", "accountId", "cognitoIdentityId", "caller", "sourceIp",
    "principalOrgId", "accessKey", "cognitoAuthenticationType", "cognitoAuthenticationProvider",
    "userArn", "userAgent", "user",
)  # fmt: skip


def read_response(payload: bytes, request: ApiRequest, binary_types: Sequence[str]) -> ApiResponse:
    """The client's answer from the function's. Raises MalformedResponse."""
    answer = _parse(payload)
    headers = CIMultiDict(_headers(answer))
    body = answer.get("body")
    if body is None:
        content = b""
    elif not isinstance(body, str):
        raise MalformedResponse("body is not a string")
    elif answer.get("isBase64Encoded") and _wants_binary(request, binary_types):
        content = _decode(body)
    else:
        content = body.encode()
    headers.setdefault("Content-Type", "application/json")
    return ApiResponse(_status(answer), headers, content)


def _parse(payload: bytes) -> JsonObject:
    try:
        answer = json.loads(payload)
    except ValueError as error:
        raise MalformedResponse("not JSON") from error
    if not isinstance(answer, dict):
        raise MalformedResponse("not an object")
    # API Gateway takes these keys and no other: {"statusCode": 200, "result": …} is a 502.
    unknown = set(answer) - _ANSWER_KEYS
    if unknown:
        raise MalformedResponse(f"unknown keys {', '.join(sorted(unknown))}")
    return answer


_ANSWER_KEYS = {"statusCode", "headers", "multiValueHeaders", "body", "isBase64Encoded"}


def _status(answer: JsonObject) -> int:
    status = answer.get("statusCode")
    try:
        code = int(str(status))
    except ValueError:
        code = 0
    if not 100 <= code <= 599:
        raise MalformedResponse(f"statusCode is {status!r}")
    return code


def _headers(answer: JsonObject) -> list[tuple[str, str]]:
    single, several = (
        {} if answer.get(key) is None else answer[key] for key in ("headers", "multiValueHeaders")
    )
    if not isinstance(single, dict) or not isinstance(several, dict):
        raise MalformedResponse("headers are not an object")
    pairs: list[tuple[str, str]] = []
    for key, values in several.items():
        if not isinstance(values, list):
            raise MalformedResponse(f"multiValueHeaders.{key} is not a list")
        pairs += [(key, str(value)) for value in values]
    taken = {key.lower() for key, _ in pairs}
    pairs += [(key, _text(value)) for key, value in single.items() if key.lower() not in taken]
    return pairs


def _text(value: JsonValue) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict | list):
        raise MalformedResponse("a header is not a string")
    return str(value)


def _wants_binary(request: ApiRequest, binary_types: Sequence[str]) -> bool:
    # Of several types in Accept, API Gateway looks at the first.
    accept = request.headers.get("Accept", "").partition(",")[0].partition(";")[0].strip().lower()
    return is_binary(accept, binary_types)


def _decode(body: str) -> bytes:
    try:
        return base64.b64decode(body, validate=True)
    except binascii.Error as error:
        raise MalformedResponse("body is not Base64") from error
