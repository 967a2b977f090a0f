"""Lambda's Runtime API for one process.

https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""

import asyncio
import json
import time
import uuid
from dataclasses import dataclass, field

from aiohttp import web

RESPONSE_LIMIT = 6_291_556  # bytes: Lambda's 6 MB, and 100
_PREFIX = "/2018-06-01/runtime"


@dataclass(frozen=True)
class Invocation:
    """A function's input and the request's id."""

    payload: bytes
    request_id: str = field(default_factory=lambda: str(uuid.uuid4()))


@dataclass(frozen=True)
class InvocationResult:
    """A function's output as JSON.

    Attributes:
        error: `Unhandled` if the output describes an error.
    """

    payload: bytes
    error: str | None = None

    @classmethod
    def failed(cls, message: str, kind: str | None = None) -> "InvocationResult":
        """Builds a failure that Lambda itself reports."""
        body = {"errorMessage": message} | ({"errorType": kind} if kind else {})
        return cls(json.dumps(body).encode(), "Unhandled")

    @property
    def summary(self) -> str:
        """The error in one line."""
        try:
            body = json.loads(self.payload)
        except ValueError:
            return repr(self.payload[:200])
        kind, message = body.get("errorType", "error"), body.get("errorMessage", "")
        return f"{kind}: {message}".replace("\n", " ")[:400]


class RuntimeApi:
    """Serves one process on a loopback port of its own."""

    def __init__(self, function_arn: str) -> None:
        self._arn = function_arn
        self._waiting: asyncio.Queue[tuple[Invocation, float]] = asyncio.Queue(1)
        self._outcome: asyncio.Future[InvocationResult] | None = None
        self.polling = asyncio.Event()
        self.init_failure: asyncio.Future[InvocationResult] = (
            asyncio.get_running_loop().create_future()
        )
        app = web.Application(client_max_size=RESPONSE_LIMIT + 1)
        app.router.add_get(f"{_PREFIX}/invocation/next", self._next)
        app.router.add_post(f"{_PREFIX}/invocation/{{id}}/response", self._response)
        app.router.add_post(f"{_PREFIX}/invocation/{{id}}/error", self._error)
        app.router.add_post(f"{_PREFIX}/init/error", self._init_error)
        # The process is killed before this closes: nobody is left to wait for (0 means for ever).
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.01)
        self.address = ""

    async def start(self) -> None:
        """Listens on `address`, the value of AWS_LAMBDA_RUNTIME_API."""
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        host, port = self._runner.addresses[0][:2]
        self.address = f"{host}:{port}"

    async def close(self) -> None:
        """Stops listening."""
        await self._runner.cleanup()

    def submit(self, invocation: Invocation, timeout: float) -> asyncio.Future[InvocationResult]:
        """Hands over an invocation; the future is its outcome."""
        self.polling.clear()
        self._outcome = asyncio.get_running_loop().create_future()
        self._waiting.put_nowait((invocation, time.time() + timeout))
        return self._outcome

    async def _next(self, _request: web.Request) -> web.Response:
        self.polling.set()
        invocation, deadline = await self._waiting.get()
        trace = f"Root=1-{int(time.time()):08x}-{uuid.uuid4().hex[:24]};Sampled=0"
        return web.Response(
            body=invocation.payload,
            content_type="application/json",
            headers={
                "Lambda-Runtime-Aws-Request-Id": invocation.request_id,
                "Lambda-Runtime-Deadline-Ms": str(int(deadline * 1000)),
                "Lambda-Runtime-Invoked-Function-Arn": self._arn,
                "Lambda-Runtime-Trace-Id": trace,
            },
        )

    async def _response(self, request: web.Request) -> web.Response:
        try:
            body = await request.read()
        except web.HTTPRequestEntityTooLarge:
            self._finish(
                InvocationResult.failed(
                    "Response payload size exceeded maximum allowed payload size "
                    f"({RESPONSE_LIMIT} bytes).",
                    "Function.ResponseSizeTooLarge",
                )
            )
            raise
        self._finish(InvocationResult(body))
        return web.json_response({"status": "OK"}, status=202)

    async def _error(self, request: web.Request) -> web.Response:
        self._finish(InvocationResult(await request.read(), "Unhandled"))
        return web.json_response({"status": "OK"}, status=202)

    async def _init_error(self, request: web.Request) -> web.Response:
        self.init_failure.set_result(InvocationResult(await request.read(), "Unhandled"))
        return web.json_response({"status": "OK"}, status=202)

    def _finish(self, result: InvocationResult) -> None:
        if self._outcome is not None and not self._outcome.done():
            self._outcome.set_result(result)
