"""Content codings of bodies: gzip and deflate. RFC 9110, sections 8.4 and 12.5.3."""

import zlib

from serving.api.headers.preferences import weights
from serving.api.routing import Response
from serving.errors import BadRequest, NotAcceptable, RequestTooLarge, UnsupportedCoding

MIB = 1024 * 1024
# Window sizes by which zlib reads and writes each coding.
WINDOWS = {"gzip": zlib.MAX_WBITS + 16, "deflate": zlib.MAX_WBITS}
# Some senders take deflate for the bare stream, without zlib's head and checksum.
BARE = -zlib.MAX_WBITS
SAME = {"x-gzip": "gzip"}
KNOWN = ", ".join(WINDOWS)
MAX_CODINGS = 3
# A gzip file may have many members; those of 64 KiB, as bgzip writes them, are 256 MiB.
MAX_MEMBERS = 4096
PIECE_BYTES = 64 * 1024
# Above a size, a body that grows more than this is no table of any use.
ANY_RATIO_BYTES = 4 * MIB
MAX_RATIO = 100
# Rows of numbers get hardly smaller by a higher level, which takes several times as long.
LEVEL = 1
PACKED_ALREADY = ("image/", "audio/", "video/", "application/zip", "application/gzip")


def unpack(body: bytes, header: str, limit: int) -> bytes:
    """Undo the codings of Content-Encoding.

    Args:
        limit: the most bytes that the body may have.

    Raises:
        UnsupportedCoding: one of them isn't known.
        RequestTooLarge: the body exceeds the limit, or grows out of all proportion.
        BadRequest: the body isn't what the header says.
    """
    codings = [SAME.get(name, name) for name, _ in weights(header) if name != "identity"]
    unknown = [name for name in codings if name not in WINDOWS]
    if unknown or len(codings) > MAX_CODINGS:
        told = f"{unknown[0]!r:.100} can't be unpacked" if unknown else "It is packed too often"
        raise UnsupportedCoding(f"{told}; send {KNOWN} or no coding.", field="Content-Encoding")
    most = min(limit, max(ANY_RATIO_BYTES, MAX_RATIO * len(body)))
    for name in reversed(codings):
        body = _unpacked(body, name, most) if body else body
    return body


def pack(response: Response, header: str, *, is_small: bool) -> None:
    """Pack the body as Accept-Encoding prefers, where that makes it smaller.

    Args:
        is_small: whether that gains nothing: it is packed where the header forbids anything else.

    Raises:
        NotAcceptable: the header forbids to send it unpacked, and takes no coding that is known.
    """
    coding, may_be_plain = _preferred(header)
    if coding is None and not may_be_plain:
        raise NotAcceptable(f"None of {header!r:.200} can be written; accept {KNOWN} or identity.")
    kind = response.headers.get("content-type", "")
    if coding is None or (may_be_plain and (is_small or kind.startswith(PACKED_ALREADY))):
        return
    packed = zlib.compress(response.body, LEVEL, WINDOWS[coding])
    if may_be_plain and len(packed) >= len(response.body):
        return
    response.body, response.is_text = packed, False
    response.headers["content-encoding"] = coding


def _unpacked(body: bytes, name: str, most: int) -> bytes:
    try:
        return _inflated(body, WINDOWS[name], most)
    except zlib.error as error:
        if name == "deflate":
            try:
                return _inflated(body, BARE, most)
            except zlib.error:
                pass
        text = f"The body isn't {name}, as Content-Encoding says: {error}."
        raise BadRequest(text, field="Content-Encoding") from error


def _inflated(body: bytes, window: int, most: int) -> bytes:
    """Unpack a body piece by piece; raises `zlib.error`, and `RequestTooLarge` in time."""
    parts, size, position = [], 0, 0
    for _ in range(MAX_MEMBERS):
        stream = zlib.decompressobj(window)
        while not stream.eof and position < len(body):
            piece = body[position : position + PIECE_BYTES]
            part = stream.decompress(piece, most - size + 1)
            size += len(part)
            if size > most:
                raise RequestTooLarge(
                    f"The body has more than {most} bytes once it is unpacked; send fewer "
                    "instances.",
                    field="Content-Encoding",
                )
            parts.append(part)
            position += len(piece) - len(stream.unused_data)
        if not stream.eof:
            raise zlib.error("it ends too early")
        rest = body[position : position + 1]
        if not rest or (rest == b"\0" and not body[position:].strip(b"\0")):  # padding
            return b"".join(parts)
        if window != WINDOWS["gzip"]:
            raise zlib.error("more follows after its end")
    raise zlib.error(f"it has more than {MAX_MEMBERS} members")


def _preferred(header: str) -> tuple[str | None, bool]:
    """Return the coding to use, and whether an answer without any is allowed."""
    accepted = {SAME.get(name, name): quality for name, quality in weights(header)}
    others = accepted.get("*", 0.0)
    plain = accepted.get("identity", accepted.get("*"))
    qualities = {name: accepted.get(name, others) for name in WINDOWS}
    best = max(qualities, key=lambda name: qualities[name])
    is_wanted = qualities[best] > 0 and qualities[best] >= accepted.get("identity", 0.0)
    return (best if is_wanted else None), plain is None or plain > 0
