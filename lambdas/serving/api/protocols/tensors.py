"""Tensors of the Open Inference Protocol to arrays and back, in JSON and in binary.

Binary form, by the protocol's binary tensor data extension: elements little endian, row-major and
without padding; an element of BYTES is its length in 4 bytes, then its bytes.
https://github.com/kserve/open-inference-protocol/blob/main/specification/protocol/inference_rest.md
"""

import math
import struct
from typing import Any

import numpy as np

from modelmount_compiler.instances.datatypes import BYTES, DTYPES, Array, of
from serving.api.protocols import json_tensors
from serving.errors import BadRequest

__all__ = ["KNOWN", "Array", "from_bytes", "from_json", "of", "to_bytes"]

BF16 = "BF16"  # the upper half of an FP32, which NumPy has no dtype for
KNOWN = (*DTYPES, BF16, BYTES)


def from_json(data: Any, datatype: str, shape: list[int]) -> Array:
    """Read nested or flat lists, in which null is missing; raises `BadRequest`."""
    dtype = object if datatype == BYTES else "<f4" if datatype == BF16 else DTYPES[datatype]
    return _shaped(json_tensors.array(data, np.dtype(dtype), datatype), shape)


def from_bytes(raw: memoryview, datatype: str, shape: list[int]) -> Array:
    """Read the binary form, of which numbers aren't copied; raises `BadRequest`."""
    if datatype == BYTES:
        return _shaped(_texts(raw), shape)
    dtype = np.dtype("<u2" if datatype == BF16 else DTYPES[datatype])
    if len(raw) != math.prod(shape) * dtype.itemsize:
        raise BadRequest(
            f"{len(raw)} bytes aren't a tensor of {datatype} and shape {shape}, "
            f"which has {math.prod(shape) * dtype.itemsize}.",
            field=".parameters.binary_data_size",
        )
    array = np.frombuffer(raw, dtype)
    if datatype == BF16:
        array = (array.astype("<u4") << 16).view("<f4")
    elif datatype == "BOOL" and (array.view("u1") > 1).any():
        at = int(np.argmax(array.view("u1") > 1))
        raise BadRequest("A BOOL is a byte of 0 or 1.", field=f".data[{at}]")
    return _shaped(array, shape)


def to_bytes(datatype: str, array: Array) -> bytes:
    """Write the binary form."""
    if datatype != BYTES:
        return np.ascontiguousarray(array, DTYPES[datatype]).tobytes()
    encoded = [text.encode() for text in array.flat]
    return b"".join(part for text in encoded for part in (struct.pack("<I", len(text)), text))


def _shaped(array: Array, shape: list[int]) -> Array:
    if array.size != math.prod(shape):
        text = f"{array.size} elements don't fill the shape {shape}."
        raise BadRequest(text, field=".shape")
    try:
        return array.reshape(shape)
    except ValueError as error:  # none of its dimensions is too large, but all together are
        raise BadRequest(f"The shape {shape} can't be: {error}.", field=".shape") from error


def _texts(raw: memoryview) -> Array:
    texts: list[str] = []
    offset = 0
    while offset < len(raw):
        start = offset + 4
        end = start + int.from_bytes(raw[offset:start], "little")
        if end > len(raw) or start > len(raw):
            text = "An element of BYTES ends past the tensor's end."
            raise BadRequest(text, field=f".data[{len(texts)}]")
        texts.append(_decoded(raw[start:end], len(texts)))
        offset = end
    return np.array(texts, dtype=object)


def _decoded(raw: memoryview, at: int) -> str:
    try:
        return bytes(raw).decode()
    except UnicodeDecodeError as error:
        text = "An element of BYTES isn't UTF-8, and models here take text."
        raise BadRequest(text, field=f".data[{at}]") from error
