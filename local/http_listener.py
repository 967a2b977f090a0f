"""Serves HTTP on a socket that is already bound."""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack

from aiohttp import web
from aiohttp.web_protocol import RequestHandler

Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]
# Connections are closed whose request makes no progress for so long.
STALL_SECONDS = 60.0


class ImpatientServer(web.Server):
    """A server that closes connections whose requests stall."""

    def __init__(self, handler: Handler, *, stall_seconds: float = STALL_SECONDS) -> None:
        # Bodies are passed on as they came: no decompression here.
        super().__init__(self._handle, access_log=None, auto_decompress=False, read_bufsize=1 << 20)
        self._handler = _continuing(handler)
        self._stall_seconds = stall_seconds
        self._asked: set[RequestHandler] = set()

    def __call__(self) -> RequestHandler:
        """Makes the protocol of a new connection, which has to send a request's head in time."""
        protocol = super().__call__()
        loop = asyncio.get_running_loop()
        loop.call_later(self._stall_seconds, self._close_unless_asked, protocol)
        return protocol

    def connection_lost(self, handler: RequestHandler, exc: BaseException | None = None) -> None:
        """Forgets the connection."""
        self._asked.discard(handler)
        super().connection_lost(handler, exc)

    def _close_unless_asked(self, protocol: RequestHandler) -> None:
        if protocol not in self._asked:
            protocol.force_close()

    async def _handle(self, request: web.BaseRequest) -> web.StreamResponse:
        self._asked.add(request.protocol)
        watch = asyncio.create_task(self._watch(request)) if request.body_exists else None
        try:
            return await self._handler(request)
        except Exception:
            if watch is None or not watch.done() or not watch.result():
                raise
            return _closing(web.Response(status=408, text="The request's body didn't come.\n"))
        finally:
            if watch is not None:
                watch.cancel()

    async def _watch(self, request: web.BaseRequest) -> bool:
        """Whether the body stopped; whoever reads it then gets an exception."""
        received = -1
        while not request.content.is_eof():
            if request.content.total_bytes == received:
                request.content.set_exception(TimeoutError("the body makes no progress"))
                return True
            received = request.content.total_bytes
            await asyncio.sleep(self._stall_seconds)
        return False


def _closing(response: web.Response) -> web.Response:
    response.force_close()
    return response


def base_url(listener: socket.socket) -> str:
    """Returns the URL of a listening socket."""
    host, port = listener.getsockname()
    return f"http://{host}:{port}"


async def listen(stack: AsyncExitStack, listener: socket.socket, handler: Handler) -> None:
    """Serves a handler on the socket until the stack closes."""
    runner = web.ServerRunner(ImpatientServer(handler), shutdown_timeout=0.5)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    await web.SockSite(runner, listener).start()


async def listen_anywhere(stack: AsyncExitStack, handler: Handler) -> str:
    """Serves a handler on a free port until the stack closes, and returns its URL."""
    listener = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
    await listen(stack, listener, handler)
    return base_url(listener)


def _continuing(handler: Handler) -> Handler:
    async def handle(request: web.BaseRequest) -> web.StreamResponse:
        # boto3 waits a second for this before it sends a body; aiohttp's plain server omits it.
        if request.headers.get("Expect", "").lower() == "100-continue" and request.transport:
            request.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        return await handler(request)

    return handle
