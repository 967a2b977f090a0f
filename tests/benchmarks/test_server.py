"""The load that the servers are measured with."""

import asyncio

import pytest

from benchmarks.server import load

SENT = load.request("/x", b"asked")


def measured(answer: bytes, connections: int) -> dict[str, float]:
    """Measure a server that answers everything with these bytes, in two parts."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await reader.readexactly(len(SENT)) == SENT:
                writer.write(answer[:-1])
                await writer.drain()
                writer.write(answer[-1:])
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def run() -> dict[str, float]:
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        try:
            return await asyncio.wait_for(load.measure(port, SENT, connections, 0.2), 60)
        finally:
            server.close()

    return asyncio.run(run())


def test_each_connection_asks_on_and_on() -> None:
    run = measured(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nyes", 3)
    assert run["per_second"] * 0.2 > 3
    assert 0 < run["p50_ms"] <= run["p99_ms"]


def test_a_server_that_falls_silent_ends_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load, "SILENT_SECONDS", 0.0)
    with pytest.raises(TimeoutError):
        measured(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nyes", 2)


def test_what_is_no_success_ends_the_run() -> None:
    with pytest.raises(RuntimeError, match="400"):
        measured(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 3\r\n\r\nbad", 1)
