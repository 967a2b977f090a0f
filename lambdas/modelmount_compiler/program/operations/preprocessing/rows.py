"""Operations on rows of JSON scalars, which keep strings, booleans and None.

Where the model's signature has the types of columns, rows hold the values that a data frame or an
array of these types does. Programs from before keep to what a data frame without types does: it
gives each column of a *batch* a type, by the rules in `column_types`.
"""

from collections.abc import Sequence
from operator import itemgetter
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from modelmount_compiler.program.operation import Matrix, Rows, operation
from modelmount_compiler.program.operations.preprocessing.column_types import (
    cast_column,
    infer_type,
)
from modelmount_compiler.program.operations.preprocessing.scaling import elementwise


@operation
class Select:
    """Selects columns in the given order."""

    columns: tuple[int, ...]

    def __call__(self, rows: Rows) -> Rows:
        if len(self.columns) == 1:
            column = self.columns[0]
            return [[row[column]] for row in rows]
        return list(map(itemgetter(*self.columns), rows))


@operation
class Column:
    """Selects one column as a list of values, such as a column of texts."""

    column: int

    def __call__(self, rows: Rows) -> list[Any]:
        return [row[self.column] for row in rows]


@operation
class Lists:
    """Converts a matrix into rows."""

    def __call__(self, x: Matrix) -> Rows:
        rows: Rows = x.tolist()
        return rows


@operation
class Numbers:
    """Converts rows into a matrix: None becomes NaN, and Python's `float` converts the others.

    NumPy converts object arrays in this way, and scikit-learn's `check_array` calls NumPy.

    Attributes:
        order: order in memory, by which matrix products round. It is `F` if the original has
            columns one after the other in memory, otherwise `C`.
    """

    order: Literal["C", "F"]

    def __call__(self, rows: Rows) -> Matrix:
        try:
            x = np.array(rows, dtype=np.float64, order=self.order)
        except (TypeError, OverflowError, ValueError) as error:
            raise ValueError(f"a column of numbers holds something else: {error}") from error
        if x.ndim != 2:
            raise ValueError("a column of numbers holds a list; send one number a column")
        return x


@operation
class Function:
    """Applies a NumPy function such as `log1p` to each value of a data frame.

    It refuses a column of objects, even if all of them are None. It computes booleans in half
    precision.

    Attributes:
        name: name of the function in NumPy.
    """

    name: str

    def __call__(self, rows: Rows) -> Matrix:
        types = [infer_type(column) for column in zip(*rows, strict=True)]
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
    """Concatenates the columns of rows and matrices, and returns rows."""

    def __call__(self, *blocks: Rows | Matrix) -> Rows:
        lists = [block.tolist() if isinstance(block, np.ndarray) else block for block in blocks]
        return [[v for row in rows for v in row] for rows in zip(*lists, strict=True)]


@operation
class Objects:
    """Converts rows into an array of the columns' common type; if there is none, of objects.

    Attributes:
        frame: whether the original has a data frame, whose columns have types.
    """

    frame: bool

    def __call__(self, rows: Rows) -> NDArray[Any]:
        columns = list(zip(*rows, strict=True))
        types = [infer_type(column) if self.frame else "object" for column in columns]
        if set(types) in ({"integer"}, {"boolean"}):
            return np.array(rows)
        if set(types) <= {"integer", "float"}:
            return np.array(rows, dtype=np.float64)
        answer = np.empty((len(rows), len(columns)), dtype=object)
        for index, (column, kind) in enumerate(zip(columns, types, strict=True)):
            answer[:, index] = cast_column(column, kind)
        return answer


@operation
class Typed:
    """Converts rows into an array of the common type of a data frame's columns, whose types it has.

    Attributes:
        kinds: the kind of each column; see `modelmount_compiler.column_types`.
        exact: whether whole numbers beside a missing one stay exact, for each column.
    """

    kinds: tuple[str, ...]
    exact: tuple[bool, ...]

    def __call__(self, rows: Rows) -> NDArray[Any]:
        described = zip(zip(*rows, strict=True), self.kinds, self.exact, strict=True)
        columns = [_array(column, kind, exact=exact) for column, kind, exact in described]
        types = {column.dtype for column in columns}
        is_mixed = len(types) > 1 and not types <= {np.dtype(np.int64), np.dtype(np.float64)}
        return np.stack([c.astype(object) if is_mixed else c for c in columns], axis=1)


def _array(column: Sequence[Any], kind: str, *, exact: bool) -> NDArray[Any]:
    """Return a column as a data frame of this kind of columns holds it."""
    types = set(map(type, column))
    if kind == "float" or (kind == "any" and types == {float}):
        return np.array(column, dtype=np.float64)
    if kind == "integer" and (types == {int} or not exact):
        return np.array(column, dtype=np.int64 if types == {int} else np.float64)
    if kind in ("boolean", "any") and types == {bool}:
        return np.array(column)
    return np.fromiter(column, dtype=object, count=len(column))
