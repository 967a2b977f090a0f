"""Rows that are mostly zeros: values and where they stand (compressed sparse rows), and operations.

`Sparse @ weights` costs what the nonzeros cost, so a document of twenty words touches twenty rows
of the weights however long the vocabulary is.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from modelmount_compiler.program.operation import Matrix, Vector, operation
from modelmount_compiler.program.operations.preprocessing import scaling

Indices = NDArray[np.intp]
CELLS_AT_ONCE = 1 << 20  # products that a matrix product holds in memory, 8 MB


class Sparse:
    """A matrix of shape (n, width).

    Args:
        data: values that aren't zero, row after row.
        indices: the column of each, ascending within a row.
        starts: where each row begins in them, and at last their number; n + 1 values.
        width: columns.
    """

    __slots__ = ("data", "indices", "starts", "width")

    def __init__(self, data: NDArray[Any], indices: Indices, starts: Indices, width: int) -> None:
        self.data = data
        self.indices = indices
        self.starts = starts
        self.width = width

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return len(self.starts) - 1, self.width

    @property
    def dtype(self) -> np.dtype[Any]:
        """The values' dtype."""
        return self.data.dtype

    def rows(self) -> Indices:
        """Return the row of each value."""
        if len(self.starts) == 2:
            return np.zeros(self.data.size, dtype=np.intp)
        return np.arange(len(self.starts) - 1).repeat(np.diff(self.starts))

    def replaced(self, data: NDArray[Any]) -> "Sparse":
        """Return the same places with other values."""
        return Sparse(data, self.indices, self.starts, self.width)

    def toarray(self) -> NDArray[Any]:
        """Return it with its zeros, in the dtype of its values."""
        dense = np.zeros(self.shape, dtype=self.data.dtype)
        if len(self.starts) == 2:
            dense[0, self.indices] = self.data
        else:
            dense[self.rows(), self.indices] = self.data
        return dense

    def __matmul__(self, weights: NDArray[np.float64]) -> NDArray[np.float64]:
        """Multiply by weights of shape (width, outputs), or (width,), in either order in memory.

        Each product is added after the one before it, as SciPy does, to the last bit.
        """
        if len(self.starts) == 2 and self.data.size:
            totals = np.add.accumulate(self._weights(weights) * self.data, axis=-1)
            return totals[..., -1][None]
        if weights.ndim == 1:
            return self._sums(self._weights(weights) * self.data)
        if self.data.size * weights.shape[1] > CELLS_AT_ONCE:
            return np.concatenate([row @ weights for row in self._each()])
        products = self._weights(weights) * self.data
        return np.stack([self._sums(output) for output in products], axis=1)

    def dot(self, weights: NDArray[np.float64]) -> NDArray[np.float64]:
        """Multiply by weights; the faster name for arrays."""
        return self @ weights

    def _weights(self, weights: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return each output's weights of each value; `take` would copy a transposed matrix."""
        if weights.ndim == 1 or weights.flags.c_contiguous:
            return weights.take(self.indices, axis=0).T
        return weights.T.take(self.indices, axis=1)

    def _sums(self, products: Vector) -> Vector:
        """Add up, row by row, what was computed for each value."""
        sums = np.bincount(self.rows(), products, len(self.starts) - 1)
        return sums.astype(np.float64, copy=False)  # no values at all count as whole numbers

    def totals(self, values: NDArray[Any], by: np.ufunc = np.add) -> NDArray[Any]:
        """Sum row by row what was computed for each value; empty rows give 0."""
        totals = np.zeros((len(self.starts) - 1, *values.shape[1:]))
        filled = (self.starts[1:] > self.starts[:-1]).nonzero()[0]
        if filled.size:
            totals[filled] = by.reduceat(values, self.starts[filled], axis=0)
        return totals

    def _each(self) -> list["Sparse"]:
        bounds = self.starts.tolist()
        return [
            Sparse(self.data[a:b], self.indices[a:b], np.array((0, b - a)), self.width)
            for a, b in pairwise(bounds)
        ]


def of(x: "Sparse | Matrix") -> Sparse:
    """Return a matrix in sparse form."""
    if isinstance(x, Sparse):
        return x
    rows, columns = x.nonzero()
    starts = np.searchsorted(rows, np.arange(len(x) + 1))
    return Sparse(x[rows, columns], columns, starts, x.shape[1])


@operation
class Dense:
    """The same with its zeros."""

    def __call__(self, x: Sparse) -> Matrix:  # noqa: D102
        return x.toarray().astype(np.float64, copy=False)


@operation
class Finite:
    """Refuses what the original's own input check refuses, as `scaling.Finite`."""

    allows_missing: bool

    def __call__(self, x: Sparse) -> Sparse:  # noqa: D102
        scaling.Finite(self.allows_missing)(x.data)
        return x


@operation
class Compress:
    """The same without its zeros."""

    def __call__(self, x: Matrix) -> Sparse:  # noqa: D102
        return of(x)


@operation
class Beside:
    """Columns of several sparse and other matrices side by side."""

    def __call__(self, *parts: Sparse | Matrix) -> Sparse:  # noqa: D102
        blocks = [of(part) for part in parts]
        offsets = np.cumsum([0] + [block.width for block in blocks])
        data = np.concatenate([block.data for block in blocks])
        indices = np.concatenate([b.indices + o for b, o in zip(blocks, offsets, strict=False)])
        width = int(offsets[-1])
        if len(blocks[0].starts) == 2:
            return Sparse(data, indices, np.array((0, len(data))), width)
        order = np.concatenate([block.rows() for block in blocks]).argsort(kind="stable")
        starts = np.sum([block.starts for block in blocks], axis=0)
        return Sparse(data[order], indices[order], starts, width)


@operation
class Times:
    """Each column by its factor, shape (width,), or all by one number."""

    factor: Vector | float

    def __call__(self, x: Sparse) -> Sparse:  # noqa: D102
        if isinstance(self.factor, float):
            return x.replaced(x.data * self.factor)
        return x.replaced(x.data * self.factor.take(x.indices))


@operation
class Clip:
    """Values between -1 and 1."""

    def __call__(self, x: Sparse) -> Sparse:  # noqa: D102
        return x.replaced(np.minimum(np.maximum(x.data, -1.0), 1.0))


@operation
class Positive:
    """One where a value is above a threshold of zero or more, otherwise zero."""

    threshold: float

    def __call__(self, x: Sparse) -> Sparse:  # noqa: D102
        return x.replaced((x.data > self.threshold).astype(x.data.dtype))


@operation
class Norm:
    """Rows by their norm, `l1`, `l2` or `max`; a row of zeros stays."""

    norm: str

    def __call__(self, x: Sparse) -> Sparse:  # noqa: D102
        norms = _norms(x, self.norm)
        norms[norms == 0] = 1.0
        if len(norms) == 1:
            return x.replaced(x.data / norms)
        return x.replaced(x.data / norms.repeat(np.diff(x.starts)))


def _norms(x: Sparse, norm: str) -> Vector:
    if norm == "l2":
        roots: Vector = np.sqrt(x.totals(x.data * x.data))
        return roots
    sizes = np.abs(x.data)
    return x.totals(sizes, np.add if norm == "l1" else np.maximum)


@operation
class Select:
    """Some of the columns, in ascending order.

    Attributes:
        places: for each column of the input its place in the output, or -1; shape (width,).
        width: columns of the output.
    """

    places: Indices
    width: int

    def __call__(self, x: Sparse) -> Sparse:  # noqa: D102
        places = self.places.take(x.indices)
        kept = places >= 0
        counted = np.concatenate(([0], kept.cumsum()))
        return Sparse(x.data[kept], places[kept], counted[x.starts], self.width)


def stack(
    data: Sequence[Any] | NDArray[Any], indices: list[int], starts: list[int], width: int
) -> Sparse:
    """Make a sparse matrix of Python lists (`data` may be an array), see `Sparse`."""
    return Sparse(np.asarray(data), np.array(indices, np.intp), np.array(starts, np.intp), width)
