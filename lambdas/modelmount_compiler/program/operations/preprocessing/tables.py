"""Operations of transformers that take a table, and change some of its columns."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from modelmount_compiler.program.operation import Matrix, Rows, Vector, operation
from modelmount_compiler.program.operations.preprocessing.column_types import is_nan

Array = NDArray[Any]


@operation
class Looked:
    """Replaces each code by its row of the column's own table; the rows stand side by side.

    Attributes:
        tables: for each column, shape (codes, m); m differs by column.
    """

    tables: tuple[Array, ...]

    def __call__(self, codes: list[Any]) -> Array:
        places = np.array(codes, dtype=np.intp).reshape(-1, len(self.tables))
        found = [table.take(places[:, i], axis=0) for i, table in enumerate(self.tables)]
        return found[0] if len(found) == 1 else np.concatenate(found, axis=1)


@operation
class Listed:
    """Converts an array into rows of Python's values."""

    def __call__(self, x: Array) -> Rows:
        rows: Rows = x.tolist()
        return rows


@operation
class Present:
    """Refuses a missing value in any column."""

    def __call__(self, rows: Rows) -> Rows:
        for row in rows:
            if any(value is None or is_nan(value) for value in row):
                raise ValueError("a value is missing in a column that takes none; send it")
        return rows


@operation
class FillGaps:
    """Replaces missing values of each column of rows, None and NaN alike.

    Attributes:
        values: one value for each column.
    """

    values: tuple[Any, ...]

    def __call__(self, rows: Rows) -> Rows:
        values = self.values
        return [
            [
                fill if value is None or is_nan(value) else value
                for value, fill in zip(row, values, strict=True)
            ]
            for row in rows
        ]


@operation
class Gaps:
    """Tells missing values in rows, None and NaN alike, by ones."""

    def __call__(self, rows: Rows) -> Array:
        found = [[value is None or is_nan(value) for value in row] for row in rows]
        return np.array(found, dtype=np.int8)


@operation
class Cut:
    """Returns the number of each value's interval as `pandas.cut` does; an edge is below it.

    Attributes:
        edges: ascending edges of each column's intervals.
        whole: whether whole numbers are returned, and values outside of all intervals refused.
    """

    edges: tuple[Vector, ...]
    whole: bool

    def __call__(self, x: Matrix) -> Array:
        y = np.empty(x.shape)
        for column, edges in enumerate(self.edges):
            values = x[:, column]
            found = edges.searchsorted(values, side="left").astype(np.float64)
            found[values == edges[0]] = 1
            found[np.isnan(values) | (found == len(edges)) | (found == 0)] = np.nan
            y[:, column] = found - 1
        if not self.whole:
            return y
        if np.isnan(y).any():
            raise ValueError("a value lies outside of all intervals of its column")
        return y.astype(np.int64)


@operation
class Capped:
    """Clips each column between two numbers of its own; NaN stays.

    Attributes:
        low: shape (columns,); negative infinity for none.
        high: likewise.
    """

    low: Vector
    high: Vector

    def __call__(self, x: Matrix) -> Matrix:
        return np.clip(x, self.low, self.high)


@operation
class Rounded:
    """Rounds all values to a number of decimals."""

    decimals: int

    def __call__(self, x: Array) -> Array:
        return np.round(x, self.decimals)


@operation
class Exceeds:
    """Refuses values that aren't above a number after a constant was added, by column.

    Attributes:
        added: shape (columns,).
    """

    added: Vector

    def __call__(self, x: Matrix) -> Matrix:
        if (x + self.added <= 0).any():
            raise ValueError("a value is too small for its logarithm to be taken")
        return x


@operation
class Nonzero:
    """Refuses zeros."""

    def __call__(self, x: Matrix) -> Matrix:
        if (x == 0).any():
            raise ValueError("a value is zero, and is divided by")
        return x


@operation
class Power:
    """Raises all values to a power, with NumPy's function."""

    exponent: float

    def __call__(self, x: Matrix) -> Matrix:
        with np.errstate(all="ignore"):
            return np.power(x, self.exponent)


@operation
class Inverse:
    """Computes 1 / x."""

    def __call__(self, x: Matrix) -> Matrix:
        return 1 / x
