"""Arrays as `numpy.save` writes them, read from the body's bytes in place.

https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
"""

import io
import math
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from modelmount_compiler.instances.batches import Batch
from modelmount_compiler.signature import Signature
from serving.errors import BadRequest

MAGIC = b"\x93NUMPY"
LAST_CODE_POINT = 0x10FFFF
SURROGATES = (0xD800, 0xDFFF)  # halves of characters in UTF-16
WAYS_OUT = {
    "O": "objects, which only a pickle holds: save array.astype(float), or an array of texts",
    "V": "a structured array: save its columns side by side, or send CSV with their names",
    "c": "of complex numbers, which no model here takes: save its parts side by side",
    "M": "of times: send JSON or CSV with times in ISO 8601",
    "m": "of durations: save them as numbers, or send JSON",
    "S": "of bytes: save array.astype(str)",
}


def read_batch(body: bytes, signature: Signature) -> Batch:
    """Read an array of n rows, or of n texts; raises `BadRequest`."""
    array = read(body)
    if array.dtype.kind == "U":
        if signature.input == "text" and array.size == len(array):
            array = array.reshape(-1)
        elif array.ndim != 2:
            _refuse(f"send texts in the shape (n, k), not {array.shape}")
        texts: list[Any] = array.tolist()
        return texts
    takes_tensors = signature.input == "matrix" and signature.dtype == "number"
    if array.ndim < 2 or (array.ndim > 2 and not takes_tensors):
        _refuse(f"send the shape (n, k), not {array.shape}: array.reshape(1, -1) is one row")
    return array


def read(body: bytes) -> NDArray[Any]:
    """Read one array of numbers, booleans or texts; raises `BadRequest`."""
    if body[:2] == b"PK":
        _refuse("it is an archive of numpy.savez; send one array by numpy.save")
    shape, is_fortran, dtype, offset = _header(body)
    if dtype.kind in WAYS_OUT:
        _refuse(f"it is {WAYS_OUT[dtype.kind]}")
    size, left = math.prod(shape) * dtype.itemsize, len(body) - offset
    if min(shape, default=1) < 1 or not dtype.itemsize:
        _refuse(f"an array of shape {shape!s:.100} has no values; send at least one row")
    if size != left:
        _refuse(f"{left} bytes follow its header, which tells of {size!s:.40}")
    array = np.frombuffer(body, dtype, offset=offset)
    _check_elements(array)
    return array.reshape(shape, order="F" if is_fortran else "C")


def _check_elements(array: NDArray[Any]) -> None:
    """Refuse bytes that no value of the dtype has."""
    if array.dtype.kind == "b" and (array.view("u1") > 1).any():
        _refuse("a boolean in it is a byte other than 0 and 1")
    if array.dtype.kind == "U":
        points = array.view(array.dtype.str[0] + "u4")
        halves = (points >= SURROGATES[0]) & (points <= SURROGATES[1])
        if (halves | (points > LAST_CODE_POINT)).any():
            _refuse("a text in it has a character that Unicode doesn't have")


def _header(body: bytes) -> tuple[tuple[int, ...], bool, np.dtype[Any], int]:
    """Return shape, order and dtype, and where the values begin."""
    file = io.BytesIO(body)
    try:
        version = np.lib.format.read_magic(file)
        if version == (1, 0):
            shape, is_fortran, dtype = np.lib.format.read_array_header_1_0(file)
        elif version == (2, 0):
            shape, is_fortran, dtype = np.lib.format.read_array_header_2_0(file)
        else:
            _refuse(f"it is {WAYS_OUT['V']}")
    except BadRequest:
        raise
    except Exception:  # NumPy parses a literal of Python, which fails in many ways
        _refuse("its header isn't one that numpy.save writes" if body else "it is empty")
    return shape, is_fortran, dtype, file.tell()


def _refuse(reason: str) -> NoReturn:
    raise BadRequest(f"The body isn't an array in npy form: {reason}.")
