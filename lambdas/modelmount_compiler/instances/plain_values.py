"""Readers of values that JSON has itself: numbers, strings, booleans and null.

A reader returns the value as the model's own data would hold it. Nothing but the type of the column
decides what it returns.
"""

import re
from collections.abc import Callable
from typing import Any

from modelmount_compiler.column_types import ColumnType

NAN = float("nan")
# From here on two whole numbers can be the same float.
INEXACT = 2.0**53
NUMBER = re.compile(r"[+-]?\d{1,400}(\.\d{0,400})?([eE][+-]?\d{1,3})?", re.ASCII)
# The types of values that need no conversion, and of those that become floats.
KEPT: dict[str, type] = {"float": float, "integer": int, "string": str, "boolean": bool}
CAST: dict[str, type] = {"float": int, "any": int}


class Unfit(ValueError):
    """A value doesn't fit its column; the text says what the column takes."""


def reader(found: ColumnType) -> Callable[[Any], Any]:
    """Return the function that reads a value of a column, and raises `Unfit`."""
    null = None if found.null == "none" else NAN
    refuses_null = found.null == "refused"
    read = _reader(found)
    kept, cast = KEPT.get(found.kind, Unfit), CAST.get(found.kind, Unfit)

    def convert(value: Any) -> Any:
        kind = type(value)
        if kind is kept and value == value:  # noqa: PLR0124 (NaN)
            return value
        if kind is cast and -INEXACT < value < INEXACT:
            return float(value)
        if value is None or value != value:  # noqa: PLR0124 (NaN)
            if refuses_null:
                raise Unfit("this column takes no missing values")
            return null if value is None else value
        return read(value)

    return convert


def _reader(found: ColumnType) -> Callable[[Any], Any]:
    if found.kind == "integer":
        return _whole_number
    return {
        "float": _number,
        "boolean": _truth,
        "string": _text,
        "category": _name,
        "any": _anything,
    }[found.kind]


def _told(value: Any) -> Any:
    """Return the number that a text is; tables and tensors of texts have no others."""
    if not isinstance(value, str) or NUMBER.fullmatch(value) is None:
        return value
    return int(value) if value.lstrip("+-").isdecimal() else float(value)


def _number(value: Any) -> float:
    value = _told(value)
    if isinstance(value, int | float):
        try:
            return float(value)
        except OverflowError as error:
            raise Unfit("it is too large for a double") from error
    raise Unfit("this column takes numbers")


def _whole_number(value: Any) -> int | float:
    """Return a number; a fraction stays one, and so is none of the categories."""
    value = _told(value)
    if isinstance(value, int):
        return int(value)
    if not isinstance(value, float):
        raise Unfit("this column takes whole numbers")
    if abs(value) >= INEXACT:
        raise Unfit("it isn't exact beyond 2**53; write it as a whole number without exponent")
    return int(value) if value.is_integer() else value


def _truth(value: Any) -> bool:
    if value in (0, 1):
        return bool(value)
    raise Unfit("this column takes true or false")


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    raise Unfit('this column takes strings, such as "1" in place of 1')


def _name(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, int):
        return str(int(value))  # CatBoost takes true for 1
    raise Unfit("this column takes strings, whole numbers and booleans")


def _anything(value: Any) -> Any:
    if isinstance(value, list | dict):
        raise Unfit("a value is a number, a string, a boolean or null")
    return value
