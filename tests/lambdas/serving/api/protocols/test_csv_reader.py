"""CSV as pandas and RFC 4180 read it, by the types of the model's columns."""

import io
import math
from typing import Any

import pandas as pd
import pytest

from modelmount_compiler.column_types import ColumnType
from modelmount_compiler.instances.batches import Table
from modelmount_compiler.signature import Signature
from serving.api.protocols import csv_cells, csv_reader
from serving.api.protocols.content_type import ContentType
from serving.errors import BadRequest, SignatureMismatch, UnsupportedMediaType


def signature(names: str | None, *kinds: Any, null: Any = "nan", **changes: Any) -> Signature:
    types = tuple(ColumnType(kind, "object", null) for kind in kinds)
    told: dict[str, Any] = {
        "input": "matrix" if names is None else "frame",
        "dtype": "number" if set(kinds) <= {"float"} else "any",
        "n_features": len(kinds) or None,
        "columns": None if names is None else tuple(names.split(",")),
        "allows_missing": True,
        "methods": ("predict",),
        "column_types": types or None,
    }
    return Signature(**{**told, **changes})


PAIR = signature("zip,n", "string", "float")
NUMBERS = signature(None, n_features=2, dtype="number", allows_missing=False)
OBJECTS = signature(None, "string", "string")
TEXT = signature(None, input="text", n_features=None, dtype="any")
FOUR = signature(None, n_features=4, dtype="number")


def read(text: str | bytes, model: Signature, kind: str = "text/csv") -> Any:
    body = text.encode() if isinstance(text, str) else text
    return csv_reader.read(body, ContentType.parse(kind), model)


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("zip,n\n01234,5\n", [["01234", 5]]),
        ("n,zip\n5,01234\n", [["01234", 5]]),
        ('"n","zip"\r\n5,"01234"\r\n', [["01234", 5]]),
        ("\ufeffn,zip\n5,1e3\n", [["1e3", 5]]),
        (" n, zip\n5,x\n", [["x", 5]]),
        ("01234,5\n00250,6", [["01234", 5], ["00250", 6]]),
        ('"a, ""b""\nc",5\n', [['a, "b"\nc', 5]]),
        ("x,5\r\n\r\ny,6\r\n", [["x", 5], ["y", 6]]),
        ("x,5\ry,6\r", [["x", 5], ["y", 6]]),
        ("NA,5\n,\n", [[None, 5], [None, None]]),
        (" NA ,-1.5e-3\n", [[" NA ", -0.0015]]),
    ],
)
def test_columns_come_by_name_and_keep_their_type(text: str, rows: list[Any]) -> None:
    assert read(text, PAIR) == rows


def test_names_are_compared_whatever_their_unicode_form() -> None:
    composed = signature("r\u00e4ume,zip", "float", "string")
    assert read("zip,ra\u0308ume\n007,2\n", composed) == [[2, "007"]]


@pytest.mark.parametrize(
    ("kind", "cell", "value"),
    [
        ("float", " 1.50 ", 1.5),
        ("float", "nan", None),
        ("float", ".5", 0.5),
        ("float", "18446744073709552000", 18446744073709552000),
        ("integer", "9007199254740993", 2**53 + 1),
        ("integer", "18446744073709551615", 2**64 - 1),
        ("integer", "9007199254740993.0", 2**53 + 1),
        ("integer", "5.0", 5),
        ("boolean", "TRUE", True),
        ("boolean", "false", False),
        ("boolean", "1", 1),
        ("category", "007", "007"),
        ("string", "1.0", "1.0"),
        ("string", "null", None),
        ("datetime", "2026-01-01", "2026-01-01"),
        ("any", "5", 5),
        ("any", "007", "007"),
        ("any", "+47", "+47"),
        ("any", "1e999", "1e999"),
    ],
)
def test_a_cell_is_read_by_its_columns_type(kind: str, cell: str, value: Any) -> None:
    try:
        rows = read(f'"{cell}",z\n', signature("a,b", kind, "string"))
    except SignatureMismatch:
        assert value == "1e999"
    else:
        assert (rows, type(rows[0][0])) == ([[value, "z"]], type(value))


def test_missing_is_what_pandas_documents() -> None:
    cells = [*sorted(csv_cells.MISSING), "N.A.", "none", "0", "missing"]
    body = "x,y\n" + "".join(f'"{cell}",1\n' for cell in cells)
    theirs = pd.read_csv(io.StringIO(body), dtype={"x": str})["x"].isna().tolist()
    ours = [row[0] is None for row in read(body, signature("x,y", "string", "float"))]
    assert ours == theirs


def test_a_column_without_missing_values_has_the_text() -> None:
    refusing = signature("country,n", "string", "float", null="refused")
    assert read("NA,1\n", refusing) == [["NA", 1]]
    with pytest.raises(SignatureMismatch, match=r"Row 2 \(line 3\), column 'n': .* is missing"):
        read("country,n\nNA,1\nNO,\n", refusing)


@pytest.mark.parametrize(
    ("text", "model", "rows"),
    [
        ("1,2\n3,4\n", NUMBERS, [[1, 2], [3, 4]]),
        ("a,b\n3,4\n", NUMBERS, [[3, 4]]),
        ("0,1,2,4\n", FOUR, [[0, 1, 2, 4]]),
        ("00150,a\n", OBJECTS, [["00150", "a"]]),
        ("text\n", TEXT, ["text"]),
        ('good 1\n"a, b"\nNA\n12\n""\n', TEXT, ["good 1", "a, b", "NA", "12", ""]),
    ],
)
def test_models_without_names(text: str, model: Signature, rows: list[Any]) -> None:
    assert read(text, model) == rows


@pytest.mark.parametrize(
    ("text", "model", "rows"),
    [
        ("text\ngood\n", TEXT, ["good"]),
        ("a,b\n00150,a\n", OBJECTS, [["00150", "a"]]),
        ("0,1\n3,4\n", NUMBERS, [[3, 4]]),
        ("n,zip\n3,4\n", PAIR, [["4", 3]]),
    ],
)
def test_a_header_can_be_stated(text: str, model: Signature, rows: list[Any]) -> None:
    assert read(text, model, "text/csv; header=present") == rows


def test_that_there_is_none_can_be_stated() -> None:
    assert read("text\ngood\n", TEXT, 'text/csv;header="absent"') == ["text", "good"]
    same = signature("zip,kind", "string", "string")
    assert read("zip,kind\n", same, "text/csv; Header=Absent") == [["zip", "kind"]]


@pytest.mark.parametrize(
    ("text", "model"),
    [
        ("text\ngood\n", TEXT),
        ("Review\nbad\ngood\n", TEXT),
        ("kind,town\na,Oslo\nb,Oslo\n", OBJECTS),
        ("0,1,2,3\n5,6,7,8\n", FOUR),
        ("zip,m\n00150,1\n", PAIR),
        ("ZIP,N\n00150,1\n", PAIR),
        ("code,number\n00150,1\n", PAIR),
        ("zip,zip\n00150,1\n", PAIR),
    ],
)
def test_what_could_be_a_header_is_refused(text: str, model: Signature) -> None:
    with pytest.raises(SignatureMismatch, match="header=present"):
        read(text, model)


def test_more_columns_than_the_models_stay_named() -> None:
    found = read("label,n,zip\nyes,5,007\n", PAIR)
    assert found == Table(("label", "n", "zip"), [["yes", 5, "007"]])


@pytest.mark.parametrize(
    ("text", "model", "told"),
    [
        ("zip,n\n007,abc\n", PAIR, r"Row 1 \(line 2\), column 'n': .*'abc', which is no number"),
        ("1,2\n3,x\n", NUMBERS, r"Row 2 \(line 2\), column 2: .*no number"),
        ('1,"\n2"\n3,x\n', NUMBERS, r"Row 2 \(line 3\)"),
        ("1,2\n3\n", NUMBERS, r"Row 2 \(line 2\) has 1 cells; it must have 2"),
        (",a,b\n0,1,2\n", NUMBERS, r"to_csv\(index=False\)"),
        ("1;2\n", NUMBERS, "by commas"),
        ("1,\n", NUMBERS, "is missing"),
        ("1,9007199254740993\n", NUMBERS, "no double holds"),
        ("1,18446744073709551615\n", NUMBERS, "no double holds"),
        ("1,1e999\n", NUMBERS, "too large"),
        ("1," + "9" * 5000 + "\n", NUMBERS, "too large"),
        ("1,inf\n", NUMBERS, "no number"),
        ("1,1_0\n", NUMBERS, "no number"),
        ("1,--0\n", NUMBERS, "no number"),
        ("1,+\n", NUMBERS, "no number"),
        ("1,\u0661\n", NUMBERS, "no number"),
        ("good, 1\n", TEXT, "double quotes"),
    ],
)
def test_a_fault_has_its_row_and_column(text: str, model: Signature, told: str) -> None:
    with pytest.raises(SignatureMismatch, match=told) as raised:
        read(text, model)
    assert raised.value.field is not None
    assert raised.value.field.startswith("$.instances[")


@pytest.mark.parametrize(
    ("text", "kind", "told"),
    [
        ("", "text/csv", "no rows"),
        ("\n\r\n", "text/csv", "no rows"),
        ("zip,n\n", "text/csv", "header and no rows"),
        ('"a', "text/csv", "line 1"),
        ('x,1\n"a"b,2', "text/csv", "line 2"),
        (b"\xff\xfex\x00", "text/csv", "charset=utf-16"),
        (b"ab\xff", "text/csv", "byte 2"),
        ("1,2", "text/csv; header=maybe", "header=present or header=absent"),
        ("1,2", "text/csv; charset=utf-32", "utf-32"),
    ],
)
def test_what_is_no_csv_is_told(text: str | bytes, kind: str, told: str) -> None:
    with pytest.raises(BadRequest, match=told):
        read(text, PAIR, kind)


@pytest.mark.parametrize("charset", ["latin-1", "iso-8859-1", "UTF-16", "windows-1252", '"utf-8"'])
def test_a_charset_is_read(charset: str) -> None:
    name = charset.strip('"').replace("windows-", "cp")
    assert read("Åbo,1\n".encode(name), PAIR, f"text/csv; charset={charset}") == [["Åbo", 1]]


@pytest.mark.parametrize("charset", ["zip", "hex", "rot13", "idna", "unicode_escape", "", "é"])
def test_codecs_that_are_no_charsets_are_refused(charset: str) -> None:
    with pytest.raises(UnsupportedMediaType, match="charset"):
        read("1,2", PAIR, f"text/csv; charset={charset}")


def test_a_long_text_is_no_trouble() -> None:
    assert read("x" * 500_000, TEXT) == ["x" * 500_000]


def test_numbers_are_the_nearest_doubles() -> None:
    cells = ["0.1", "1e-400", "123456789.123456789", "5e-324", "-0.0", "1.7976931348623157e308"]
    rows = read("\n".join(f"{cell},1" for cell in cells), NUMBERS)
    for cell, (own, _) in zip(cells, rows, strict=True):
        assert (own, math.copysign(1, own)) == (float(cell), math.copysign(1, float(cell)))
