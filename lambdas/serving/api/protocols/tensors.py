"""Tensors of the Open Inference Protocol to arrays and back, in JSON and in binary.

Binary form, by the protocol's binary tensor data extension: elements little endian, row-major and
without padding; an element of BYTES is its length in 4 bytes, then its bytes.
https://github.com/kserve/open-inference-protocol/blob/main/specification/protocol/inference_rest.md
"""

import itertools
import math
import struct
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from serving.errors import BadRequest

Array = NDArray[Any]
BF16 = "BF16"  # the upper half of an FP32, which NumPy has no dtype for
DTYPES = {
    "BOOL": "?",
    "UINT8": "<u1",
    "UINT16": "<u2",
    "UINT32": "<u4",
    "UINT64": "<u8",
    "INT8": "<i1",
    "INT16": "<i2",
    "INT32": "<i4",
    "INT64": "<i8",
    "FP16": "<f2",
    "FP32": "<f4",
    "FP64": "<f8",
}
DATATYPES = {np.dtype(dtype): name for name, dtype in DTYPES.items()}
NUMERIC: tuple[set[type], ...] = ({bool}, {int}, {float}, {int, float})
KNOWN = (*DTYPES, BF16, "BYTES")
ELEMENTS: dict[str, Any] = {
    "b": list[bool],
    "u": list[int],
    "i": list[int],
    "f": list[float | None],
    "O": list[str | None],
}


def from_json(data: Any, datatype: str, shape: list[int]) -> Array:
    """Read nested or flat lists; raises `BadRequest`. In BYTES and in floats null is missing."""
    dtype = np.dtype(
        object if datatype == "BYTES" else "<f4" if datatype == BF16 else DTYPES[datatype]
    )
    flat = _flatten(data)
    try:
        elements = msgspec.convert(flat, ELEMENTS[dtype.kind])
        with np.errstate(over="raise"):
            array = np.array(elements, dtype=dtype)
    except (msgspec.ValidationError, OverflowError, FloatingPointError) as error:
        raise BadRequest(f"data isn't of {datatype}: {error}.") from error
    return _shaped(array, shape)


def from_bytes(raw: memoryview, datatype: str, shape: list[int]) -> Array:
    """Read the binary form, of which numbers aren't copied; raises `BadRequest`."""
    if datatype == "BYTES":
        return _shaped(_texts(raw), shape)
    dtype = np.dtype("<u2" if datatype == BF16 else DTYPES[datatype])
    if len(raw) != math.prod(shape) * dtype.itemsize:
        raise BadRequest(
            f"{len(raw)} bytes aren't a tensor of {datatype} and shape {shape}, "
            f"which has {math.prod(shape) * dtype.itemsize}."
        )
    array = np.frombuffer(raw, dtype)
    if datatype == BF16:
        array = (array.astype("<u4") << 16).view("<f4")
    elif datatype == "BOOL" and (array.view("u1") > 1).any():
        raise BadRequest("A BOOL is a byte of 0 or 1.")
    return _shaped(array, shape)


def of(result: Any) -> tuple[str, Array]:  # an array, a sparse matrix or a list
    """Return an answer as a tensor: its datatype, and an array of that, or of str for BYTES."""
    array = np.asarray(result.toarray() if hasattr(result, "toarray") else result)
    datatype = DATATYPES.get(array.dtype.newbyteorder("<"))
    if datatype is not None:
        return datatype, array
    kinds = {type(value) for value in array.flat}
    if array.dtype.kind == "O" and kinds in NUMERIC:
        plain = np.array(array.tolist())
        return (DATATYPES[plain.dtype], plain) if plain.dtype in DATATYPES else _as_text(array)
    return _as_text(array)


def _as_text(array: Array) -> tuple[str, Array]:
    texts = np.array([_text(value) for value in array.flat], dtype=object)
    return "BYTES", texts.reshape(array.shape)


def to_bytes(datatype: str, array: Array) -> bytes:
    """Write the binary form."""
    if datatype != "BYTES":
        return np.ascontiguousarray(array, DTYPES[datatype]).tobytes()
    encoded = [text.encode() for text in array.flat]
    return b"".join(part for text in encoded for part in (struct.pack("<I", len(text)), text))


def _text(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _flatten(data: Any) -> list[Any]:
    if not isinstance(data, list):
        raise BadRequest("data must be a list, or sent as binary with binary_data_size.")
    flat: list[Any] = data
    while flat and isinstance(flat[0], list):
        if not all(isinstance(part, list) and len(part) == len(flat[0]) for part in flat):
            raise BadRequest("data is ragged: lists side by side must be of equal length.")
        flat = list(itertools.chain.from_iterable(flat))
    return flat


def _shaped(array: Array, shape: list[int]) -> Array:
    if array.size != math.prod(shape):
        raise BadRequest(f"{array.size} elements don't fill the shape {shape}.")
    try:
        return array.reshape(shape)
    except ValueError as error:  # none of its dimensions is too large, but all together are
        raise BadRequest(f"The shape {shape} can't be: {error}.") from error


def _texts(raw: memoryview) -> Array:
    texts, offset = [], 0
    while offset < len(raw):
        start = offset + 4
        end = start + int.from_bytes(raw[offset:start], "little")
        if end > len(raw) or start > len(raw):
            raise BadRequest("An element of BYTES ends past the tensor's end.")
        texts.append(_decoded(raw[start:end]))
        offset = end
    return np.array(texts, dtype=object)


def _decoded(raw: memoryview) -> str:
    try:
        return bytes(raw).decode()
    except UnicodeDecodeError as error:
        raise BadRequest("An element of BYTES isn't UTF-8, and models here take text.") from error
