"""The errors that API Gateway answers itself, in the form that the template gives them.

https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
"""

import json
import re
from dataclasses import dataclass

from multidict import CIMultiDict

from local.assembly.resources.rest_api import GatewayResponse, RestApi
from local.gateway.http_messages import ApiRequest, ApiResponse


@dataclass(frozen=True)
class Fault:
    """An error that API Gateway answers itself."""

    kind: str
    status: int
    message: str


# A status that has no type of its own (502) is API Gateway's DEFAULT_5XX.
BAD_GATEWAY = Fault("DEFAULT_5XX", 502, "Internal server error")
CONFIGURATION = Fault("API_CONFIGURATION_ERROR", 500, "Internal server error")
INVALID_API_KEY = Fault("INVALID_API_KEY", 403, "Forbidden")
NOT_FOUND = Fault("MISSING_AUTHENTICATION_TOKEN", 403, "Missing Authentication Token")
THROTTLED = Fault("THROTTLED", 429, "Too Many Requests")
TIMEOUT = Fault("INTEGRATION_TIMEOUT", 504, "Endpoint request timed out")
TOO_LARGE = Fault("REQUEST_TOO_LARGE", 413, "HTTP content length exceeded 10485760 bytes.")
TOO_LARGE_FOR_LAMBDA = Fault("REQUEST_TOO_LARGE", 413, "Request Too Long")
UNSUPPORTED_CODING = Fault("UNSUPPORTED_MEDIA_TYPE", 415, "Unsupported Media Type")
UNSUPPORTED_TYPE = Fault("UNSUPPORTED_MEDIA_TYPE", 415, "Unsupported Media Type")

_DEFAULT_TEMPLATES = {"application/json": '{"message":$context.error.messageString}'}
_VARIABLE = re.compile(r"\$(?:\{context\.([\w.]+)\}|context\.(\w+(?:\.\w+)*))")


def render_fault(api: RestApi, fault: Fault, request: ApiRequest) -> ApiResponse:
    """Builds the answer from the template's form for this type, or for DEFAULT_4XX or _5XX."""
    custom = api.gateway_responses.get(fault.kind) or api.gateway_responses.get(
        f"DEFAULT_{fault.status // 100}XX"
    )
    headers = CIMultiDict({"x-amzn-RequestId": request.request_id, "x-amzn-ErrorType": fault.kind})
    if custom is None:
        custom = GatewayResponse(fault.kind, None, {}, {})
    variables = _variables(api, fault, request)
    for name, expression in custom.headers.items():
        value = _parameter(expression, request, variables)
        if value is not None:
            headers[name] = value
    media_type, template = next(iter((custom.templates or _DEFAULT_TEMPLATES).items()))
    headers.setdefault("Content-Type", media_type)
    # Not VTL: API Gateway only puts variables in here.
    body = _VARIABLE.sub(lambda match: variables.get(match[1] or match[2], ""), template)
    return ApiResponse(custom.status or fault.status, headers, body.encode())


def _variables(api: RestApi, fault: Fault, request: ApiRequest) -> dict[str, str]:
    return {
        "apiId": api.id,
        "error.message": fault.message,
        "error.messageString": json.dumps(fault.message),
        "error.responseType": fault.kind,
        "httpMethod": request.verb,
        "identity.sourceIp": request.source_ip,
        "path": f"/{api.stage}{request.path}",
        "requestId": request.request_id,
        "extendedRequestId": request.request_id,
        "stage": api.stage,
    }


def _parameter(expression: str, request: ApiRequest, variables: dict[str, str]) -> str | None:
    """Evaluates a header: `'static'`, `context.…` or `method.request.header.…`."""
    if expression.startswith("'"):
        return expression.strip("'")
    if expression.startswith("context."):
        return variables.get(expression.removeprefix("context."), "")
    if expression.startswith("method.request.header."):
        return request.headers.get(expression.removeprefix("method.request.header."))
    return None
