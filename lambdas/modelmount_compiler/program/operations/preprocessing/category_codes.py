"""Operations that number categories as the boosting libraries do."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from modelmount_compiler.program.operation import Matrix, Rows, derived, operation
from modelmount_compiler.program.operations.preprocessing.column_types import is_nan

NAN = float("nan")
Numbered = tuple[tuple[int, dict[Any, float]], ...]


@operation
class Codes:
    """Converts rows into a matrix, with categories as numbers and missing values as NaN.

    Other columns hold numbers, or strings that Python reads as a number.

    Attributes:
        columns: the categorical columns.
        known: the fitted categories of each; a category's code is its position here.
        refuses_unknown: whether any other value is refused; otherwise it becomes NaN.
    """

    columns: tuple[int, ...]
    known: tuple[tuple[Any, ...], ...]
    refuses_unknown: bool
    _codes: Numbered = derived()

    def __post_init__(self) -> None:
        object.__setattr__(self, "_codes", _numbered(self.columns, self.known))

    def __call__(self, rows: Rows) -> Matrix:
        rows = [list(row) for row in rows]
        for column, codes in self._codes:
            for row in rows:
                value = row[column]
                row[column] = codes.get(value, NAN)
                if self.refuses_unknown and value not in codes and not _is_missing(value):
                    raise ValueError(_unknown(column, value, tuple(codes)))
        return _matrix(rows)


@operation
class FittedCodes:
    """Converts rows as `Codes` does; an unknown category is missing, with some exceptions.

    Attributes:
        columns: the categorical columns.
        known: the fitted categories of each; a category's code is its position here.
        no_numbers: those of the columns that refuse unknown numbers.
        strict: those of the columns that refuse all that is unknown.
    """

    columns: tuple[int, ...]
    known: tuple[tuple[Any, ...], ...]
    no_numbers: tuple[int, ...] = ()
    strict: tuple[int, ...] = ()
    _codes: Numbered = derived()

    def __post_init__(self) -> None:
        object.__setattr__(self, "_codes", _numbered(self.columns, self.known))

    def __call__(self, rows: Rows) -> Matrix:
        rows = [list(row) for row in rows]
        for column, codes in self._codes:
            numbers, any_value = column in self.no_numbers, column in self.strict
            for row in rows:
                value = row[column]
                row[column] = codes.get(value, NAN)
                if (
                    (numbers or any_value)
                    and value not in codes
                    and not _is_missing(value)
                    and (any_value or is_number(value))
                ):
                    raise ValueError(_unknown(column, value, tuple(codes)))
        return _matrix(rows)


def _numbered(columns: Sequence[int], known: Sequence[Sequence[Any]]) -> Numbered:
    codes = [{value: float(code) for code, value in enumerate(each)} for each in known]
    return tuple(zip(columns, codes, strict=True))


def _matrix(rows: Rows) -> Matrix:
    try:
        return np.array(rows, dtype=np.float64)
    except (TypeError, OverflowError, ValueError) as error:
        raise ValueError(f"a column of numbers holds something else: {error}") from error


def is_number(value: object) -> bool:
    """Whether a column of numbers would take a value."""
    try:
        float(value)  # type: ignore[arg-type] # what isn't any raises
    except (TypeError, ValueError, OverflowError):
        return False
    return True


def _is_missing(value: object) -> bool:
    return value is None or is_nan(value)


def _unknown(column: int, value: object, known: Sequence[object]) -> str:
    some = ", ".join(map(repr, known[:10]))
    return (
        f"column {column} holds {value!r:.100}, which the model wasn't fitted on; it knows {some}"
        f"{', …' if len(known) > 10 else ''}; send null for anything else"
    )


@operation
class Floor:
    """Rounds values down to integers in some of the columns; older programs hold it."""

    columns: tuple[int, ...]

    def __call__(self, x: Matrix) -> Matrix:
        x, columns = x.copy(), list(self.columns)
        x[:, columns] = np.floor(x[:, columns])
        return x


@operation
class FloorSingle:
    """Rounds values of single precision down to integers in some of the columns."""

    columns: tuple[int, ...]

    def __call__(self, x: Matrix) -> Matrix:
        x, columns = x.copy(), list(self.columns)
        with np.errstate(over="ignore"):
            x[:, columns] = np.floor(x[:, columns].astype(np.float32))
        return x


@operation
class Bytes:
    """Makes values bytes in some of the columns, as C casts them; missing ones stay."""

    columns: tuple[int, ...]

    def __call__(self, x: Matrix) -> Matrix:
        x, columns = x.copy(), list(self.columns)
        chosen = np.trunc(x[:, columns])
        within = np.abs(chosen) < 2**31  # NaN isn't
        codes = np.where(within, chosen, 0.0).astype(np.int64) % 256
        x[:, columns] = np.where(np.isnan(chosen), np.nan, codes)
        return x
