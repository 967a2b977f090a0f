"""Reads compressed files chunk by chunk; how one is packed is told by its first bytes."""

import bz2
import gzip
import lzma
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

CHUNK_BYTES = 1024 * 1024
# A damaged stream of bzip2 is a plain OSError, as a fault of the file system is: it has no errno.
DAMAGED = (gzip.BadGzipFile, lzma.LZMAError, zlib.error, EOFError)
OPENERS: dict[bytes, Callable[..., Any]] = {
    b"\x1f\x8b": gzip.open,
    b"BZh": bz2.open,
    b"\xfd7zXZ": lzma.open,
    b"\x5d\x00\x00": lzma.open,
}
ZLIB = (b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda")


def chunks(path: Path) -> Iterator[bytes]:
    """Yield the content, unpacked where it is packed; raises `DAMAGED` or `OSError`."""
    with path.open("rb") as file:
        start = file.read(8)
    if start.startswith(ZLIB):
        yield from _inflated(path)
        return
    opener = next((known for mark, known in OPENERS.items() if start.startswith(mark)), open)
    with opener(path, "rb") as unpacked:
        while chunk := unpacked.read(CHUNK_BYTES):
            yield chunk


def _inflated(path: Path) -> Iterator[bytes]:
    """Yield the content of a zlib stream, which has no file object in Python."""
    inflate = zlib.decompressobj()
    with path.open("rb") as file:
        while not inflate.eof:
            data = inflate.unconsumed_tail or file.read(CHUNK_BYTES)
            if not data:
                raise EOFError("the stream ends too early")
            yield inflate.decompress(data, CHUNK_BYTES)
        if inflate.unused_data or file.read(1):
            raise zlib.error("other data follows the stream")
