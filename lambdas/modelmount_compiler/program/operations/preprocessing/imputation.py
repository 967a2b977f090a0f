"""Operations that replace missing values by a constant, or indicate them."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from modelmount_compiler.program.operation import Matrix, Rows, Vector, operation
from modelmount_compiler.program.operations.preprocessing.column_types import (
    frame_columns,
    infer_type,
    is_nan,
)

Marker = Any  # NaN, None, or a number or string that stands for a missing value
Indices = NDArray[np.intp]


@operation
class Fill:
    """Replaces the missing values of each column of a matrix by a number.

    Attributes:
        marker: NaN, or a number that stands for a missing value.
        values: one number for each column, shape (k,).
    """

    marker: float
    values: Vector

    def __call__(self, x: Matrix) -> Matrix:
        return np.where(missing(x, self.marker), self.values, x)


@operation
class Missing:
    """Indicates missing values in some columns of a matrix by booleans.

    Attributes:
        marker: NaN, or a number that stands for a missing value.
        columns: the indicated columns.
        refuses_others: whether to refuse a missing value in any other column.
    """

    marker: float
    columns: Indices
    refuses_others: bool

    def __call__(self, x: Matrix) -> NDArray[np.bool_]:
        found = missing(x, self.marker)
        indicated = found if len(self.columns) == x.shape[1] else found[:, self.columns]
        if self.refuses_others and found.sum() != indicated.sum():
            raise ValueError("a value is missing in a column that had all its values at fit")
        return indicated


def missing(x: Matrix, marker: float) -> NDArray[np.bool_]:
    """Return a boolean matrix that is true at the marker, which may be NaN."""
    return np.isnan(x) if is_nan(marker) else x == marker


@operation
class FillRows:
    """Replaces the missing values of each column of rows by a value.

    None counts as NaN only if a data frame makes it so, beside numbers or strings.

    Attributes:
        marker: the value that stands for a missing one.
        values: one value for each column.
        frame: whether the original takes a data frame.
        numeric: whether it was fitted on numbers, and so refuses a frame of booleans.
        fractional: whether the values are floats, which columns of integers can't hold.
    """

    marker: Marker
    values: tuple[Any, ...]
    frame: bool
    numeric: bool
    fractional: bool

    def __call__(self, rows: Rows) -> Rows:
        columns = frame_columns(rows, frame=self.frame)
        if self.frame and self.numeric:
            columns = self._numbers(columns)
        filled = (
            [fill if m else v for v, m in zip(column, absent(column, self.marker), strict=True)]
            for column, fill in zip(columns, self.values, strict=True)
        )
        return list(map(list, zip(*filled, strict=True)))

    def _numbers(self, columns: list[Sequence[Any]]) -> list[Sequence[Any]]:
        """Refuse types that the original refuses; convert booleans in a frame of numbers."""
        types = set(map(infer_type, columns))
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
    """Indicates missing values in some columns of rows by booleans.

    The attributes are those of `FillRows` and `Missing`.
    """

    marker: Marker
    frame: bool
    columns: tuple[int, ...]
    refuses_others: bool

    def __call__(self, rows: Rows) -> Rows:
        masks = [absent(column, self.marker) for column in frame_columns(rows, frame=self.frame)]
        others = (mask for i, mask in enumerate(masks) if i not in self.columns)
        if self.refuses_others and any(map(any, others)):
            raise ValueError("a value is missing in a column that had all its values at fit")
        if not self.columns:
            return [[] for _ in rows]
        return list(map(list, zip(*(masks[i] for i in self.columns), strict=True)))


def absent(column: Sequence[Any], marker: Marker) -> list[bool]:
    """Return booleans that are true at the marker.

    Raises:
        ValueError: the column has NaN, and the marker is another value.
    """
    nans = [is_nan(value) for value in column]
    if is_nan(marker):
        return nans
    if True in nans:
        raise ValueError("Input X contains NaN; send a value for each null.")
    return [value == marker for value in column]
