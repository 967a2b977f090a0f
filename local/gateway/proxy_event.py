"""The event that API Gateway's Lambda proxy integration passes to a function.

https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
"""

import base64
import time
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from urllib.parse import parse_qsl

from local.assembly.resources.rest_api import Method, RestApi
from local.gateway.http_messages import ApiRequest, is_binary
from local.json_types import JsonObject, JsonValue

_IDENTITY = (
    "cognitoIdentityPoolId", "accountId", "cognitoIdentityId", "caller", "sourceIp",
    "principalOrgId", "accessKey", "cognitoAuthenticationType", "cognitoAuthenticationProvider",
    "userArn", "userAgent", "user",
)  # fmt: skip


def build_proxy_event(
    api: RestApi, account: str, method: Method, request: ApiRequest, parameters: Mapping[str, str]
) -> JsonObject:
    """Builds the event of a request, in format version 1.0."""
    query = parse_qsl(request.query, keep_blank_values=True)
    binary = is_binary(request.media_type, api.binary_types)
    return {
        "resource": method.path,
        "path": request.path,
        "httpMethod": request.verb,
        "headers": _last_values(request.headers.items()),
        "multiValueHeaders": _all_values(request.headers.items()),
        "queryStringParameters": _last_values(query) or None,
        "multiValueQueryStringParameters": _all_values(query) or None,
        "pathParameters": dict(parameters) or None,
        "stageVariables": None,
        "requestContext": _context(api, account, method, request),
        "body": _body(request.body, binary=binary) if request.body else None,
        "isBase64Encoded": bool(request.body) and binary,
    }


def _body(body: bytes, *, binary: bool) -> str:
    if binary:
        return base64.b64encode(body).decode()
    # API Gateway decodes text as UTF-8; other bytes become the replacement character.
    return body.decode("utf-8", "replace")


def _last_values(pairs: Iterable[tuple[str, str]]) -> JsonObject:
    return dict(pairs)


def _all_values(pairs: Iterable[tuple[str, str]]) -> JsonObject:
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
