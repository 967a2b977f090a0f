"""Special functions that round like the C library or SciPy, which the originals call."""

import math

import numpy as np
from numpy.typing import NDArray

from modelmount_compiler.program.operation import Matrix, Vector

Floats = NDArray[np.float64]


def exp(x: Floats) -> Floats:
    """Return the C library's exponential of each value.

    `np.exp` has special code for some processors. It differs in the last bit for one value in
    twenty. The complex exponential calls the C library.
    """
    powers: Floats = np.exp(x.astype(np.complex128)).real
    return powers


def sigmoid(x: float) -> float:
    """Return 1 / (1 + exp(-x)) of a number."""
    try:
        return 1 / (1 + math.exp(-x))
    except OverflowError:
        return 0.0


def expit(x: Floats) -> Floats:
    """Return 1 / (1 + exp(-x)) of each value, bit for bit as `scipy.special.expit`."""
    if x.size == 1:
        return np.full(x.shape, sigmoid(x.item()))
    with np.errstate(over="ignore"):
        return 1 / (1 + exp(-x))


def softmax(x: Matrix) -> Matrix:
    """Return exp(x) of each row, divided by its sum."""
    if len(x) == 1:  # reductions along an axis are slow
        row = x[0]
        powers = np.exp(row - row.item(row.argmax()))
        powers /= _total(powers)
        only: Matrix = powers[None]
        return only
    powers = np.exp(x - np.maximum.reduce(x, axis=1, keepdims=True))
    powers /= np.add.reduce(powers, axis=1, keepdims=True)
    return powers


def _total(x: Vector) -> float:
    """Add all values. NumPy adds fewer than eight in sequence, and a loop does it faster."""
    if len(x) >= 8:
        return float(np.add.reduce(x))
    total = 0.0
    for value in x.tolist():
        total += value
    return total


def logsumexp(x: Matrix) -> Matrix:
    """Return the logarithm of the sum of each row's exponentials, shape (n, 1).

    The sum leaves out the highest values, as in scikit-learn and SciPy.
    """
    highest = np.maximum.reduce(x, axis=1, keepdims=True)
    is_highest = x == highest
    count = np.add.reduce(is_highest, axis=1, keepdims=True, dtype=np.float64)
    shift = np.where(np.isfinite(highest), highest, 0)
    powers = np.exp(np.where(is_highest, -np.inf, x) - shift)
    rest = np.add.reduce(powers, axis=1, keepdims=True) / count
    total: Matrix = np.log1p(rest) + np.log(count) + highest
    return total


def sequential_sum(x: Floats) -> Vector:
    """Return the sums along the last axis; the terms are added in sequence.

    `np.sum` adds in another order, so its result differs in the last bit.
    """
    total: Vector = np.add.accumulate(x, axis=-1)[..., -1]
    return total


def even_odd_sum(x: Floats) -> Vector:
    """Return the sums along the last axis; even and odd positions are added separately first.

    SciPy's Mahalanobis distance adds in this way, because the C compiler vectorized its loop.
    """
    even = x.shape[-1] // 2 * 2
    if even == 0:
        return x[..., 0]
    total = sequential_sum(x[..., 0:even:2]) + sequential_sum(x[..., 1:even:2])
    return total if even == x.shape[-1] else total + x[..., -1]
