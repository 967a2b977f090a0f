"""Readers of values that JSON has no type for: dates, times, intervals and decimals, from texts."""

import datetime
import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any

import pandas as pd

from modelmount_compiler.column_types import ColumnType, Kind
from modelmount_compiler.instances.pandas_releases import as_unit
from modelmount_compiler.instances.plain_values import Unfit

Reader = Callable[[str], Any]

# A date, and perhaps a time, as ISO 8601 writes them.
TIME = re.compile(
    r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?(?P<zone>Z|[+-]\d\d(?::?\d\d)?)?)?",
    re.ASCII | re.IGNORECASE,
)
# A duration by ISO 8601, or as pandas writes it.
DURATION = re.compile(
    r"[+-]?P(?=[\dT+-])(?:[+-]?\d+W)?(?:[+-]?\d+D)?"
    r"(?:T(?=[\d+-])(?:[+-]?\d+H)?(?:[+-]?\d+M)?(?:[+-]?\d+(?:\.\d{1,9})?S)?)?"
    r"|(?:[+-]?\d+ days?(?:,? |$))?(?:[+-]?\d{1,2}:\d\d(?::\d\d(?:\.\d{1,9})?)?)?",
    re.ASCII,
)
INTERVAL = re.compile(r"([\[(])\s*([^,\[\]()]+?)\s*,\s*([^,\[\]()]+?)\s*([\])])")
CLOSED: dict[str, Any] = {"[]": "both", "[)": "left", "(]": "right", "()": "neither"}


def reader(found: ColumnType) -> Callable[[Any], Any]:
    """Return the function that reads a value of a column, and raises `Unfit`."""
    null = _null(found)
    parse = PARSERS[found.kind](found)
    takes_numbers = found.kind == "decimal"

    def read(value: Any) -> Any:
        if value is None or value != value:  # noqa: PLR0124 (NaN)
            if found.null == "refused":
                raise Unfit("this column takes no missing values")
            return null
        if takes_numbers and isinstance(value, int | float) and not isinstance(value, bool):
            value = repr(value)
        return parse(value if isinstance(value, str) else "")

    return read


def _null(found: ColumnType) -> Any:
    if found.null == "none":
        return None
    return {"nat": pd.NaT, "na": pd.NA}.get(found.null, float("nan"))


def _datetimes(found: ColumnType) -> Reader:
    """Read datetimes in the unit and the zone of the fit."""
    unit, zone = _unit_and_zone(found.dtype)

    def read(text: str) -> Any:
        match = TIME.fullmatch(text)
        if match is None:
            raise Unfit('this column takes datetimes by ISO 8601, such as "2024-01-31T12:00:00"')
        if zone is None and match["zone"]:
            raise Unfit("this column has no time zone; leave the zone out")
        if zone is not None and not match["zone"]:
            raise Unfit('this column has a time zone; add one, such as "Z" or "+01:00"')
        try:
            moment = pd.Timestamp(text.replace(",", "."))
            moment = moment if unit is None else as_unit(moment, unit)
        except (ValueError, OverflowError) as error:
            raise Unfit(f"it is no datetime of this column's unit ({unit}): {error}") from error
        return moment if zone is None else moment.tz_convert(zone)

    return read


def _unit_and_zone(dtype: str) -> tuple[Any, str | None]:  # pandas names four units
    """Return unit and zone of a type; of objects neither."""
    match = re.fullmatch(r"(?:datetime|timedelta)64\[(\w+)(?:, (.+))?\]", dtype)
    return (match[1], match[2]) if match else (None, None)


def _timedeltas(found: ColumnType) -> Reader:
    """Read durations in the unit of the fit."""
    unit, _ = _unit_and_zone(found.dtype)

    def read(text: str) -> Any:
        if not text or DURATION.fullmatch(text) is None:
            raise Unfit('this column takes durations, such as "P1DT2H" or "1 days 02:00:00"')
        try:
            length = pd.Timedelta(text)
            return length if unit is None else as_unit(length, unit)
        except (ValueError, OverflowError) as error:
            raise Unfit(f"it is no duration of this column's unit ({unit}): {error}") from error

    return read


def _dates(_found: ColumnType) -> Reader:
    def read(text: str) -> Any:
        try:
            return datetime.date.fromisoformat(text)
        except ValueError as error:
            raise Unfit('this column takes dates by ISO 8601, such as "2024-01-31"') from error

    return read


def _decimals(_found: ColumnType) -> Reader:
    def read(text: str) -> Any:
        try:
            return Decimal(text)
        except InvalidOperation as error:
            raise Unfit('this column takes decimals, such as "0.10"') from error

    return read


def _intervals(found: ColumnType) -> Reader:
    """Read intervals as pandas writes them; their ends are numbers, datetimes or durations."""
    subtype = re.fullmatch(r"interval\[(.+), \w+\]", found.dtype)
    inner = subtype[1] if subtype else ""
    end = float if inner[:1] in ("i", "u", "f") else _ends_of_times(inner)
    known = ", ".join(found.categories or ())

    def read(text: str) -> Any:
        match = INTERVAL.fullmatch(text)
        try:
            if match is None:
                raise ValueError("no interval")
            left, right = end(match[2]), end(match[3])
            return pd.Interval(left, right, closed=CLOSED[match[1] + match[4]])
        except ValueError as error:
            raise Unfit(f"this column takes intervals, such as {known}") from error

    return read


def _ends_of_times(dtype: str) -> Reader:
    kind: Kind = "datetime" if dtype.startswith("datetime") else "timedelta"
    return PARSERS[kind](ColumnType(kind, dtype))


PARSERS: dict[str, Callable[[ColumnType], Reader]] = {
    "datetime": _datetimes,
    "timedelta": _timedeltas,
    "date": _dates,
    "decimal": _decimals,
    "interval": _intervals,
}
