"""Serves HTTP on a socket that is already bound."""

import socket
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack

from aiohttp import web

Handler = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


def base_url(listener: socket.socket) -> str:
    """Returns the URL of a listening socket."""
    host, port = listener.getsockname()
    return f"http://{host}:{port}"


async def listen(stack: AsyncExitStack, listener: socket.socket, handler: Handler) -> None:
    """Serves a handler on the socket until the stack closes."""
    # Bodies are passed on as they came: no decompression here.
    server = web.Server(
        _continuing(handler), access_log=None, auto_decompress=False, read_bufsize=1 << 20
    )
    runner = web.ServerRunner(server, shutdown_timeout=0.5)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    await web.SockSite(runner, listener).start()


def bind_anywhere() -> socket.socket:
    """Listens on a free port, whose requests wait until `listen` serves them."""
    return socket.create_server(("127.0.0.1", 0))


async def listen_anywhere(stack: AsyncExitStack, handler: Handler) -> str:
    """Serves a handler on a free port until the stack closes, and returns its URL."""
    listener = stack.enter_context(bind_anywhere())
    await listen(stack, listener, handler)
    return base_url(listener)


def _continuing(handler: Handler) -> Handler:
    async def handle(request: web.BaseRequest) -> web.StreamResponse:
        # boto3 waits a second for this before it sends a body; aiohttp's plain server omits it.
        if request.headers.get("Expect", "").lower() == "100-continue" and request.transport:
            request.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        return await handler(request)

    return handle
