"""NumPy's arrays and dtypes, as a pickle describes them."""

import re
from typing import Any

import numpy as np

from modelmount_compiler.frameworks.loading_policy.values import Made

# NPY_ITEM_HASOBJECT: https://numpy.org/doc/stable/reference/c-api/types-and-structures.html
HAS_OBJECTS = 1
ARRAY = "numpy.ndarray"
UNKNOWN_DTYPE = "it has a dtype that numpy doesn't write"
UNKNOWN_ARRAY = "it has an array with a state that numpy doesn't write"


class Suspicious(Exception):
    """The pickle does something that no pickle written by a `dump` does."""


class Dtype(Made):
    """Stands for a numpy.dtype: knows the size of an item, and whether it holds objects.

    numpy trusts a dtype's state. A false one could make it read objects as bare pointers.
    """

    def __init__(self, kind: str, align: object, copy: object) -> None:
        super().__init__("numpy.dtype")
        known = type(kind) is str and re.fullmatch(r"[a-zA-Z][0-9]{1,9}", kind)
        if not known or align not in (False, True) or copy not in (False, True):
            raise Suspicious(UNKNOWN_DTYPE)
        dtype: np.dtype[Any] = np.dtype(kind)
        self.itemsize = dtype.itemsize
        self.hasobject = dtype.hasobject
        self._has_own_size = dtype.kind in "SUV"

    def restore(self, state: tuple[Any, ...]) -> None:
        """Take a state as numpy.dtype.__setstate__ would; refuse one that numpy never writes."""
        self.has_state = True
        _, _, subarray, _, fields, size, _, flags, *_ = state
        parts = [(dtype, offset) for dtype, offset, *_ in (fields or {}).values()]
        if subarray:
            parts.append((subarray[0], 0))
        self.itemsize = size if self._has_own_size else self.itemsize
        for dtype, offset in parts:
            is_whole = isinstance(dtype, Dtype) and dtype.has_state
            if not is_whole or not 0 <= offset <= self.itemsize - dtype.itemsize:
                raise Suspicious(UNKNOWN_DTYPE)
        self.hasobject = self.hasobject or any(dtype.hasobject for dtype, _ in parts)
        if self.hasobject != bool(flags & HAS_OBJECTS):
            raise Suspicious(UNKNOWN_DTYPE)


def check_array_state(state: Any) -> None:
    """Refuse a state that numpy.ndarray.__reduce__ doesn't write.

    Raises:
        Suspicious: numpy would take the bytes of the file for something else than they are.
    """
    if type(state) is not tuple or len(state) != 5:
        raise Suspicious(UNKNOWN_ARRAY)
    version, shape, dtype, is_fortran, data = state
    sound = version in (0, 1) and is_fortran in (False, True) and is_sound(shape, dtype)
    expected = list if sound and dtype.hasobject else (bytes, bytearray)
    if not sound or not isinstance(data, expected):
        raise Suspicious(UNKNOWN_ARRAY)


def is_sound(shape: object, dtype: object) -> bool:
    """Whether an array may be of this shape and dtype."""
    if not isinstance(dtype, Dtype) or not dtype.has_state or dtype.itemsize < 0:
        return False
    return isinstance(shape, tuple) and all(type(length) is int and length >= 0 for length in shape)
