"""Load: each connection sends its next request as soon as it has the answer to the last one."""

import asyncio
import re
import statistics
import time

import uvloop

LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
END = b"\r\n\r\n"
SILENT_SECONDS = 60.0


def request(path: str, body: bytes) -> bytes:
    """Return a request of JSON, as it goes over the wire."""
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    return f"{head}Accept: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


def run(port: int, sent: bytes, connections: int, seconds: float) -> dict[str, float]:
    """Ask for so many seconds; return the rate and times in ms."""
    return uvloop.run(measure(port, sent, connections, seconds))


async def measure(port: int, sent: bytes, connections: int, seconds: float) -> dict[str, float]:
    """Do the same in a loop that is there; raises `TimeoutError` where an answer doesn't come."""
    loop = asyncio.get_running_loop()
    end = time.perf_counter() + seconds
    opened = [
        (await loop.create_connection(lambda: _Connection(sent, end), "127.0.0.1", port))[1]
        for _ in range(connections)
    ]
    begun = time.perf_counter()
    for each in opened:
        each.send()
    # A server that stops answering ends the run with an error, and doesn't hold it up for ever.
    try:
        async with asyncio.timeout(seconds + SILENT_SECONDS):
            await asyncio.gather(*(each.ended for each in opened))
    finally:
        for each in opened:
            each.close()
    took = time.perf_counter() - begun
    times = sorted(ms for each in opened for ms in each.times)
    return {
        "per_second": len(times) / took,
        "p50_ms": statistics.median(times),
        "p99_ms": times[int(len(times) * 0.99)],
    }


class _Connection(asyncio.Protocol):
    def __init__(self, sent: bytes, end: float) -> None:
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.times: list[float] = []
        self._sent, self._end = sent, end
        self._received, self._expected, self._begun = b"", 0, 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def send(self) -> None:
        """Send the next request."""
        self._received, self._expected = b"", 0
        self._begun = time.perf_counter()
        self._transport.write(self._sent)  # type: ignore[attr-defined]  # of a stream it can

    def close(self) -> None:
        """Close the connection, if it is open."""
        self._transport.close()

    def data_received(self, data: bytes) -> None:
        self._received += data
        if not self._expected and (head := self._received.find(END)) >= 0:
            length = LENGTH.search(self._received, 0, head)
            if length is None or not self._received.startswith(b"HTTP/1.1 200"):
                self.connection_lost(RuntimeError(self._received[:2000].decode()))
                self._transport.close()
                return
            self._expected = head + len(END) + int(length[1])
        if self._expected and len(self._received) >= self._expected:
            now = time.perf_counter()
            self.times.append((now - self._begun) * 1e3)
            if now < self._end:
                self.send()
            else:
                self._transport.close()
                self.ended.set_result(None)

    def connection_lost(self, error: Exception | None) -> None:
        if not self.ended.done():
            self.ended.set_exception(error or ConnectionError("the server closed the connection"))
