"""A file of which only so many bytes are read."""

import io
from typing import Any

CHUNK_BYTES = 1024 * 1024


class Trailing(Exception):
    """More follows a compressed stream, where joblib would look for ever."""


class OneStream:
    """Stands for the decompressor of joblib's zlib and gzip files, and ends with its stream.

    joblib gives what follows the end of the stream to the same decompressor, again and again.
    """

    def __init__(self, decompressor: Any) -> None:
        self._decompressor = decompressor

    @property
    def unused_data(self) -> bytes:
        """Refuse what follows the end."""
        if self._decompressor.unused_data:
            raise Trailing("other data follows the compressed model")
        return b""

    def decompress(self, data: bytes) -> bytes:
        """Unpack the next part."""
        unpacked: bytes = self._decompressor.decompress(data)
        return unpacked


class BoundedFile:
    """A file of which only so many bytes are read, because a compressed one may hold any number."""

    def __init__(self, file: io.BufferedReader, max_bytes: int) -> None:
        self._file = file
        self._left = max_bytes
        raw: Any = getattr(file, "raw", None)
        if hasattr(raw, "_decompressor") and hasattr(raw._decompressor, "unused_data"):
            raw._decompressor = OneStream(raw._decompressor)

    def read(self, size: int) -> bytes:
        """Read at most `size` bytes."""
        if size > self._left:  # before memory is allocated for a size that an opcode only claims
            raise MemoryError
        return self._counted(self._file.read(size))

    def readline(self) -> bytes:
        """Read to the end of the line, or to the limit."""
        return self._counted(self._file.readline(self._left))

    def _counted(self, data: bytes) -> bytes:
        self._left -= len(data)
        return data

    def skip(self, size: int) -> None:
        """Read `size` bytes and discard them."""
        while size > 0:
            skipped = len(self.read(min(size, CHUNK_BYTES)))
            if not skipped:
                raise EOFError("the data of an array ends too early")
            size -= skipped

    def at_end(self) -> bool:
        """Whether nothing is left."""
        return not self._file.peek(1)
