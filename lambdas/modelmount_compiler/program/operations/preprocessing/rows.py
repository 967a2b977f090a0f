"""Operations on rows of JSON scalars, where strings, booleans and None still are what they are.

Two sources make such rows, and the original sees them differently. A data frame gives each column
of a *batch* a type of its own (`typed`), so None beside strings or numbers is NaN, while None alone
stays None. An object array takes every value as it is.
"""

import math
from collections.abc import Sequence
from operator import itemgetter
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from modelmount_compiler.program.operation import Matrix, Rows, operation
from modelmount_compiler.program.operations.preprocessing.scaling import elementwise

Type = Literal["integer", "float", "boolean", "string", "object"]
NAN = float("nan")


def typed(column: Sequence[Any]) -> Type:
    """Return the type that pandas 3 infers for a column of JSON scalars.

    Source: `pandas.DataFrame(rows)`, tried on each mixture.
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


def as_typed(column: Sequence[Any], kind: Type) -> list[Any]:
    """Return a column as a data frame holds it."""
    if kind == "float":
        return [NAN if v is None else float(v) for v in column]
    if kind == "string":
        return [NAN if v is None else v for v in column]
    return list(column)


def seen(rows: Rows, *, frame: bool) -> list[Sequence[Any]]:
    """Return the columns as the original has them; a single row's values are what they are."""
    columns: list[Sequence[Any]] = list(zip(*rows, strict=True))
    if frame and len(rows) > 1:
        return [as_typed(column, typed(column)) for column in columns]
    return columns


def is_nan(value: object) -> bool:
    """Whether a scalar is NaN."""
    return isinstance(value, float) and math.isnan(value)


@operation
class Select:
    """Some of the columns, in the order given."""

    columns: tuple[int, ...]

    def __call__(self, rows: Rows) -> Rows:  # noqa: D102
        if len(self.columns) == 1:
            column = self.columns[0]
            return [[row[column]] for row in rows]
        return list(map(itemgetter(*self.columns), rows))


@operation
class Column:
    """One column by itself, such as the texts among other columns."""

    column: int

    def __call__(self, rows: Rows) -> list[Any]:  # noqa: D102
        return [row[self.column] for row in rows]


@operation
class Lists:
    """A matrix as rows."""

    def __call__(self, x: Matrix) -> Rows:  # noqa: D102
        rows: Rows = x.tolist()
        return rows


@operation
class Numbers:
    """Rows as a matrix: None is NaN, booleans are 0 and 1, strings are read as Python reads them.

    This is what NumPy makes of an object array, and so what scikit-learn's `check_array` does.

    Attributes:
        order: in memory, `F` (column by column) where the original has them so, otherwise `C`:
            matrix products round by it.
    """

    order: Literal["C", "F"]

    def __call__(self, rows: Rows) -> Matrix:  # noqa: D102
        try:
            x = np.array(rows, dtype=np.float64, order=self.order)
        except (TypeError, OverflowError, ValueError) as error:
            raise ValueError(f"a column of numbers holds something else: {error}") from error
        if x.ndim != 2:
            raise ValueError("a column of numbers holds a list; send one number a column")
        return x


@operation
class Function:
    """A function of NumPy's of each value of a data frame, by its name, such as `log1p`.

    It refuses a column of objects, even if all of them are None, and takes booleans in half
    precision.
    """

    name: str

    def __call__(self, rows: Rows) -> Matrix:  # noqa: D102
        types = [typed(column) for column in zip(*rows, strict=True)]
        if not {"integer", "float", "boolean"}.issuperset(types):
            raise ValueError(f"np.{self.name} takes columns of numbers alone; send numbers")
        function = elementwise(self.name)
        x = np.array(rows, dtype=np.float64, order="F")
        with np.errstate(all="ignore"):
            y: Matrix = function(x)
            for index, kind in enumerate(types):
                if kind == "boolean":
                    y[:, index] = function(x[:, index].astype(bool))
        return y


@operation
class Beside:
    """Columns of several rows and matrices side by side, as rows."""

    def __call__(self, *parts: Rows | Matrix) -> Rows:  # noqa: D102
        lists = [part.tolist() if isinstance(part, np.ndarray) else part for part in parts]
        return [[v for row in rows for v in row] for rows in zip(*lists, strict=True)]


@operation
class Objects:
    """Rows as an answer, in the type that all columns have in common: an object array if need be.

    Attributes:
        frame: whether columns have types, in which None beside others is NaN.
    """

    frame: bool

    def __call__(self, rows: Rows) -> NDArray[Any]:  # noqa: D102
        columns = list(zip(*rows, strict=True))
        types = [typed(column) if self.frame else "object" for column in columns]
        if set(types) in ({"integer"}, {"boolean"}):
            return np.array(rows)
        if set(types) <= {"integer", "float"}:
            return np.array(rows, dtype=np.float64)
        answer = np.empty((len(rows), len(columns)), dtype=object)
        for index, (column, kind) in enumerate(zip(columns, types, strict=True)):
            answer[:, index] = as_typed(column, kind)
        return answer
