"""Operations on sparse matrices."""

import numpy as np

from modelmount_compiler.program.operation import Matrix, SparseWidth, Vector, operation
from modelmount_compiler.program.operations.preprocessing import scaling
from modelmount_compiler.program.operations.sparse_matrix import (
    Indices,
    SparseMatrix,
    to_sparse,
)


@operation
class Dense:
    """Converts a sparse matrix into a dense one."""

    def __call__(self, x: SparseMatrix) -> Matrix:
        return x.toarray().astype(np.float64, copy=False)


@operation
class Finite:
    """Refuses infinity and NaN as `scaling.Finite` does."""

    allows_missing: bool

    def __call__(self, x: SparseMatrix) -> SparseMatrix:
        scaling.Finite(self.allows_missing)(x.data)
        return x


@operation
class Compress:
    """Converts a dense matrix into a sparse one."""

    def __call__(self, x: Matrix) -> SparseMatrix:
        return to_sparse(x)


@operation
class Beside:
    """Concatenates the columns of several matrices, sparse or dense."""

    def __call__(self, *matrices: SparseMatrix | Matrix) -> SparseMatrix:
        blocks = [to_sparse(matrix) for matrix in matrices]
        offsets = np.cumsum([0] + [block.width for block in blocks])
        data = np.concatenate([block.data for block in blocks])
        indices = np.concatenate([b.indices + o for b, o in zip(blocks, offsets, strict=False)])
        width = int(offsets[-1])
        if len(blocks[0].starts) == 2:
            return SparseMatrix(data, indices, np.array((0, len(data))), width)
        order = np.concatenate([block.rows() for block in blocks]).argsort(kind="stable")
        starts = np.sum([block.starts for block in blocks], axis=0)
        return SparseMatrix(data[order], indices[order], starts, width)


@operation
class Times:
    """Multiplies columns by their factors, shape (width,), or all values by one number."""

    factor: Vector | float

    def __call__(self, x: SparseMatrix) -> SparseMatrix:
        if isinstance(self.factor, float):
            return x.with_data(x.data * self.factor)
        return x.with_data(x.data * self.factor.take(x.indices))


@operation
class Clip:
    """Clips values between -1 and 1."""

    def __call__(self, x: SparseMatrix) -> SparseMatrix:
        return x.with_data(np.minimum(np.maximum(x.data, -1.0), 1.0))


@operation
class Positive:
    """Returns one if a value is above a threshold, which is at least zero, otherwise zero."""

    threshold: float

    def __call__(self, x: SparseMatrix) -> SparseMatrix:
        return x.with_data((x.data > self.threshold).astype(x.data.dtype))


@operation
class Norm:
    """Divides rows by their norm, `l1`, `l2` or `max`; a row of zeros stays."""

    norm: str

    def __call__(self, x: SparseMatrix) -> SparseMatrix:
        norms = _norms(x, self.norm)
        norms[norms == 0] = 1.0
        if len(norms) == 1:
            return x.with_data(x.data / norms)
        return x.with_data(x.data / norms.repeat(np.diff(x.starts)))


def _norms(x: SparseMatrix, norm: str) -> Vector:
    if norm == "l2":
        roots: Vector = np.sqrt(x.totals(x.data * x.data))
        return roots
    sizes = np.abs(x.data)
    return x.totals(sizes, np.add if norm == "l1" else np.maximum)


@operation
class Select:
    """Selects columns in ascending order.

    Attributes:
        places: position in the output of each input column, or -1; shape (input columns,).
        width: number of columns in the output.
    """

    places: Indices
    width: SparseWidth

    def __call__(self, x: SparseMatrix) -> SparseMatrix:
        places = self.places.take(x.indices)
        kept = places >= 0
        counted = np.concatenate(([0], kept.cumsum()))
        return SparseMatrix(x.data[kept], places[kept], counted[x.starts], self.width)
