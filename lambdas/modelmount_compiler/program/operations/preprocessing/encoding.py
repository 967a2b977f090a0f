"""Operations that encode categories: they look up the code of each value, and arrange the codes.

Each value takes one look-up in a dictionary. For one row and for a hundred, this is faster than
arrays of strings. None and NaN are never in a dictionary, because the whole column decides whether
they are the same (see `modelmount_compiler.program.operations.preprocessing.column_types`).
"""

import math
from collections.abc import Callable
from itertools import chain, compress
from typing import Any

import numpy as np
from numpy.typing import NDArray

from modelmount_compiler.program.operation import Matrix, Rows, derived, operation
from modelmount_compiler.program.operations.preprocessing.column_types import (
    cast_column,
    infer_type,
    is_nan,
)
from modelmount_compiler.program.operations.sparse_matrix import SparseMatrix, from_lists

Values = NDArray[np.object_]
Codes = list[Any]


@operation
class Categories:
    """Returns the codes of all values, row after row, in one list.

    Attributes:
        values: categories of each column as JSON scalars, shape (categories,); None and NaN can
            be categories.
        codes: codes of each column's categories, shape (categories,).
        unknown: the code of any other value, for each column; None to refuse other values.
        frame: whether the original takes a data frame.
    """

    values: tuple[Values, ...]
    codes: tuple[NDArray[Any], ...]
    unknown: tuple[Any, ...] | None
    frame: bool
    _gets: list[Callable[[Any], Any]] = derived()
    _missing: list[dict[bool, Any]] = derived()  # the key says whether the value is NaN

    def __post_init__(self) -> None:
        """Build the dictionaries."""
        gets, missing = [], []
        for values, codes in zip(self.values, self.codes, strict=True):
            table = dict(zip(values.tolist(), codes.tolist(), strict=True))
            absent = [v for v in table if v is None or is_nan(v)]
            missing.append({is_nan(v): table.pop(v) for v in absent})
            gets.append(table.get)
        object.__setattr__(self, "_gets", gets)
        object.__setattr__(self, "_missing", missing)

    def __call__(self, rows: Rows) -> Codes:
        gets = self._gets
        try:
            codes = [get(value) for row in rows for get, value in zip(gets, row, strict=True)]
        except TypeError as error:
            raise ValueError(f"a category is a string, a number or null: {error}") from error
        if None in codes:
            return self._resolved(codes, rows)
        return codes

    def _resolved(self, codes: Codes, rows: Rows) -> Codes:
        width = len(self._gets)
        for column in range(width):
            found = codes[column::width]
            if None in found:
                values = self._as_seen([row[column] for row in rows], column)
                pairs = zip(found, values, strict=True)
                codes[column::width] = [
                    self._other(v, column) if c is None else c for c, v in pairs
                ]
        return codes

    def _as_seen(self, values: list[Any], column: int) -> list[Any]:
        """Return a column as the original's data frame holds it, if it takes one."""
        if not self.frame:
            return values
        kind = infer_type(values)
        sample = self.values[column][0]
        is_number = kind in ("integer", "float") and not all(map(is_nan, values))
        if is_number and isinstance(sample, str):
            raise ValueError(f"column {column} of the categories takes strings; send strings")
        if kind == "boolean" and self._gets[column](bool(sample)) is None:
            raise ValueError(f"column {column} of the categories takes no booleans")
        seen = cast_column(values, kind)
        if kind == "float" and any(map(math.isinf, seen)):
            raise ValueError(f"column {column} of the categories holds infinity")
        return seen

    def _other(self, value: Any, column: int) -> Any:  # a scalar, a code
        missing = self._missing[column]
        if (value is None or is_nan(value)) and is_nan(value) in missing:
            return missing[is_nan(value)]
        if self.unknown is None:
            raise ValueError(
                f"{value!r} is no known category of column {column} of the categories; "
                "send one that the model was fitted on"
            )
        return self.unknown[column]


@operation
class Ordinals:
    """Arranges codes as a matrix with this number of columns."""

    columns: int
    dtype: str

    def __call__(self, codes: Codes) -> Matrix:
        return np.array(codes, dtype=self.dtype).reshape(-1, self.columns)


@operation
class Embedding:
    """Replaces each code by its row of a table, shape (codes, m); gives shape (n, columns * m)."""

    columns: int
    table: Matrix

    def __call__(self, codes: Codes) -> Matrix:
        found = self.table.take(codes, axis=0)
        return found.reshape(-1, self.columns * self.table.shape[1])


@operation
class OneHot:
    """Puts a one into the column that each code names; the code -1 names none.

    Attributes:
        columns: number of codes in a row.
        width: number of columns in the output.
        dtype: NumPy name of the output's dtype.
    """

    columns: int
    width: int
    dtype: str

    def __call__(self, codes: Codes) -> Matrix:
        if len(codes) == self.columns:
            row = np.zeros((1, self.width), self.dtype)
            flat = row[0]
            for code in codes:
                if code >= 0:
                    flat[code] = 1
            return row
        places = np.array(codes).reshape(-1, self.columns)
        known = places >= 0
        places += np.arange(len(places))[:, None] * self.width
        x = np.zeros((len(places), self.width), self.dtype)
        x.reshape(-1)[places[known]] = 1
        return x


@operation
class SparseOneHot:
    """Does what `OneHot` does, and gives a sparse matrix. The attributes are the same."""

    columns: int
    width: int
    dtype: str

    def __call__(self, codes: Codes) -> SparseMatrix:
        known = [code >= 0 for code in codes]
        indices = list(compress(codes, known))
        counts = (sum(known[i : i + self.columns]) for i in range(0, len(codes), self.columns))
        starts = np.cumsum(list(chain((0,), counts))).tolist()
        return from_lists(np.ones(len(indices), self.dtype), indices, starts, self.width)
