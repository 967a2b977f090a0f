"""The type of a column, told from its fitted categories."""

import datetime
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import numpy as np

from modelmount_compiler.column_types import FLOAT, ColumnType, Kind, Null
from modelmount_compiler.errors import ModelRejected

# Whole numbers below it are the same as floats.
EXACT = 2**53
NAMED_AT_MOST = 50


def type_of(categories: Any, column: str) -> ColumnType:
    """Return the type of a column with these fitted categories, an array or a sequence.

    Raises:
        ModelRejected: no value of a request can mean one of them.
    """
    array = categories if isinstance(categories, np.ndarray) else _objects(categories)
    kind = array.dtype.kind
    if kind == "f":
        return FLOAT
    if kind in "iu":
        largest = max((abs(int(value)) for value in array), default=0)
        with_null = "float64" if largest < EXACT else "object"
        return ColumnType("integer", str(array.dtype), "nan", with_null)
    if kind == "b":
        return ColumnType("boolean", "bool", "nan", "object")
    if kind == "U":
        return ColumnType("string", "str")
    if kind in "mM":
        return ColumnType("datetime" if kind == "M" else "timedelta", str(array.dtype), "nat")
    if kind == "O":
        return _of_objects(list(array), column)
    raise _rejected(column, array[0])


def null_of(values: Sequence[Any]) -> Null:
    """Return the missing value among fitted values; NaN where there is none."""
    if any(value is None for value in values):
        return "none"
    names = {type(value).__name__ for value in values}
    return "na" if "NAType" in names else "nat" if "NaTType" in names else "nan"


def _objects(values: Sequence[Any]) -> Any:
    array = np.empty(len(values), dtype=object)
    array[:] = list(values)
    return array


def _of_objects(values: list[Any], column: str) -> ColumnType:
    null = null_of(values)
    present = [_plain(value) for value in values if not is_missing(value)]
    kinds = {_kind(value, column) for value in present}
    if not kinds:
        return ColumnType("any", "object", null)
    if len(kinds) > 1:
        if kinds <= {"string", "integer", "float", "boolean"}:
            return ColumnType("any", "object", null)
        raise _rejected(column, next(v for v in present if not isinstance(v, str | float)))
    kind = kinds.pop()
    if kind == "string":
        return ColumnType("string", "str" if null == "nan" else "object", null)
    if kind == "interval":
        return _of_intervals(present, null)
    if kind in ("datetime", "timedelta"):
        return ColumnType(kind, _time_dtype(present), "nat" if null == "nan" else null)
    return ColumnType(kind, "object", null)


def is_missing(value: Any) -> bool:
    """Whether a value is None, NaN, NaT or pandas' NA; all but None differ from themselves."""
    return value is None or type(value).__name__ in ("NAType", "NaTType") or bool(value != value)  # noqa: PLR0124


def _plain(value: Any) -> Any:
    is_time = isinstance(value, np.datetime64 | np.timedelta64)
    return value.item() if isinstance(value, np.generic) and not is_time else value


def _kind(value: Any, column: str) -> Kind:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "integer"
    if isinstance(value, float):
        return "float"
    if isinstance(value, str):
        return "string"
    if isinstance(value, datetime.datetime | np.datetime64):
        return "datetime"
    if isinstance(value, datetime.date):
        return "date"
    if isinstance(value, datetime.timedelta | np.timedelta64):
        return "timedelta"
    if isinstance(value, Decimal):
        return "decimal"
    if type(value).__name__ == "Interval":
        return "interval"
    raise _rejected(column, value)


def _time_dtype(values: list[Any]) -> str:
    """Return pandas' type for times with one zone; objects keep times of several zones."""
    import pandas as pd  # noqa: PLC0415 (its values are there, so it is imported)

    dtype = pd.Series(values).infer_objects().dtype
    return str(dtype) if dtype.kind in "mM" else "object"


def _of_intervals(values: list[Any], null: Null) -> ColumnType:
    import pandas as pd  # noqa: PLC0415 (as above)

    dtype = str(pd.arrays.IntervalArray(values).dtype)
    named = tuple(str(value) for value in values[:NAMED_AT_MOST])
    return ColumnType("interval", dtype, null, categories=named)


def _rejected(column: str, value: Any) -> ModelRejected:
    name = type(value).__name__
    return ModelRejected(
        "UNSUPPORTED_CATEGORIES",
        f"The column {column} was fitted on categories of the type {name}, which no value of a "
        "request can mean. Fit it on strings, numbers, booleans, dates, times or intervals.",
    )
