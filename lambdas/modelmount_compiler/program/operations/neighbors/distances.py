"""Distances between rows and points, summed column after column as loops in C sum them."""

import numpy as np

from modelmount_compiler.program.operation import Matrix, Vector

CELLS_AT_ONCE = 1 << 18  # of differences: 2 MB, what caches hold
ROWS_AT_ONCE = 256  # of scikit-learn's blocks, `CHUNK_SIZE`


def sums(x: Matrix, columns: Matrix, metric: str) -> Matrix:
    """Return what a metric sums up, shape (n, points): squares, sizes, or the largest size.

    Args:
        x: shape (n, k).
        columns: the points, transposed: shape (k, points).
        metric: `euclidean` (squared: no root is taken), `manhattan` or `chebyshev`.
    """
    step = max(1, CELLS_AT_ONCE // max(1, columns.size))
    if len(x) > step:
        starts = range(0, len(x), step)
        return np.concatenate([sums(x[s : s + step], columns, metric) for s in starts])
    if len(x) == 1:
        return _sums(x[0, :, None] - columns, metric, axis=0)[None]
    return _sums(x[:, :, None] - columns, metric, axis=1)


def _sums(apart: Matrix, metric: str, axis: int) -> Matrix:
    total: Matrix
    if metric == "euclidean":
        np.multiply(apart, apart, out=apart)
    else:
        np.abs(apart, out=apart)
    reduce = np.maximum.reduce if metric == "chebyshev" else np.add.reduce
    total = reduce(apart, axis=axis)
    return total


def products(x: Matrix, points: Matrix, block: int) -> Matrix:
    """Return x @ points.T, computed in blocks of rows and blocks of points.

    The linear algebra library has several routines for products of matrices, and takes one by
    their sizes; each rounds in its own way. So the blocks must be the original's.

    Args:
        block: the most points in a block; rows come in blocks of `ROWS_AT_ONCE`.
    """
    if len(x) > ROWS_AT_ONCE:
        starts = range(0, len(x), ROWS_AT_ONCE)
        return np.concatenate([products(x[s : s + ROWS_AT_ONCE], points, block) for s in starts])
    if len(points) > block:
        starts = range(0, len(points), block)
        return np.concatenate([products(x, points[s : s + block], block) for s in starts], axis=1)
    if len(x) == 1 or len(points) == 1:  # which NumPy would take for products with a vector
        twice = [np.repeat(m, 2, axis=0) if len(m) == 1 else m for m in (x, points)]
        return (twice[0] @ twice[1].T)[: len(x), : len(points)]
    return x @ points.T


def expanded(x: Matrix, points: Matrix, norms: Vector) -> Matrix:
    """Return |x|² - 2 x·p + |p|², shape (n, points), as scikit-learn's search for neighbors does.

    Args:
        norms: |p|², shape (points,).
    """
    distances = products(x, points, ROWS_AT_ONCE)
    distances *= -2
    distances += np.vecdot(x, x)[:, None]
    distances += norms
    return np.maximum(distances, 0, out=distances)
