"""Reads tables of FlatBuffers without trusting an offset in them.

Format: https://flatbuffers.dev/internals. A table begins with the distance back to its vtable, and
the vtable has for each field its place in the table; 0 where it isn't there.
"""

import struct
from typing import Any

import numpy as np


class Table:
    """A table; fields are asked for by their number in the schema.

    Raises:
        ValueError: an offset leads out of the buffer.
    """

    def __init__(self, data: bytes, at: int) -> None:
        self._data, self._at = data, at
        self._vtable = at - _unpack("<i", data, at)
        self._size = _unpack("<H", data, self._vtable)

    def number(self, field: int, code: str, default: Any = 0) -> Any:
        """Return a number; `code` is that of the module `struct`."""
        at = self._place(field)
        return default if at is None else _unpack(f"<{code}", self._data, at)

    def numbers(self, field: int, dtype: str) -> Any:
        """Return a vector of numbers or structs, shape (n,)."""
        kind = np.dtype(dtype)
        start, size = self._vector(field, kind.itemsize)
        return np.frombuffer(self._data, kind, size, start)

    def table(self, field: int) -> "Table | None":
        """Return a table in this one."""
        at = self._place(field)
        return None if at is None else Table(self._data, _follow(self._data, at))

    def tables(self, field: int) -> list["Table"]:
        """Return a vector of tables."""
        start, size = self._vector(field, 4)
        return [Table(self._data, _follow(self._data, start + 4 * k)) for k in range(size)]

    def _place(self, field: int) -> int | None:
        where = 4 + 2 * field
        if where + 2 > self._size:
            return None
        offset = _unpack("<H", self._data, self._vtable + where)
        return self._at + offset if offset else None

    def _vector(self, field: int, itemsize: int) -> tuple[int, int]:
        """Return where the first item of a vector is, and how many there are."""
        at = self._place(field)
        if at is None:
            return 0, 0
        start = _follow(self._data, at)
        size = _unpack("<I", self._data, start)
        if size * itemsize > len(self._data) - start - 4:
            raise ValueError(f"a list of {size} items ends beyond the end")
        return start + 4, size


def root(data: bytes) -> Table:
    """Return the outermost table of a buffer."""
    return Table(data, _follow(data, 0))


def _follow(data: bytes, at: int) -> int:
    return at + int(_unpack("<I", data, at))


def _unpack(code: str, data: bytes, at: int) -> Any:
    if not 0 <= at <= len(data) - struct.calcsize(code):
        raise ValueError("an offset leads out of it")
    return struct.unpack_from(code, data, at)[0]
