"""The answer that a function gives to API Gateway's Lambda proxy integration.

https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
"""

import base64
import binascii
import json
from collections.abc import Sequence

from multidict import CIMultiDict

from local.gateway.http_messages import ApiRequest, ApiResponse, is_binary
from local.json_types import JsonObject, JsonValue

# API Gateway takes these keys and no other: {"statusCode": 200, "result": …} is a 502.
_RESPONSE_KEYS = {"statusCode", "headers", "multiValueHeaders", "body", "isBase64Encoded"}


class MalformedResponse(Exception):
    """A function's answer that API Gateway refuses with a 502."""


def parse_proxy_response(
    payload: bytes, request: ApiRequest, binary_types: Sequence[str]
) -> ApiResponse:
    """Turns a function's answer into the client's. Raises MalformedResponse."""
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
    unknown = set(answer) - _RESPONSE_KEYS
    if unknown:
        raise MalformedResponse(f"unknown keys {', '.join(sorted(unknown))}")
    return answer


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
