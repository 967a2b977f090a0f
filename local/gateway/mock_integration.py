"""MOCK integrations, which CDK uses for CORS preflights."""

import json
import re
from collections.abc import Mapping
from typing import Any

import airspeed
from multidict import CIMultiDict

from local.assembly.resources.rest_api import Method, MockResponse, RestApi
from local.gateway.gateway_responses import CONFIGURATION, UNSUPPORTED_TYPE, Fault
from local.gateway.http_messages import ApiRequest, ApiResponse, is_binary

_STATUS = re.compile(r"""["']?statusCode["']?\s*:\s*(\d+)""")


def respond(api: RestApi, method: Method, request: ApiRequest) -> ApiResponse | Fault:
    """Evaluates the request template, and the response that its status selects."""
    template = _request_template(api, method, request)
    if isinstance(template, Fault):
        return template
    status = _STATUS.search(_render(template, request, {}))
    response = _select(method, status[1]) if status else None
    return _build_response(response, request) if response else CONFIGURATION


def _request_template(api: RestApi, method: Method, request: ApiRequest) -> str | Fault:
    binary = is_binary(request.media_type, api.binary_types)
    if binary and method.content_handling != "CONVERT_TO_TEXT":
        # API Gateway applies no template to a binary body. With */* as a binary type, every
        # preflight answers 500 unless its integration converts to text.
        return CONFIGURATION
    template = method.request_templates.get(request.media_type or "application/json")
    if template is None:
        return UNSUPPORTED_TYPE if not method.request_templates else CONFIGURATION
    return template


def _select(method: Method, status: str) -> MockResponse | None:
    for response in method.responses:
        if response.pattern and re.fullmatch(response.pattern, status):
            return response
    return next((r for r in method.responses if not r.pattern), None)


def _build_response(response: MockResponse, request: ApiRequest) -> ApiResponse:
    override: dict[str, Any] = {"header": {}, "status": None}
    body = ""
    for media_type, template in response.templates.items():
        body = _render(template, request, {"responseOverride": override})
        override.setdefault("type", media_type)
    headers = CIMultiDict({"Content-Type": override.get("type", "application/json")})
    for name, expression in response.headers.items():
        headers[name] = expression.strip("'")
    headers.update({name: str(value) for name, value in override["header"].items()})
    status = int(override["status"] or response.status)
    return ApiResponse(status, headers, b"" if status == 204 else body.strip().encode())


def _render(template: str, request: ApiRequest, context: Mapping[str, Any]) -> str:
    variables = {
        "input": _Input(request),
        "context": {
            "httpMethod": request.verb,
            "requestId": request.request_id,
            "identity": {"sourceIp": request.source_ip},
            **context,
        },
    }
    return str(airspeed.Template(template).merge(variables))


class _Input:
    """The variable `$input` of a mapping template, for a request without a body."""

    def __init__(self, request: ApiRequest) -> None:
        self._request = request

    def params(self) -> dict[str, dict[str, str]]:
        # Velocity compares a missing header with "" as equal, as the preflight template expects.
        return {"header": _Headers(self._request.headers), "path": {}, "querystring": {}}

    def json(self, _path: str) -> str:
        return json.dumps(self._request.body.decode("utf-8", "replace"))


class _Headers(dict[str, str]):
    def get(self, key: str, default: str | None = "") -> str | None:  # type: ignore[override]
        return super().get(key, default)
