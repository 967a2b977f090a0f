"""Serves the stage of a REST API: routes, size limits and integrations."""

import asyncio
import json
import logging
import time
import uuid
from collections.abc import Mapping

from aiohttp import web
from multidict import CIMultiDict

from local.assembly.assembly import Assembly
from local.assembly.resources.rest_api import Method, RestApi
from local.functions.execution_environment_pool import ExecutionEnvironmentPool, PayloadTooLarge
from local.functions.runtime_api import Invocation, InvocationResult
from local.gateway import content_decoding, mock_integration
from local.gateway.access_control import AccessControl
from local.gateway.gateway_responses import (
    BAD_GATEWAY,
    CONFIGURATION,
    NOT_FOUND,
    TIMEOUT,
    TOO_LARGE,
    TOO_LARGE_FOR_LAMBDA,
    Fault,
    render_fault,
)
from local.gateway.http_messages import ApiRequest, ApiResponse
from local.gateway.proxy_event import build_proxy_event
from local.gateway.proxy_response import MalformedResponse, parse_proxy_response
from local.gateway.routing import Route, match_route

PAYLOAD_LIMIT = 10_485_760  # bytes

_log = logging.getLogger("local")


class ApiGateway:
    """Serves one stage under `/<stage>`, as AWS does.

    Args:
        access_control: refuses callers; None admits everybody.
    """

    def __init__(
        self,
        api: RestApi,
        assembly: Assembly,
        pools: Mapping[str, ExecutionEnvironmentPool],
        access_control: AccessControl | None = None,
    ) -> None:
        self._api = api
        self._assembly = assembly
        self._pools = pools
        self._access_control = access_control
        self._running: set[asyncio.Task[InvocationResult]] = set()

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answers a request."""
        incoming, fault = await self._read(request)
        response = fault or await self._route(incoming)
        if isinstance(response, Fault):
            response = render_fault(self._api, response, incoming)
        response.headers.setdefault("x-amzn-RequestId", incoming.request_id)
        response.headers.setdefault("x-amz-apigw-id", incoming.request_id)
        return web.Response(status=response.status, headers=response.headers, body=response.body)

    async def _read(self, request: web.BaseRequest) -> tuple[ApiRequest, Fault | None]:
        path, _, query = _origin_form(request.raw_path).partition("?")
        prefix = f"/{self._api.stage}"
        fault = None if path == prefix or path.startswith(f"{prefix}/") else NOT_FOUND
        body = bytearray()
        async for chunk in request.content.iter_chunked(1 << 16):
            body += chunk
            if len(body) > PAYLOAD_LIMIT:
                fault, body = TOO_LARGE, bytearray()
                break
        return (
            ApiRequest(
                verb=request.method,
                path=path.removeprefix(prefix) or "/",
                query=query,
                headers=_event_headers(request),
                body=bytes(body),
                source_ip=request.remote or "127.0.0.1",
            ),
            fault,
        )

    async def _route(self, request: ApiRequest) -> ApiResponse | Fault:
        route = match_route(self._api.methods, request.verb, request.path)
        if route is None:
            return NOT_FOUND
        if self._access_control:
            admitted = self._access_control.admit(route.method, request)
            if isinstance(admitted, Fault):
                return admitted
            request = admitted
        unpacked = content_decoding.unpack(request, PAYLOAD_LIMIT)
        if isinstance(unpacked, Fault):
            return unpacked
        request = unpacked
        if route.method.function_arn is None:
            return mock_integration.respond(self._api, route.method, request)
        if not self._permitted(route.method, request.verb):
            _log.error(
                "%s %s: API Gateway may not invoke %s: an AWS::Lambda::Permission is missing",
                request.verb,
                route.method.path,
                route.method.function_arn,
            )
            return CONFIGURATION
        pool = self._pools[self._assembly.invoked(route.method.function_arn)]
        return await self._invoke(route, pool, request)

    def _permitted(self, method: Method, verb: str) -> bool:
        segments = ["*" if s.startswith("{") else s for s in method.path.split("/")]
        source = f"{self._api.arn}/{self._api.stage}/{verb}{'/'.join(segments)}"
        return self._assembly.permits(method.function_arn or "", "apigateway.amazonaws.com", source)

    async def _invoke(
        self, route: Route, pool: ExecutionEnvironmentPool, request: ApiRequest
    ) -> ApiResponse | Fault:
        event = build_proxy_event(
            self._api, self._assembly.account, route.method, request, route.parameters
        )
        payload = json.dumps(event, ensure_ascii=False).encode()
        # The function runs on after API Gateway has given up, as on AWS.
        task = asyncio.create_task(pool.invoke(Invocation(payload)))
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        try:
            result = await asyncio.wait_for(asyncio.shield(task), route.method.timeout)
        except TimeoutError:
            return TIMEOUT
        except PayloadTooLarge:
            return TOO_LARGE_FOR_LAMBDA
        return self._interpret(result, request, route)

    def _interpret(
        self, result: InvocationResult, request: ApiRequest, route: Route
    ) -> ApiResponse | Fault:
        if result.error:
            return BAD_GATEWAY
        try:
            return parse_proxy_response(result.payload, request, self._api.binary_types)
        except MalformedResponse as error:
            _log.error("%s %s: malformed answer: %s", request.verb, route.method.path, error)
            return BAD_GATEWAY


def _origin_form(target: str) -> str:
    """Returns a request's target without scheme and host, which clients of proxies send."""
    if target.startswith("/"):
        return target
    _, _, rest = target.partition("://")
    return f"/{rest.partition('/')[2]}"


def _latin_1(value: str) -> str:
    try:
        value.encode()
    except UnicodeEncodeError:
        return value.encode("utf-8", "surrogateescape").decode("latin-1")
    return value


def _event_headers(request: web.BaseRequest) -> CIMultiDict[str]:
    """Returns the client's headers with those that API Gateway adds."""
    # Bytes that aren't UTF-8 are taken for Latin-1, in which HTTP once was.
    headers = CIMultiDict(
        (name, value if value.isprintable() else _latin_1(value))
        for name, value in request.headers.items()
    )
    headers["X-Amzn-Trace-Id"] = f"Root=1-{int(time.time()):08x}-{uuid.uuid4().hex[:24]}"
    headers["X-Forwarded-For"] = request.remote or "127.0.0.1"
    headers["X-Forwarded-Port"] = str(request.url.port or 80)
    headers["X-Forwarded-Proto"] = request.scheme
    return headers
