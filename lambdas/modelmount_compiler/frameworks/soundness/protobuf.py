"""Reads messages of Protocol Buffers as lists of fields, without their schema.

Format: https://protobuf.dev/programming-guides/encoding. Nothing is copied but what is asked for.
"""

from collections.abc import Iterator

import numpy as np

NUMBER, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5  # wire types
Field = int | memoryview


class Message:
    """The fields of a message by number, each a list in the order of the file.

    Raises:
        ValueError: a field ends beyond the message.
    """

    def __init__(self, data: memoryview) -> None:
        self._fields: dict[int, list[Field]] = {}
        for number, value in _fields(data):
            self._fields.setdefault(number, []).append(value)

    def messages(self, number: int) -> Iterator["Message"]:
        """Yield the messages in a repeated field."""
        for value in self.bytes(number):
            yield Message(value)

    def message(self, number: int) -> "Message | None":
        """Return the message in a field; of several a parser would make one."""
        found = self.bytes(number)
        if len(found) > 1:
            raise ValueError(f"its field {number} is given {len(found)} times")
        return Message(found[0]) if found else None

    def bytes(self, number: int) -> list[memoryview]:
        """Return the contents of a field of bytes, texts or messages."""
        return [value for value in self._fields.get(number, ()) if not isinstance(value, int)]

    def texts(self, number: int) -> list[str]:
        """Return the texts in a repeated field."""
        return [bytes(value).decode(errors="replace") for value in self.bytes(number)]

    def text(self, number: int) -> str:
        """Return the text in a field, or ""."""
        return (self.texts(number) or [""])[-1]

    def integers(self, number: int) -> list[int]:
        """Return signed integers in a repeated field, packed or not."""
        found = []
        for value in self._fields.get(number, ()):
            found += [value] if isinstance(value, int) else _packed(value)
        return [number - (1 << 64) if number >= 1 << 63 else number for number in found]

    def integer(self, number: int, default: int = 0) -> int:
        """Return the integer in a field."""
        return (self.integers(number) or [default])[-1]

    def has(self, number: int) -> bool:
        """Whether a field is there."""
        return number in self._fields


def int64s(data: memoryview) -> list[int]:
    """Return the numbers of a raw tensor of int64."""
    return [int(value) for value in np.frombuffer(data[: len(data) // 8 * 8], "<i8")]


def _fields(data: memoryview) -> Iterator[tuple[int, Field]]:
    at, end = 0, len(data)
    while at < end:
        tag, at = _varint(data, at)
        kind, number = tag & 7, tag >> 3
        if kind == NUMBER:
            value, at = _varint(data, at)
            yield number, value
            continue
        if kind == BYTES:
            size, at = _varint(data, at)
        elif kind in (FIXED32, FIXED64):
            size = 4 if kind == FIXED32 else 8
        else:
            raise ValueError(f"a field of it has the unknown wire type {kind}")
        if size > end - at:
            raise ValueError("a field of it ends too late")
        yield number, data[at : at + size]
        at += size


def _packed(data: memoryview) -> list[int]:
    found, at = [], 0
    while at < len(data):
        value, at = _varint(data, at)
        found.append(value)
    return found


def _varint(data: memoryview, at: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        if at >= len(data):
            raise ValueError("it ends within a number")
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value & (1 << 64) - 1, at
    raise ValueError("a number in it is too long")
