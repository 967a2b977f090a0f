"""Slow clients, beside one that isn't."""

import asyncio
import socket

import pytest
from aiohttp import ClientSession, web

from local.http_listener import ImpatientServer

pytestmark = pytest.mark.slow
HEAD = b"POST / HTTP/1.1\r\nHost: x\r\n"


async def _count(request: web.BaseRequest) -> web.StreamResponse:
    return web.Response(text=str(len(await request.read())))


async def _answers(*sent: bytes, pause: float = 0.0) -> list[bytes]:
    """Serve, send each text on a connection of its own, and return all that comes back."""
    runner = web.ServerRunner(ImpatientServer(_count, stall_seconds=0.5), shutdown_timeout=0.1)
    await runner.setup()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        await web.SockSite(runner, listener).start()
        port = listener.getsockname()[1]
        try:
            url = f"http://127.0.0.1:{port}/"
            slow = [asyncio.create_task(_send(port, text, pause)) for text in sent]
            await asyncio.sleep(0.1)
            async with ClientSession() as session, session.post(url, data=b"abc") as answer:
                assert await answer.text() == "3"
            return await asyncio.wait_for(asyncio.gather(*slow), timeout=10)
        finally:
            await runner.cleanup()


async def _send(port: int, text: bytes, pause: float) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        for piece in text.split(b"|"):
            writer.write(piece)
            await asyncio.sleep(pause)
        return await reader.read()
    finally:
        writer.close()
        await writer.wait_closed()


def test_a_head_that_does_not_come_closes_the_connection() -> None:
    assert asyncio.run(_answers(b"", HEAD, b"POST")) == [b"", b"", b""]


def test_a_body_that_stops_is_answered_and_closed() -> None:
    (answer,) = asyncio.run(_answers(HEAD + b"Content-Length: 9\r\n\r\nab"))
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b"connection: close" in answer.lower()


def test_a_slow_body_that_goes_on_is_taken() -> None:
    body = b"Connection: close\r\nContent-Length: 5\r\n\r\na|b|c|d|e"
    (answer,) = asyncio.run(_answers(HEAD + body, pause=0.3))
    assert answer.startswith(b"HTTP/1.1 200 ")
    assert answer.endswith(b"5")
