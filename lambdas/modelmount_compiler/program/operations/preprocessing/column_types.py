"""The types that pandas gives to columns of JSON scalars."""

import math
from collections.abc import Sequence
from typing import Any, Literal

from modelmount_compiler.program.operation import Rows

ColumnType = Literal["integer", "float", "boolean", "string", "object"]
NAN = float("nan")


def infer_type(column: Sequence[Any]) -> ColumnType:
    """Return the type that pandas 3 infers for a column of JSON scalars.

    Source: `pandas.DataFrame(rows)`, run on each mixture of types.
    """
    types = set(map(type, column))
    missing = type(None) in types
    types.discard(type(None))
    if not types or not types <= {int, float}:
        if types == {str} or (types == {str, float} and _is_nan_beside_strings(column)):
            return "string"
        return "boolean" if types == {bool} and not missing else "object"
    if int in types and not _fits([v for v in column if type(v) is int]):
        return "object"
    return "float" if missing or float in types else "integer"


def _is_nan_beside_strings(column: Sequence[Any]) -> bool:
    return all(isinstance(v, str) or v is None or is_nan(v) for v in column)


def _fits(numbers: list[int]) -> bool:
    low, high = min(numbers), max(numbers)
    return low >= -(2**63) and high < (2**63 if low < 0 else 2**64)


def cast_column(column: Sequence[Any], kind: ColumnType) -> list[Any]:
    """Return a column as a data frame of this type holds it."""
    if kind == "float":
        return [NAN if v is None else float(v) for v in column]
    if kind == "string":
        return [NAN if v is None else v for v in column]
    return list(column)


def frame_columns(rows: Rows, *, frame: bool) -> list[Sequence[Any]]:
    """Return the columns as the original has them; a data frame of one row changes no value."""
    columns: list[Sequence[Any]] = list(zip(*rows, strict=True))
    if frame and len(rows) > 1:
        return [cast_column(column, infer_type(column)) for column in columns]
    return columns


def is_nan(value: object) -> bool:
    """Whether a scalar is NaN."""
    return isinstance(value, float) and math.isnan(value)
