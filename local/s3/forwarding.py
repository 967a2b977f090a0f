"""Parts of requests and answers that the proxy passes on."""

from collections.abc import AsyncIterator, Mapping

from aiohttp import ClientResponse, web
from multidict import CIMultiDict

CHUNK_BYTES = 1 << 20
_HOP_BY_HOP = {
    "connection", "expect", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade",
}  # fmt: skip


async def stream_body(request: web.BaseRequest) -> AsyncIterator[bytes]:
    """Yields the body of a request in chunks."""
    async for chunk in request.content.iter_chunked(CHUNK_BYTES):
        yield chunk


async def read_body(request: web.BaseRequest) -> AsyncIterator[bytes] | bytes | None:
    """Returns the body to pass on: whole if it came in chunks, which moto's server can't read."""
    if not request.body_exists:
        return None
    if request.content_length is not None:
        return stream_body(request)
    return b"".join([chunk async for chunk in stream_body(request)])


async def read_response(answer: ClientResponse) -> web.Response:
    """Reads a whole answer to pass on."""
    return web.Response(
        status=answer.status, headers=end_to_end_headers(answer.headers), body=await answer.read()
    )


def end_to_end_headers(headers: Mapping[str, str]) -> CIMultiDict[str]:
    """Returns the headers that are not for this connection alone."""
    return CIMultiDict((k, v) for k, v in headers.items() if k.lower() not in _HOP_BY_HOP)
