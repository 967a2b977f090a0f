"""An object's content in a file, in place of the buffer that moto keeps in memory."""

import os
import uuid
from pathlib import Path
from typing import Any

from moto.s3.models import FakeKey

CHUNK_BYTES = 1 << 20


class StoredBody:
    """A read-only file object that opens its file for each read: thousands may exist at once."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._position = 0

    def seek(self, position: int) -> int:
        """Sets the position of the next read."""
        self._position = position
        return position

    def read(self, size: int = -1) -> bytes:
        """Reads from the position on."""
        with self.path.open("rb") as file:
            file.seek(self._position)
            data = file.read(size)
        self._position += len(data)
        return data

    def close(self) -> None:
        """Does nothing: no file is open between two reads."""


def store_body(key: FakeKey, folder: Path) -> str:
    """Moves an object's content from memory into a new, synced file; returns the file's name."""
    buffer: Any = key._value_buffer  # moto has no public way to it
    if isinstance(buffer, StoredBody):
        return buffer.path.name
    path = folder / uuid.uuid4().hex
    with key.lock, path.open("wb") as file:
        buffer.seek(0)
        while chunk := buffer.read(CHUNK_BYTES):
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
        key._value_buffer = StoredBody(path)  # type: ignore[assignment]
    buffer.close()
    return path.name
