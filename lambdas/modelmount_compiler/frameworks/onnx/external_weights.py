"""Weights that an ONNX graph keeps in files of its own, which ONNX Runtime would map.

A mapped file that is deleted on a network file system ends the process that touches it next. What
is read instead stays. Format: https://onnx.ai/onnx/repo-docs/ExternalData.html, and the messages
`TensorProto` and `StringStringEntryProto` of onnx.proto.
"""

from collections.abc import Iterator
from pathlib import Path

CHUNK = 4 * 1024 * 1024
# An entry's first field is its key, of 8 bytes; after it the tag of the second, its value.
LOCATION = b"\x0a\x08location\x12"
LONGEST = 4096  # bytes of a path
_REACH = len(LOCATION) + 2 + LONGEST


def read(graph: Path) -> dict[str, bytes]:
    """Read each file that the graph names, by its name there; those outside are left out."""
    folder = graph.parent.resolve()
    found = {name: (folder / name).resolve() for name in sorted(set(_locations(graph)))}
    return {
        name: path.read_bytes()
        for name, path in found.items()
        if path.is_relative_to(folder) and path.is_file()
    }


def _locations(graph: Path) -> Iterator[str]:
    """Yield the names in a graph of any size, some of them twice, and perhaps one that is none."""
    data = b""
    with graph.open("rb") as file:
        while chunk := file.read(CHUNK):
            data = data[-_REACH:] + chunk
            yield from _in_part(data)


def _in_part(data: bytes) -> Iterator[str]:
    at = data.find(LOCATION)
    while at >= 0:
        value = data[at + len(LOCATION) : at + _REACH]
        # A length below 128 takes one byte; else the second has the bits from the eighth on.
        length = value[0] & 127 if value else 0
        start = 1
        if len(value) > 1 and value[0] > 127:
            length, start = length | value[1] << 7, 2
        text = value[start : start + length]
        if len(text) == length > 0 and b"\0" not in text:
            yield text.decode("utf-8", "replace")
        at = data.find(LOCATION, at + 1)
