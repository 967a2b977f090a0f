"""Messages of ASGI: https://asgi.readthedocs.io/en/latest/specs/www.html."""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import parse_qsl

from container.streaming import Stream
from serving.api.routing import Request, Response

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
GONE = "http.disconnect"


class ClientGone(Exception):
    """The client went away before its request was whole."""


def request(scope: Message, body: bytes) -> Request:
    """Return a request, its path as it was sent."""
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    path = scope["raw_path"].decode("ascii")
    sent = scope.get("query_string", b"").decode("latin-1")
    query = dict(parse_qsl(sent, keep_blank_values=True)) if sent else {}
    return Request(scope["method"], path, headers, body, query)


async def body(receive: Receive, limit: int) -> bytes | None:
    """Read the whole body; return None where it is larger than the limit.

    Raises:
        ClientGone: the client went away before the body's end.
    """
    parts, size, is_whole = [], 0, False
    while not is_whole:
        message = await receive()
        if message["type"] == GONE:
            raise ClientGone
        part: bytes = message.get("body", b"")
        size += len(part)
        if size <= limit:
            parts.append(part)
        is_whole = not message.get("more_body")
    if size > limit:
        return None
    return parts[0] if len(parts) == 1 else b"".join(parts)


async def start(send: Send, response: Response) -> None:
    """Send status and headers."""
    headers = [(name.encode(), value.encode()) for name, value in response.headers.items()]
    if not isinstance(response, Stream):
        headers.append((b"content-length", str(len(response.body)).encode()))
    await send({"type": "http.response.start", "status": response.status, "headers": headers})


async def close_when_gone(response: Stream, receive: Receive) -> None:
    """Close a stream when nobody reads it any longer."""
    while (await receive())["type"] != GONE:
        pass
    response.close()
