"""Operations that put something for what is missing, or say that it is missing."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from modelmount_compiler.program.operation import Matrix, Rows, Vector, operation
from modelmount_compiler.program.operations.preprocessing.rows import is_nan, seen, typed

Marker = Any  # NaN, None, or a number or string that stands for a missing value
Indices = NDArray[np.intp]


@operation
class Fill:
    """A number for each missing value of a matrix, by column.

    Attributes:
        marker: NaN, or a number that stands for a missing value.
        values: shape (k,).
    """

    marker: float
    values: Vector

    def __call__(self, x: Matrix) -> Matrix:  # noqa: D102
        return np.where(missing(x, self.marker), self.values, x)


@operation
class Missing:
    """Where a matrix lacks a value, for some of its columns: a boolean matrix.

    Attributes:
        marker: NaN, or a number that stands for a missing value.
        columns: those that are told about.
        refuses_others: whether a value must not be missing in any other column.
    """

    marker: float
    columns: Indices
    refuses_others: bool

    def __call__(self, x: Matrix) -> NDArray[np.bool_]:  # noqa: D102
        found = missing(x, self.marker)
        told = found if len(self.columns) == x.shape[1] else found[:, self.columns]
        if self.refuses_others and found.sum() != told.sum():
            raise ValueError("a value is missing in a column that had all its values at fit")
        return told


def missing(x: Matrix, marker: float) -> NDArray[np.bool_]:
    """Return where a matrix has the marker, which may be NaN."""
    return np.isnan(x) if is_nan(marker) else x == marker


@operation
class FillRows:
    """A value for each missing one among rows, by column.

    None counts as NaN only where a data frame has made it so: beside other numbers or strings.

    Attributes:
        marker: what stands for a missing value.
        values: of each column.
        frame: whether the rows are of a data frame.
        numeric: whether it was fitted on numbers, so that a frame of booleans is refused.
        fractional: whether the values have a type that whole numbers can't be filled with.
    """

    marker: Marker
    values: tuple[Any, ...]
    frame: bool
    numeric: bool
    fractional: bool

    def __call__(self, rows: Rows) -> Rows:  # noqa: D102
        columns = seen(rows, frame=self.frame)
        if self.frame and self.numeric:
            columns = self._numbers(columns)
        filled = (
            [fill if m else v for v, m in zip(column, absent(column, self.marker), strict=True)]
            for column, fill in zip(columns, self.values, strict=True)
        )
        return list(map(list, zip(*filled, strict=True)))

    def _numbers(self, columns: list[Sequence[Any]]) -> list[Sequence[Any]]:
        """Refuse types that the original refuses; among numbers, booleans are numbers."""
        types = set(map(typed, columns))
        if types == {"boolean"}:
            raise ValueError("booleans can't be imputed here; send numbers")
        if self.fractional and types <= {"integer", "boolean"}:
            raise ValueError("whole numbers alone can't be imputed here; send 1.0 in place of 1")
        if "boolean" in types and types <= {"integer", "float", "boolean"}:
            number = float if "float" in types else int
            return [list(map(number, column)) for column in columns]
        return columns


@operation
class MissingRows:
    """Rows of booleans: whether a value is missing, for some of the columns.

    Attributes: see `FillRows` and `Missing`.
    """

    marker: Marker
    frame: bool
    columns: tuple[int, ...]
    refuses_others: bool

    def __call__(self, rows: Rows) -> Rows:  # noqa: D102
        masks = [absent(column, self.marker) for column in seen(rows, frame=self.frame)]
        others = (mask for i, mask in enumerate(masks) if i not in self.columns)
        if self.refuses_others and any(map(any, others)):
            raise ValueError("a value is missing in a column that had all its values at fit")
        return list(map(list, zip(*(masks[i] for i in self.columns), strict=True)))


def absent(column: Sequence[Any], marker: Marker) -> list[bool]:
    """Return where a column has the marker.

    Raises:
        ValueError: it has NaN, and the marker is another.
    """
    nans = [is_nan(value) for value in column]
    if is_nan(marker):
        return nans
    if True in nans:
        raise ValueError("Input X contains NaN; send a value for each null.")
    return [value == marker for value in column]
