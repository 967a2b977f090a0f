"""Builds data as the owner of a model has it: the types of the fit, by pandas' own conversions.

It shares nothing with the conversion of requests, so that probes can hold one against the other.
"""

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd

from modelmount_compiler.column_types import ColumnType
from modelmount_compiler.instances.pandas_releases import ISO_8601
from modelmount_compiler.signature import Signature

Series = Any  # pandas' types of arguments are narrower than its functions
NULLS: dict[str, Any] = {"none": None, "nat": pd.NaT, "na": pd.NA}


def fitted_frame(rows: Sequence[Sequence[Any]], signature: Signature) -> Any:  # a frame or an array
    """Return rows of JSON scalars as fitted data: a data frame, or an array without names.

    Args:
        rows: values in the order of the columns.
        signature: of a model whose columns have types.
    """
    types = signature.column_types or ()
    columns = [
        _column(pd.Series([row[i] for row in rows], dtype=object), found)
        for i, found in enumerate(types)
    ]
    frame = pd.concat(columns, axis=1, keys=range(len(columns)))
    if signature.columns is not None:
        return frame.set_axis(list(signature.columns), axis=1)
    is_of_times = {str(column.dtype.kind) for column in columns} in ({"m"}, {"M"})
    is_of_times = is_of_times and isinstance(columns[0].dtype, np.dtype)
    return frame.to_numpy() if is_of_times else frame.astype(object).to_numpy()


def _column(values: Series, found: ColumnType) -> Series:
    if found.kind == "any":
        return values.where(values.notna(), np.nan).infer_objects()
    if found.kind in CONVERSIONS:
        return CONVERSIONS[found.kind](values, found)
    null = NULLS.get(found.null, np.nan)
    if found.kind == "category":
        texts = [value if isinstance(value, str) else str(int(value)) for value in values]
        return pd.Series(texts, dtype=object)
    if found.kind == "decimal":
        values = values.map(lambda value: Decimal(str(value)), na_action="ignore")
    elif found.kind == "date":
        values = values.map(date.fromisoformat, na_action="ignore")
    elif found.kind == "boolean" and found.dtype == "bool" and values.notna().all():
        return values.astype("bool")
    elif found.kind == "string" and found.dtype != "object":
        return values.astype("str")
    objects = [null if pd.isna(value) else value for value in values]
    return pd.Series(np.fromiter(objects, object, len(objects)), dtype=object)


def _numbers(values: Series, found: ColumnType) -> Series:
    values = pd.Series([_told(value) for value in values], dtype=object)
    dtype = "uint64" if found.dtype == "uint64" else "int64"
    held = np.iinfo(dtype)
    is_whole = all(isinstance(value, int) and held.min <= value <= held.max for value in values)
    if found.kind == "integer" and found.dtype != "object" and is_whole:
        return values.astype(dtype)
    if found.kind == "integer" and "object" in (found.dtype, found.dtype_with_null):
        null = NULLS.get(found.null, np.nan)
        return values.where(values.notna(), null)
    return values.astype("float64")


def _told(value: Any) -> Any:
    is_whole = isinstance(value, str) and value.removeprefix("-").isdigit()
    return int(value) if is_whole else float(value) if isinstance(value, str) else value


def _datetimes(values: Series, found: ColumnType) -> Series:
    read: Series = pd.to_datetime(values, format=ISO_8601, utc="," in found.dtype)
    return read.astype(object if found.dtype == "object" else found.dtype)


def _timedeltas(values: Series, found: ColumnType) -> Series:
    read: Series = pd.to_timedelta(values)
    return read.astype(found.dtype)


def _intervals(values: Series, found: ColumnType) -> Series:
    def read(text: str) -> Any:
        sides = {"[]": "both", "[)": "left", "(]": "right", "()": "neither"}
        ends = [end.strip() for end in text[1:-1].split(",")]
        parsed: Any = [float(end) if _is_number(end) else _moment(end) for end in ends]
        closed: Any = sides[text[0] + text[-1]]
        return pd.Interval(parsed[0], parsed[1], closed=closed)

    null = NULLS.get(found.null, np.nan)
    read_values = [null if text is None else read(text) for text in values]
    return pd.Series(read_values, dtype=object)


def _is_number(text: str) -> bool:
    return text.replace(".", "", 1).removeprefix("-").isdigit() or "e" in text or "inf" in text


def _moment(text: str) -> Any:
    return pd.Timedelta(text) if " days" in text else pd.Timestamp(text)


Conversion = Callable[[Series, ColumnType], Series]
CONVERSIONS: dict[str, Conversion] = {
    "float": _numbers,
    "integer": _numbers,
    "datetime": _datetimes,
    "timedelta": _timedeltas,
    "interval": _intervals,
}
