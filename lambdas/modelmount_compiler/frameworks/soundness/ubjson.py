"""Reads UBJSON, as XGBoost writes it, without trusting a length in it.

Format: https://ubjson.org, draft 12, with typed arrays of a known length. XGBoost stores numbers
with the highest byte first.
"""

import struct
from typing import Any

import numpy as np

DTYPES = {"i": ">i1", "U": ">u1", "I": ">i2", "l": ">i4", "L": ">i8", "d": ">f4", "D": ">f8"}
INTEGERS = "iUIlL"
DEEPEST = 64


def loads(data: bytes) -> Any:
    """Return the value in `data`, typed arrays as NumPy's; raises `ValueError`."""
    reader = _Reader(data)
    try:
        return reader.value(reader.marker(), 0)
    except (struct.error, IndexError, UnicodeDecodeError) as error:
        raise ValueError("it ends too early, or isn't UBJSON") from error


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def marker(self) -> str:
        found = chr(self._data[self._at])
        self._at += 1
        return self.marker() if found == "N" else found

    def value(self, marker: str, depth: int) -> Any:
        if depth > DEEPEST:
            raise ValueError(f"it is nested more than {DEEPEST} deep")
        if marker in DTYPES:
            return self._number(marker)
        if marker == "S":
            return self._text()
        if marker == "{":
            return self._object(depth)
        if marker == "[":
            return self._array(depth)
        if marker in "TFZ":
            return {"T": True, "F": False, "Z": None}[marker]
        if marker == "C":
            return self._bytes(1).decode()
        raise ValueError(f"it has the unknown marker {marker!r}")

    def _bytes(self, size: int) -> bytes:
        if not 0 <= size <= len(self._data) - self._at:
            raise ValueError(f"a length in it, {size}, is beyond its end")
        start, self._at = self._at, self._at + size
        return self._data[start : self._at]

    def _number(self, marker: str) -> Any:
        dtype = np.dtype(DTYPES[marker])
        return np.frombuffer(self._bytes(dtype.itemsize), dtype)[0].item()

    def _length(self) -> int:
        marker = self.marker()
        if marker not in INTEGERS:
            raise ValueError(f"a length in it is of the type {marker!r}")
        return int(self._number(marker))

    def _text(self) -> str:
        return self._bytes(self._length()).decode(errors="surrogateescape")

    def _object(self, depth: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for _ in self._items("}"):
            name = self._text()
            if name in found:
                raise ValueError(f"{name!r:.80} is given twice in one object")
            found[name] = self.value(self.marker(), depth + 1)
        return found

    def _array(self, depth: int) -> Any:
        if self._peek() == "$":
            self._at += 1
            marker = self.marker()
            if self.marker() != "#" or marker not in DTYPES:
                raise ValueError("it has a typed array of no length or no numbers")
            dtype = np.dtype(DTYPES[marker])
            data = self._bytes(self._length() * dtype.itemsize)
            return np.frombuffer(data, dtype).astype(dtype.newbyteorder("="))
        return [self.value(self.marker(), depth + 1) for _ in self._items("]")]

    def _items(self, end: str) -> Any:
        """Yield for each item: as many as are announced, or until the end."""
        if self._peek() == "#":
            self._at += 1
            size = self._length()
            if size > len(self._data) - self._at:
                raise ValueError(f"a length in it, {size}, is beyond its end")
            yield from range(max(size, 0))
            return
        while self._peek() != end:
            yield None
        self._at += 1

    def _peek(self) -> str:
        return chr(self._data[self._at])
