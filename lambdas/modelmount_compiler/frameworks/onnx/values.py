"""Converts JSON values, and arrays, into arrays of a tensor's type; nothing is rounded in silence.

| datatype         | takes                                                                 |
|------------------|-----------------------------------------------------------------------|
| FP16 … FP64      | numbers within its range, true and false; null is NaN                 |
| INT8 … UINT64    | whole numbers within its range, with all digits; 2.0 is whole         |
| BOOL             | true and false, 0 and 1                                               |
| BYTES            | strings                                                               |
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from modelmount_compiler.errors import InputMismatch
from modelmount_compiler.frameworks.onnx import element_types

Array = NDArray[Any]
LARGEST_INTEGER = int(np.finfo(np.float64).max)
EXACT = 2.0**53  # doubles from here on may stand for another whole number
SPECIAL = "O"


class Ragged(Exception):
    """Lists side by side differ in length, so they aren't one array."""


def to_array(values: Any, datatype: str, name: str, path: str, within: str = "") -> Array:
    """Convert nested lists, or an array, to the type of the input with this name.

    Args:
        path: where the values are in the request, such as `instances`.
        within: where each one is in its instance, such as `.image`.

    Raises:
        InputMismatch: a value isn't of this type.
        Ragged: as above.
    """
    refuse = _Refusal(values, name, path, within)
    if datatype == element_types.TEXT:
        return _texts(_read(values, object), refuse)
    if datatype in element_types.FLOATS:
        return _floats(_read(values, None), datatype, refuse)
    return _integers(values, np.dtype(element_types.INTEGERS[datatype]), refuse)


class _Refusal:
    """Makes the error about the first value that isn't taken."""

    def __init__(self, values: Any, name: str, path: str, within: str) -> None:
        self._values, self._name, self._path, self._within = values, name, path, within

    def __call__(self, what: str, is_bad: Callable[[Any], bool]) -> InputMismatch:
        place = _place(self._values, is_bad, self._path, self._within)
        text = f"The input {self._name!r} takes {what}"
        if place is None:
            return InputMismatch(f"{text}.", field="$.instances")
        where, value = place
        return InputMismatch(f"{text}; {where} is {_told(value)}.", field=f"$.{where}")


def _read(values: Any, dtype: type | None) -> Array:
    if isinstance(values, np.ndarray):
        return values
    try:
        array = np.asarray(values, dtype=dtype)
    except (ValueError, OverflowError) as error:
        raise Ragged from error
    if array.dtype == object and any(isinstance(value, list) for value in array.flat):
        raise Ragged
    return array


def _texts(array: Array, refuse: _Refusal) -> Array:
    if array.dtype.kind != SPECIAL:
        array = array.astype(object)
    if not all(isinstance(value, str) for value in array.flat):
        raise refuse("strings", lambda value: not isinstance(value, str))
    return array


def _floats(array: Array, datatype: str, refuse: _Refusal) -> Array:
    if array.dtype.kind == SPECIAL:
        array = _with_missing(array, refuse)
    if array.dtype.kind not in "buif":
        raise refuse("numbers", lambda value: not isinstance(value, int | float | None))
    wanted = np.dtype("f4" if datatype == "BF16" else element_types.FLOATS[datatype])
    with np.errstate(over="ignore"):
        found = array.astype(wanted)
        rounded = _bfloat16(found) if datatype == "BF16" else found
    told = from_bfloat16(rounded) if datatype == "BF16" else rounded
    # Most arrays have no infinity, and need no second look.
    if np.isinf(told).any() and (np.isinf(told) & np.isfinite(array)).any():
        largest = _largest(datatype)
        raise refuse(
            f"{datatype}, whose largest number is {largest:.3g}",
            lambda value: isinstance(value, int | float) and abs(value) >= largest,
        )
    return rounded


def _largest(datatype: str) -> float:
    return 3.39e38 if datatype == "BF16" else float(np.finfo(element_types.FLOATS[datatype]).max)


def _with_missing(array: Array, refuse: _Refusal) -> NDArray[np.float64]:
    """Convert null to NaN, and whole numbers of any size to doubles."""
    if not all(isinstance(value, int | float | None) for value in array.flat):
        raise refuse("numbers", lambda value: not isinstance(value, int | float | None))
    plain = [np.nan if value is None else value for value in array.flat]
    try:
        return np.array(plain, dtype=np.float64).reshape(array.shape)
    except OverflowError as error:
        raise refuse("numbers that fit into a double", _is_huge) from error


def _is_huge(value: Any) -> bool:
    return isinstance(value, int) and abs(value) > LARGEST_INTEGER


def _integers(values: Any, dtype: np.dtype[Any], refuse: _Refusal) -> Array:
    low, high = (0, 1) if dtype.kind == "b" else (np.iinfo(dtype).min, np.iinfo(dtype).max)
    what = "true and false" if dtype.kind == "b" else f"whole numbers of type {dtype.name}"

    def is_bad(value: Any) -> bool:
        if isinstance(value, float) and (not value.is_integer() or abs(value) >= EXACT):
            return True
        return not isinstance(value, int | float) or not low <= value <= high

    array = _read(values, None)
    if array.dtype.kind not in "bui":
        # Doubles don't hold all whole numbers, and NumPy makes doubles of mixed ones.
        array = _read(values, object) if isinstance(values, list) else array
        if any(map(is_bad, array.ravel().tolist())):
            raise refuse(what, is_bad)
        return array.astype(dtype)
    if array.size and not (low <= int(array.min()) and int(array.max()) <= high):
        raise refuse(what, is_bad)
    return array.astype(dtype)


def _bfloat16(array: Array) -> NDArray[np.uint16]:
    """Round float32 to the nearest bfloat16, to the even one of two, and return its bits."""
    bits = np.ascontiguousarray(array, dtype=np.float32).view(np.uint32).astype(np.uint64)
    rounded = (bits + 0x7FFF + ((bits >> 16) & 1)) >> 16
    halves: NDArray[np.uint16] = rounded.astype(np.uint16)
    halves[np.isnan(array)] = 0x7FC0
    return halves


def from_bfloat16(bits: Array) -> NDArray[np.float32]:
    """Return the numbers of bits of bfloat16."""
    return (np.ascontiguousarray(bits).astype(np.uint32) << 16).view(np.float32)


def _place(
    values: Any, is_bad: Callable[[Any], bool], path: str, within: str = ""
) -> tuple[str, Any] | None:
    """Return the path of the first bad value, and the value."""
    if isinstance(values, np.ndarray):
        return None
    if isinstance(values, list | tuple):
        found = (_place(value, is_bad, f"{path}[{i}]{within}") for i, value in enumerate(values))
        return next((place for place in found if place is not None), None)
    return (path, values) if is_bad(values) else None


def _told(value: Any) -> str:
    kinds = {str: "a string", dict: "an object", bool: "a boolean"}
    if value is None:
        return "null"
    return kinds.get(type(value)) or f"{value!r:.40}"
