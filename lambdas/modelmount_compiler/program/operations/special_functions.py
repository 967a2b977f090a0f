"""Functions that the originals take from the C library or SciPy, rounded as these round them."""

import math

import numpy as np
from numpy.typing import NDArray

from modelmount_compiler.program.operation import Matrix, Vector

Floats = NDArray[np.float64]


def exp(x: Floats) -> Floats:
    """Return the C library's exponential of each value.

    `np.exp` has code of its own for some processors, which differs in the last bit for one value
    in twenty. The complex one asks the C library.
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
    if len(x) == 1:  # reductions by axis are slow
        row = x[0]
        powers = np.exp(row - row.item(row.argmax()))
        powers /= _total(powers)
        only: Matrix = powers[None]
        return only
    powers = np.exp(x - np.maximum.reduce(x, axis=1, keepdims=True))
    powers /= np.add.reduce(powers, axis=1, keepdims=True)
    return powers


def _total(x: Vector) -> float:
    """Add up; fewer than eight values NumPy adds one after the other, and a loop is faster."""
    if len(x) >= 8:
        return float(np.add.reduce(x))
    total = 0.0
    for value in x.tolist():
        total += value
    return total


def logsumexp(x: Matrix) -> Matrix:
    """Return the logarithm of the sum of each row's exponentials, shape (n, 1).

    The highest values are kept out of the sum, as scikit-learn and SciPy do.
    """
    highest = np.maximum.reduce(x, axis=1, keepdims=True)
    is_highest = x == highest
    count = np.add.reduce(is_highest, axis=1, keepdims=True, dtype=np.float64)
    shift = np.where(np.isfinite(highest), highest, 0)
    powers = np.exp(np.where(is_highest, -np.inf, x) - shift)
    rest = np.add.reduce(powers, axis=1, keepdims=True) / count
    total: Matrix = np.log1p(rest) + np.log(count) + highest
    return total


def in_order(x: Floats) -> Vector:
    """Return the sums along the last axis, each term added after the one before it.

    `np.sum` adds in another order, which differs in the last bit.
    """
    total: Vector = np.add.accumulate(x, axis=-1)[..., -1]
    return total


def in_pairs(x: Floats) -> Vector:
    """Return the sums along the last axis, those of even and of odd places first.

    So adds SciPy's Mahalanobis distance, which the compiler turned into sums two at a time.
    """
    even = x.shape[-1] // 2 * 2
    if even == 0:
        return x[..., 0]
    total = in_order(x[..., 0:even:2]) + in_order(x[..., 1:even:2])
    return total if even == x.shape[-1] else total + x[..., -1]
