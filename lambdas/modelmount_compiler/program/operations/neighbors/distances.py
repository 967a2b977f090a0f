"""Distances between rows and points; columns are added in sequence, as loops in C do."""

import numpy as np

from modelmount_compiler.program.operation import Matrix, Vector
from modelmount_compiler.program.operations.dot_products import vecdot

CELLS_AT_ONCE = 1 << 18  # differences; 2 MB fit into caches
ROWS_AT_ONCE = 256  # scikit-learn's `CHUNK_SIZE`


def pairwise_distances(x: Matrix, columns: Matrix, metric: str) -> Matrix:
    """Return distances between rows and points, shape (n, points); Euclidean ones are squared.

    Args:
        x: shape (n, k).
        columns: the points, transposed: shape (k, points).
        metric: `euclidean`, `manhattan` or `chebyshev`.
    """
    step = max(1, CELLS_AT_ONCE // max(1, columns.size))
    if len(x) > step:
        starts = range(0, len(x), step)
        return np.concatenate(
            [pairwise_distances(x[s : s + step], columns, metric) for s in starts]
        )
    if len(x) == 1:
        return _reduce(x[0, :, None] - columns, metric, axis=0)[None]
    return _reduce(x[:, :, None] - columns, metric, axis=1)


def _reduce(differences: Matrix, metric: str, axis: int) -> Matrix:
    total: Matrix
    if metric == "euclidean":
        np.multiply(differences, differences, out=differences)
    else:
        np.abs(differences, out=differences)
    reduce = np.maximum.reduce if metric == "chebyshev" else np.add.reduce
    total = reduce(differences, axis=axis)
    return total


def blocked_products(x: Matrix, points: Matrix, block: int) -> Matrix:
    """Return x @ points.T, computed in blocks of rows and blocks of points.

    The linear algebra library chooses among several routines by the sizes of the matrices, and
    each rounds in its own way. So the blocks must have the sizes that the original's have.

    Args:
        x: shape (n, k).
        points: shape (points, k).
        block: the most points in a block; rows come in blocks of `ROWS_AT_ONCE`.
    """
    if len(x) > ROWS_AT_ONCE:
        starts = range(0, len(x), ROWS_AT_ONCE)
        return np.concatenate(
            [blocked_products(x[s : s + ROWS_AT_ONCE], points, block) for s in starts]
        )
    if len(points) > block:
        starts = range(0, len(points), block)
        return np.concatenate(
            [blocked_products(x, points[s : s + block], block) for s in starts], axis=1
        )
    if len(x) == 1 or len(points) == 1:  # NumPy would treat a single one as a vector
        twice = [np.repeat(m, 2, axis=0) if len(m) == 1 else m for m in (x, points)]
        return (twice[0] @ twice[1].T)[: len(x), : len(points)]
    return x @ points.T


def expanded_distances(x: Matrix, points: Matrix, norms: Vector) -> Matrix:
    """Return |x|² - 2 x·p + |p|², shape (n, points), as scikit-learn's neighbor search does.

    Args:
        x: shape (n, k).
        points: shape (points, k).
        norms: |p|², shape (points,).
    """
    distances = blocked_products(x, points, ROWS_AT_ONCE)
    distances *= -2
    distances += vecdot(x, x)[:, None]
    distances += norms
    return np.maximum(distances, 0, out=distances)
