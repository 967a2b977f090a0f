"""Readers of values that JSON has itself: numbers, strings, booleans and null.

A reader returns the value as the model's own data would hold it. Nothing but the type of the column
decides what it returns.
"""

import functools
from collections.abc import Callable
from typing import Any

from modelmount_compiler.column_types import ColumnType

NAN = float("nan")
# From here on two whole numbers can be the same float.
INEXACT = 2.0**53


class Unfit(ValueError):
    """A value doesn't fit its column; the text says what the column takes."""


def reader(found: ColumnType) -> Callable[[Any], Any]:
    """Return the function that reads a value of a column, and raises `Unfit`."""
    null = None if found.null == "none" else NAN
    is_wide = "object" in (found.dtype, found.dtype_with_null)
    read: Callable[[Any], Any] = {
        "float": _number,
        "integer": functools.partial(_whole_number, is_wide=is_wide),
        "boolean": _truth,
        "string": _text,
        "category": _name,
        "any": _anything,
    }[found.kind]
    return functools.partial(_read, read, null, found.null == "refused")


def _read(read: Callable[[Any], Any], null: float | None, refuses_null: bool, value: Any) -> Any:
    if value is None or value != value:  # noqa: PLR0124 (NaN)
        if refuses_null:
            raise Unfit("this column takes no missing values")
        return null if value is None else value
    return read(value)


def _number(value: Any) -> float:
    if isinstance(value, int | float):
        try:
            return float(value)
        except OverflowError as error:
            raise Unfit("it is too large for a double") from error
    raise Unfit("this column takes numbers")


def _whole_number(value: Any, *, is_wide: bool) -> int | float:
    """Return a number; a fraction stays one, and so is none of the categories."""
    if isinstance(value, int):
        return int(value)
    if not isinstance(value, float):
        raise Unfit("this column takes whole numbers")
    if is_wide and abs(value) >= INEXACT:
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
        return str(value)
    raise Unfit("this column takes strings, whole numbers and booleans")


def _anything(value: Any) -> Any:
    if isinstance(value, list | dict):
        raise Unfit("a value is a number, a string, a boolean or null")
    is_exact = type(value) is int and abs(value) < INEXACT
    return float(value) if is_exact else value
