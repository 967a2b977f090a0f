"""SparseMatrix matrices in compressed sparse row (CSR) form.

A product with weights costs as much as the nonzero values. A document of twenty words reads twenty
rows of the weights, however long the vocabulary is.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from modelmount_compiler.program.operation import Matrix, Vector

Indices = NDArray[np.intp]
CELLS_AT_ONCE = 1 << 20  # products that a matrix product holds in memory, 8 MB


class SparseMatrix:
    """A sparse matrix of shape (n, width).

    Args:
        data: the nonzero values, row after row.
        indices: the column of each value, ascending within a row.
        starts: start of each row in `data`, and the number of values at the end; n + 1 numbers.
        width: number of columns.
    """

    __slots__ = ("data", "indices", "starts", "width")

    def __init__(self, data: NDArray[Any], indices: Indices, starts: Indices, width: int) -> None:
        self.data = data
        self.indices = indices
        self.starts = starts
        self.width = width

    @property
    def shape(self) -> tuple[int, int]:
        """The numbers of rows and of columns."""
        return len(self.starts) - 1, self.width

    @property
    def dtype(self) -> np.dtype[Any]:
        """The dtype of the values."""
        return self.data.dtype

    def rows(self) -> Indices:
        """Return the row of each value."""
        if len(self.starts) == 2:
            return np.zeros(self.data.size, dtype=np.intp)
        return np.arange(len(self.starts) - 1).repeat(np.diff(self.starts))

    def with_data(self, data: NDArray[Any]) -> "SparseMatrix":
        """Return a matrix with other values at the same positions."""
        return SparseMatrix(data, self.indices, self.starts, self.width)

    def toarray(self) -> NDArray[Any]:
        """Return a dense array in the dtype of the values."""
        dense = np.zeros(self.shape, dtype=self.data.dtype)
        if len(self.starts) == 2:
            dense[0, self.indices] = self.data
        else:
            dense[self.rows(), self.indices] = self.data
        return dense

    def __matmul__(self, weights: NDArray[np.float64]) -> NDArray[np.float64]:
        """Multiply by weights of shape (width, outputs) or (width,), of any order in memory.

        The products are added in sequence, which gives SciPy's result to the last bit.
        """
        if len(self.starts) == 2 and self.data.size:
            totals = np.add.accumulate(self._weights(weights) * self.data, axis=-1)
            return totals[..., -1][None]
        if weights.ndim == 1:
            return self._sums(self._weights(weights) * self.data)
        if self.data.size * weights.shape[1] > CELLS_AT_ONCE:
            return np.concatenate([row @ weights for row in self._single_rows()])
        products = self._weights(weights) * self.data
        return np.stack([self._sums(output) for output in products], axis=1)

    def dot(self, weights: NDArray[np.float64]) -> NDArray[np.float64]:
        """Multiply by weights; for arrays, `dot` is faster than `@`."""
        return self @ weights

    def _weights(self, weights: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the weights of each value, shape (outputs, values), without transposed copies."""
        if weights.ndim == 1 or weights.flags.c_contiguous:
            return weights.take(self.indices, axis=0).T
        return weights.T.take(self.indices, axis=1)

    def _sums(self, products: Vector) -> Vector:
        """Add numbers that belong to the values, row by row."""
        sums = np.bincount(self.rows(), products, len(self.starts) - 1)
        return sums.astype(np.float64, copy=False)  # without any values, bincount gives integers

    def totals(self, values: NDArray[Any], by: np.ufunc = np.add) -> NDArray[Any]:
        """Reduce numbers that belong to the values, row by row; empty rows give 0."""
        totals = np.zeros((len(self.starts) - 1, *values.shape[1:]))
        filled = (self.starts[1:] > self.starts[:-1]).nonzero()[0]
        if filled.size:
            totals[filled] = by.reduceat(values, self.starts[filled], axis=0)
        return totals

    def _single_rows(self) -> list["SparseMatrix"]:
        bounds = self.starts.tolist()
        return [
            SparseMatrix(self.data[a:b], self.indices[a:b], np.array((0, b - a)), self.width)
            for a, b in pairwise(bounds)
        ]


def to_sparse(x: "SparseMatrix | Matrix") -> SparseMatrix:
    """Return a matrix in sparse form; a sparse one is returned unchanged."""
    if isinstance(x, SparseMatrix):
        return x
    rows, columns = x.nonzero()
    starts = np.searchsorted(rows, np.arange(len(x) + 1))
    return SparseMatrix(x[rows, columns], columns, starts, x.shape[1])


def from_lists(
    data: Sequence[Any] | NDArray[Any], indices: list[int], starts: list[int], width: int
) -> SparseMatrix:
    """Make a sparse matrix from Python lists; `data` can be an array."""
    return SparseMatrix(
        np.asarray(data), np.array(indices, np.intp), np.array(starts, np.intp), width
    )
