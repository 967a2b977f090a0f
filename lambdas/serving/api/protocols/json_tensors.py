"""The `data` of a tensor in JSON, to a flat array; an error's field is the element's place."""

import itertools
import re
from typing import Any

import msgspec
import numpy as np

from modelmount_compiler.instances.datatypes import Array
from modelmount_compiler.instances.exactness import WIDEST
from serving.errors import BadRequest

ELEMENTS: dict[str, Any] = {
    "b": list[bool | None],
    "u": list[int | None],
    "i": list[int | None],
    "f": list[int | float | None],
    "O": list[str | None],
}
INDEX = re.compile(r" - at `\$\[(\d+)\]`$")


def array(data: Any, dtype: np.dtype[Any], datatype: str) -> Array:
    """Read nested or flat lists; raises `BadRequest`.

    Returns:
        a flat array; of Python's values where null stands among texts, integers or booleans.
    """
    flat = _flatten(data)
    try:
        elements: list[Any] = msgspec.convert(flat, ELEMENTS[dtype.kind])
    except msgspec.ValidationError as error:
        found = INDEX.search(str(error))
        at = int(found[1]) if found else 0
        text = f"data isn't of {datatype}: {INDEX.sub('', str(error))}."
        raise _fault(text, data, at) from error
    if dtype.kind == "O" or None not in elements:
        return _typed(elements, dtype, datatype, data)
    if dtype.kind == "f":
        return _typed([np.nan if e is None else e for e in elements], dtype, datatype, data)
    _typed([0 if element is None else element for element in elements], dtype, datatype, data)
    return np.array(elements, dtype=object)


def _typed(elements: list[Any], dtype: np.dtype[Any], datatype: str, data: Any) -> Array:
    """Make an array; refuse numbers out of the datatype's range, and integers that it rounds."""
    try:
        with np.errstate(over="raise"):
            made = np.array(elements, dtype=dtype)
    except (OverflowError, FloatingPointError) as error:
        at = next((i for i, e in enumerate(elements) if not _holds(dtype, e)), 0)
        raise _fault(
            f"data isn't of {datatype}: a number is too large for it.", data, at
        ) from error
    if dtype.kind == "f" and (np.abs(made) >= 2 ** (np.finfo(dtype).nmant + 1)).any():
        for at, (element, value) in enumerate(zip(elements, made.tolist(), strict=True)):
            if isinstance(element, int) and element != value and not _is_shortest(element, dtype):
                text = f"data has a whole number that no {datatype} holds; send a wider datatype."
                raise _fault(text, data, at)
    return made


def _is_shortest(element: int, dtype: np.dtype[Any]) -> bool:
    """Whether an integer beyond 64 bits is the shortest way to write a float."""
    return abs(element) >= WIDEST and np.format_float_positional(
        dtype.type(element), trim="-"
    ) == str(element)


def _holds(dtype: np.dtype[Any], element: Any) -> bool:
    try:
        with np.errstate(over="raise"):
            np.array([element], dtype=dtype)
    except (OverflowError, FloatingPointError):
        return False
    return True


def _fault(text: str, data: list[Any], at: int) -> BadRequest:
    """Return an error with the place of a flat index in nested lists."""
    path = ""
    while data and isinstance(data[0], list):
        size = len(_flatten(data[0]))
        path += f"[{at // size}]" if size else ""
        data, at = data[at // size if size else 0], at % size if size else 0
    return BadRequest(text, field=f".data{path}[{at}]")


def _flatten(data: Any) -> list[Any]:
    if not isinstance(data, list):
        text = "data must be a list, or sent as binary with binary_data_size."
        raise BadRequest(text, field=".data")
    flat: list[Any] = data
    while flat and isinstance(flat[0], list):
        if not all(isinstance(part, list) and len(part) == len(flat[0]) for part in flat):
            text = "data is ragged: lists side by side must be of equal length."
            raise BadRequest(text, field=".data")
        flat = list(itertools.chain.from_iterable(flat))
    return flat
