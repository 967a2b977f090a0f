"""Cells of CSV to values, by the type that the column was fitted with."""

import math
import re
from collections.abc import Callable
from typing import Any

from modelmount_compiler.instances.checks import LARGEST_INTEGER
from modelmount_compiler.instances.exactness import is_exact, refusal
from modelmount_compiler.signature import Signature

Value = float | int | str | bool | None
Reader = Callable[[str], Value]

# What pandas.read_csv takes for missing, by its documentation of `na_values`:
# https://pandas.pydata.org/docs/reference/api/pandas.read_csv.html
MISSING = frozenset(
    (
        *("", "#N/A", "#N/A N/A", "#NA", "-1.#IND", "-1.#QNAN", "-NaN", "-nan", "1.#IND"),
        *("1.#QNAN", "<NA>", "N/A", "NA", "NULL", "NaN", "None", "n/a", "nan", "null"),
    )
)
NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?")
DIGITS = re.compile(r"[+-]?[0-9]+")
WHOLE = re.compile(r"([+-]?[0-9]+)(\.0*)?")
# Numbers as JSON writes them: 007 and +1 are texts, such as ZIP codes and telephone numbers.
JSON_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
BOOLEANS = {"True": True, "TRUE": True, "true": True, "False": False, "FALSE": False} | {
    "false": False
}
MAX_DIGITS = 310
TOO_LARGE = "is too large for a double; send a smaller number"


class BadCell(ValueError):
    """A cell isn't of its column's type; the text says what to send."""


def is_missing(cell: str) -> bool:
    """Whether pandas takes a cell for missing."""
    return cell in MISSING or cell.strip() in MISSING


def is_number(cell: str) -> bool:
    """Whether a cell is a number."""
    return NUMBER.fullmatch(cell.strip()) is not None


def number(cell: str) -> Value:
    """Read a number that a double holds, or None for a missing one."""
    text = cell.strip()
    if not DIGITS.fullmatch(text):
        return _decimal(text)
    value = _whole(text)
    if not is_exact(value):
        raise BadCell(f"is {refusal(value)}")
    return value


def integer(cell: str) -> Value:
    """Read a number, whole ones with all their digits, or None for a missing one."""
    text = cell.strip()
    return _whole(found[1]) if (found := WHOLE.fullmatch(text)) else _decimal(text)


def boolean(cell: str) -> Value:
    """Read true or false as pandas does, a number, or None."""
    word = cell.strip()
    if word in BOOLEANS:
        return BOOLEANS[word]
    if not is_missing(word) and not is_number(word):
        raise BadCell(f"is {word!r:.80}; write true or false")
    return integer(word)


def text(cell: str) -> Value:
    """Read a text as it stands, or None for a missing one."""
    return None if cell in MISSING else cell


def verbatim(cell: str) -> Value:
    """Read a text as it stands; there is none that means missing."""
    return cell


def anything(cell: str) -> Value:
    """Read what JSON would call a number as one, and all else as a text or None."""
    if JSON_NUMBER.fullmatch(cell) and len(cell) < MAX_DIGITS:
        return integer(cell)
    return text(cell)


def readers(signature: Signature) -> list[Reader]:
    """Return what reads each column; empty where the model doesn't say how many it takes."""
    types = signature.column_types
    if types is not None:
        return [_of(column) for column in types]
    if signature.dtype == "number":
        read = number if signature.allows_missing else _required(number)
    else:
        read = anything
    width = len(signature.columns) if signature.columns else signature.n_features
    return [read] * (width or 0)


def number_columns(signature: Signature, width: int) -> list[int]:
    """Return the positions of the columns that hold nothing but numbers, of a row so wide."""
    types = signature.column_types
    if types is None:
        return list(range(width)) if signature.dtype == "number" else []
    numeric = [j for j, column in enumerate(types) if column.kind in ("float", "integer")]
    return numeric if len(types) == width else []


def _of(column: Any) -> Reader:
    read = OF_KIND.get(column.kind, text)
    if column.null != "refused":
        return read
    return verbatim if read is text else _required(read)


def _required(read: Reader) -> Reader:
    def required(cell: str) -> Value:
        value = read(cell)
        if value is None:
            raise BadCell("is missing, and this model takes no missing value there; send one")
        return value

    return required


def _whole(text: str) -> int:
    value = int(text) if len(text) < MAX_DIGITS else None
    if value is None or abs(value) > LARGEST_INTEGER:
        raise BadCell(TOO_LARGE)
    return value


def _decimal(text: str) -> Value:
    if NUMBER.fullmatch(text):
        value = float(text)
        if math.isfinite(value):
            return value
        raise BadCell(TOO_LARGE)
    if text in MISSING or text.lower() == "nan":
        return None
    raise BadCell(f"is {text!r:.80}, which is no number; write numbers as 1234.5")


OF_KIND: dict[str, Reader] = {
    "float": number,
    "integer": integer,
    "boolean": boolean,
    "any": anything,
}
