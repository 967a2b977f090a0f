"""What a value means in a column of a known type, alone and beside any other rows."""

import datetime
import json
import math
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd
import pytest

from modelmount_compiler.column_types import ColumnType
from modelmount_compiler.errors import InputMismatch
from modelmount_compiler.instances.fitted_frames import fitted_frame
from modelmount_compiler.instances.inputs import for_estimator, for_program
from modelmount_compiler.signature import Signature

FLOAT = ColumnType("float", "float64")
NARROW = ColumnType("integer", "int64", "nan", "float64")
WIDE = ColumnType("integer", "int64", "nan", "object")
STRING = ColumnType("string", "str")
OPTIONAL = ColumnType("string", "object", "none")
NAMED = ColumnType("category", "object", "refused")
BOOLEAN = ColumnType("boolean", "bool", "nan", "object")
ANY = ColumnType("any", "object")
MOMENT = ColumnType("datetime", "datetime64[us]", "nat")
SECOND = ColumnType("datetime", "datetime64[s]", "nat")
ZONED = ColumnType("datetime", "datetime64[us, Europe/Oslo]", "nat")
LENGTH = ColumnType("timedelta", "timedelta64[us]", "nat")
DATE = ColumnType("date", "object")
DECIMAL = ColumnType("decimal", "object")
BAND = ColumnType("interval", "interval[int64, right]", categories=("(0, 18]", "(18, 40]"))
NAN = float("nan")


def signature(*types: ColumnType, named: bool = True) -> Signature:
    names = tuple(f"c{i}" for i in range(len(types))) if named else None
    return Signature(
        *("frame" if named else "matrix", "any", len(types), names, True, ("predict",)),
        column_types=types,
    )


def same(one: Any, other: Any) -> bool:
    if other is None or other is pd.NaT or (isinstance(other, float) and math.isnan(other)):
        return type(one) is type(other)
    return type(one) is type(other) and bool(one == other)


READ: list[tuple[ColumnType, Any, Any]] = [
    (FLOAT, 2, 2.0),
    (FLOAT, True, 1.0),
    (FLOAT, 2**60 + 1, float(2**60)),
    (FLOAT, None, NAN),
    (WIDE, 2**60 + 1, 2**60 + 1),
    (WIDE, 2.0, 2),
    (WIDE, 2.5, 2.5),
    (WIDE, None, NAN),
    (WIDE, 10**30, 10**30),
    (NARROW, False, 0),
    (FLOAT, "-2.5e1", -25.0),
    (WIDE, "1152921504606846977", 2**60 + 1),
    (NARROW, "2.0", 2),
    (STRING, "1", "1"),
    (STRING, None, NAN),
    (OPTIONAL, None, None),
    (NAMED, 7, "7"),
    (NAMED, True, "1"),
    (BOOLEAN, 1, True),
    (BOOLEAN, None, NAN),
    (ANY, 3, 3.0),
    (ANY, "a", "a"),
    (ANY, None, NAN),
    (MOMENT, "2024-01-31", pd.Timestamp("2024-01-31")),
    (MOMENT, "2024-01-31T12:00:00,5", pd.Timestamp("2024-01-31T12:00:00.5")),
    (MOMENT, "2024-01-31 12:00", pd.Timestamp("2024-01-31T12:00")),
    (MOMENT, None, pd.NaT),
    (ZONED, "2024-01-31T12:00Z", pd.Timestamp("2024-01-31T13:00", tz="Europe/Oslo")),
    (ZONED, "2024-01-31T12:00-0300", pd.Timestamp("2024-01-31T16:00", tz="Europe/Oslo")),
    (LENGTH, "P1DT2H", pd.Timedelta(hours=26)),
    (LENGTH, "1 days 02:00:00", pd.Timedelta(hours=26)),
    (LENGTH, "-1 days +23:00:00", pd.Timedelta(hours=-1)),
    (LENGTH, "00:05:00.25", pd.Timedelta(seconds=300.25)),
    (DATE, "2024-01-31", datetime.date(2024, 1, 31)),
    (DECIMAL, "0.10", Decimal("0.1")),
    (DECIMAL, 0.1, Decimal("0.1")),
    (BAND, "(0, 18]", pd.Interval(0, 18)),
    (BAND, "(0.0, 18.0]", pd.Interval(0, 18)),
    (BAND, None, NAN),
]
REFUSED: list[tuple[ColumnType, Any, str]] = [
    (FLOAT, "two", "a string; this column takes numbers"),
    (FLOAT, "nan", "takes numbers"),
    (FLOAT, " 2", "takes numbers"),
    (FLOAT, "1_000", "takes numbers"),
    (FLOAT, 10**400, "too large"),
    (WIDE, 2.0**60, "isn't exact beyond"),
    (WIDE, "seven", "takes whole numbers"),
    (WIDE, "1e18", "isn't exact beyond"),
    (STRING, 1, 'such as "1" in place of 1'),
    (STRING, 1.0, "takes strings"),
    (STRING, True, "a boolean; this column takes strings"),
    (NAMED, 1.5, "strings, whole numbers"),
    (NAMED, None, "no missing"),
    (BOOLEAN, 2, "true or false"),
    (BOOLEAN, "true", "true or false"),
    (ANY, [1], "a list"),
    (MOMENT, 1706659200, "ISO 8601"),
    (MOMENT, "now", "ISO 8601"),
    (MOMENT, "2024-02-30", "no datetime"),
    (MOMENT, "2024-01-31T12:00Z", "leave the zone out"),
    (SECOND, "2024-01-31T12:00:00.5", "unit"),
    (ZONED, "2024-01-31T12:00", "add one"),
    (LENGTH, "5", "durations"),
    (LENGTH, "", "durations"),
    (LENGTH, 3600, "durations"),
    (DATE, "2024-01-31T00:00", "dates by ISO"),
    (DECIMAL, "much", "decimals"),
    (BAND, "18", r"such as \(0, 18\], \(18, 40\]"),
    (BAND, 18, "takes intervals"),
]


@pytest.mark.parametrize(("found", "given", "expected"), READ)
def test_a_value_is_read_by_the_type_of_its_column(
    found: ColumnType, given: Any, expected: Any
) -> None:
    alone = for_program([[given]], signature(found))
    beside = for_program([[None if found.null != "refused" else "x"], [given]], signature(found))
    assert same(alone[0][0], expected)
    assert same(beside[1][0], expected)


@pytest.mark.parametrize(("found", "given", "reason"), REFUSED)
def test_what_does_not_fit_is_told_with_its_place(
    found: ColumnType, given: Any, reason: str
) -> None:
    about = signature(FLOAT, found)
    with pytest.raises(InputMismatch, match=reason) as caught:
        for_estimator([{"c0": 1, "c1": given}], about)
    assert caught.value.field == "$.instances[0].c1"
    with pytest.raises(InputMismatch, match=r"column 'c1'") as caught:
        for_program([[1, given]], about)
    assert caught.value.field == "$.instances[0][1]"


@pytest.mark.parametrize(
    ("found", "values", "dtype"),
    [
        (FLOAT, [1, None], "float64"),
        (NARROW, [1, 2], "int64"),
        (NARROW, [1, None], "float64"),
        (WIDE, [2**60 + 1, None], "object"),
        (WIDE, [2**63, 1], "object"),
        (ColumnType("integer", "uint64", "nan", "object"), [2**63 + 1, 1], "uint64"),
        (STRING, ["a", None], "str"),
        (STRING, [None], "str"),
        (OPTIONAL, ["a", None], "object"),
        (OPTIONAL, ["a", "b"], "object"),
        (BOOLEAN, [True, 0], "bool"),
        (BOOLEAN, [True, None], "object"),
        (ANY, ["a", None], "str"),
        (ANY, [None], "float64"),
        (ANY, [True, False], "bool"),
        (MOMENT, ["2024-01-31", None], "datetime64[us]"),
        (SECOND, ["2024-01-31", None], "datetime64[s]"),
        (ZONED, ["2024-01-31T12:00Z", None], "datetime64[us, Europe/Oslo]"),
        (LENGTH, ["PT1H", None], "timedelta64[us]"),
        (DATE, ["2024-01-31", None], "object"),
        (DECIMAL, ["0.1", 0.25, None], "object"),
        (BAND, ["(0, 18]", None], "object"),
        (NAMED, ["a", 7, True], "object"),
    ],
)
def test_an_original_gets_the_types_of_its_fit(
    found: ColumnType, values: list[Any], dtype: str
) -> None:
    rows = [[value] for value in values]
    frame = for_estimator(rows, signature(found))
    assert str(frame.dtypes.iloc[0]) == dtype
    pd.testing.assert_frame_equal(frame, fitted_frame(rows, signature(found)))
    array = for_estimator(rows, signature(found, named=False))
    fitted = fitted_frame(rows, signature(found, named=False))
    assert array.dtype == fitted.dtype


def test_columns_lie_one_after_the_other() -> None:
    """Matrix products round by the order in memory, which a read table has by columns."""
    matrix = for_estimator([[1, 2], [3, 4]], signature(FLOAT, FLOAT)).to_numpy()
    assert matrix.flags.f_contiguous
    assert matrix.dtype == np.float64


def test_an_array_of_times_is_one() -> None:
    about = signature(MOMENT, named=False)
    batch = for_estimator([["2024-01-31"], [None]], about)
    assert batch.dtype == np.dtype("datetime64[us]")
    assert np.isnat(batch[1, 0])


def test_what_json_reads_is_enough() -> None:
    """The largest whole numbers come through JSON as they were written."""
    rows = json.loads("[[1152921504606846977], [null]]")
    found = for_program(rows, signature(WIDE))
    assert found[0] == [2**60 + 1]
    assert math.isnan(found[1][0])


def test_a_caller_s_lists_stay_as_they_are() -> None:
    given = [[1, None]]
    for_program(given, signature(FLOAT, STRING))
    assert given == [[1, None]]
