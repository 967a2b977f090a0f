"""Answers of models as bytes and back: numbers as they lie in memory, objects as JSON.

A worker writes them and may be hostile. Reading makes nothing but arrays of numbers, texts, and
JSON's own values; it checks each size before it takes memory. The worker may run another version of
NumPy: nothing here depends on it.

The header of one array of numbers, which most answers are, is a few bytes: `NUMBERS`, the place of
its type in `TYPES`, and its shape. Any other header is JSON.
"""

import base64
import datetime
import json
import math
import re
import struct
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

RAW = re.compile(
    r"\|b1|\|[iu]1|[<>][iuf][248]|[<>]U[1-9][0-9]{0,8}|\|S[1-9][0-9]{0,8}"
    r"|[<>][mM]8(\[[0-9]{0,6}(Y|M|W|D|h|m|s|ms|us|ns|ps|fs|as)\])?"
)
NUMBERS = 1  # which no JSON begins with
TYPES = ("|b1", "|i1", "|u1", "<i2", "<u2", "<i4", "<u4", "<i8", "<u8", "<f2", "<f4", "<f8")
DTYPES = tuple(map(np.dtype, TYPES))
CODES = {np.dtype(name): bytes((NUMBERS, place)) for place, name in enumerate(TYPES)}
NUMBERS_BYTE = bytes((NUMBERS,))
LENGTH = struct.Struct("<Q")
MAX_DIMENSIONS = 16
# Lists that an array without elements may become: (1000000, 0) is a million empty ones.
MAX_EMPTY = 1_000_000
LAST_CODE_POINT = 0x10FFFF


class MalformedAnswer(Exception):
    """The bytes are no answer."""


class TooLarge(Exception):
    """The answer is larger than can be carried."""


def encode(result: Any, most: int) -> tuple[bytes, list[memoryview]]:
    """Write what a model answered: an array, or a list of arrays for several outputs.

    Raises:
        TooLarge: it has more than `most` elements, or twice as many bytes.
        TypeError: it holds what JSON can't tell.
    """
    if type(result) is np.ndarray and (code := CODES.get(result.dtype)) is not None:
        if result.size > most or result.nbytes > 2 * most:
            raise TooLarge(f"{result.size} values")
        return code + b"".join(map(LENGTH.pack, result.shape)), [bytes_of(result)]
    is_several = isinstance(result, list) and bool(result) and isinstance(result[0], np.ndarray)
    parts, body = [], []
    for array in result if is_several else [result]:
        plain = _plain(array)
        if plain.size > most or plain.nbytes > 2 * most:
            raise TooLarge(f"{plain.size} values")
        if plain.dtype == object:
            parts.append({"shape": plain.shape, "values": plain.ravel().tolist()})
        else:
            parts.append({"shape": plain.shape, "dtype": plain.dtype.str})
            body.append(bytes_of(plain))
    header = json.dumps({"several": is_several, "arrays": parts}, default=_json_value)
    return header.encode(), body


def decode(header: bytes, body: memoryview, most: int) -> Any:  # an array, or a list of arrays
    """Read an answer of at most so many elements; raises `MalformedAnswer`."""
    try:
        if header[:1] == NUMBERS_BYTE:
            return _numbers(header, body, most)
        told = json.loads(header)
        parts = told["arrays"]
        if not isinstance(parts, list) or not all(isinstance(part, dict) for part in parts):
            raise ValueError("no list of arrays")
        arrays, offset, count = [], 0, 0
        for part in parts:
            shape = _shape(part["shape"])
            count += math.prod(shape)
            if count > most:
                raise ValueError("too many elements")
            size = 0 if "values" in part else math.prod(shape) * _dtype(part["dtype"]).itemsize
            raw = body[offset : offset + size]
            offset += size
            if len(raw) != size:
                raise ValueError("its body is too short")
            arrays.append(_objects(part, shape) if "values" in part else _raw(part, shape, raw))
        if offset != len(body) or not arrays or (len(arrays) > 1 and told["several"] is not True):
            raise ValueError("arrays and body don't fit")
    except (ValueError, TypeError, LookupError, RecursionError, OverflowError) as error:
        raise MalformedAnswer(f"{type(error).__name__}: {error!s:.200}") from error
    return arrays if told["several"] is True else arrays[0]


def _numbers(header: bytes, body: memoryview, most: int) -> NDArray[Any]:
    count, rest = divmod(len(header) - 2, LENGTH.size)
    if rest or count > MAX_DIMENSIONS:
        raise ValueError("no shape")
    dtype = DTYPES[header[1]]
    shape = struct.unpack_from(f"<{count}Q", header, 2)
    size = math.prod(shape)
    if size > most:
        raise ValueError("too many elements")
    if len(body) != size * dtype.itemsize:
        raise ValueError("its body is of another length")
    if not size:
        _shape(list(shape))
    return _checked(dtype, body).reshape(shape)


def _plain(result: Any) -> NDArray[Any]:
    """Return an array that can be written, of whatever a model answers with."""
    if hasattr(result, "toarray"):  # SciPy sparse
        result = result.toarray()
    array = np.asarray(result)
    if array.dtype.kind == "f" and array.dtype.itemsize > 8:
        return array.astype(np.float64)
    if array.dtype.kind in "US" and not array.dtype.itemsize:
        return array.astype(f"{array.dtype.kind}1")
    if array.dtype != object and not RAW.fullmatch(array.dtype.str):
        raise TypeError(f"its answer is an array of {array.dtype}")
    return array


def bytes_of(array: NDArray[Any]) -> memoryview:
    """Return an array's elements, row by row, as they lie in memory."""
    if array.dtype in CODES and array.size and array.flags.c_contiguous:
        return array.data.cast("B")  # a thirtieth of the time
    return memoryview(np.ascontiguousarray(array).reshape(-1).view(np.uint8)).cast("B")


def _json_value(value: Any) -> Any:
    """Return what JSON can tell of a value, as `msgspec` would write it."""
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    raise TypeError(f"its answer holds a {type(value).__name__}")


def _shape(given: Any) -> tuple[int, ...]:
    if not isinstance(given, list) or len(given) > MAX_DIMENSIONS:
        raise ValueError("no shape")
    if not all(type(length) is int and length >= 0 for length in given):
        raise ValueError("no lengths")
    if 0 in given and math.prod(length or 1 for length in given) > MAX_EMPTY:
        raise ValueError("too many empty lists")
    return tuple(given)


def _dtype(given: Any) -> np.dtype[Any]:
    if not isinstance(given, str) or not RAW.fullmatch(given):
        raise ValueError("no type of elements")
    return np.dtype(given)


def _raw(part: dict[str, Any], shape: Sequence[int], raw: memoryview) -> NDArray[Any]:
    return _checked(_dtype(part["dtype"]), raw).reshape(shape)


def _checked(dtype: np.dtype[Any], raw: memoryview) -> NDArray[Any]:
    if dtype.kind == "U" and len(raw):
        points = np.frombuffer(raw, dtype.str[0] + "u4")
        if points.max() > LAST_CODE_POINT or ((points >= 0xD800) & (points < 0xE000)).any():
            raise ValueError("no text")
    if dtype.kind == "b" and np.frombuffer(raw, np.uint8).max(initial=0) > 1:
        raise ValueError("no truth value")
    return np.frombuffer(raw, dtype)


def _objects(part: dict[str, Any], shape: Sequence[int]) -> NDArray[Any]:
    values = part["values"]
    if not isinstance(values, list) or len(values) != math.prod(shape):
        raise ValueError("values don't fill the shape")
    return np.fromiter(values, object, len(values)).reshape(shape)
