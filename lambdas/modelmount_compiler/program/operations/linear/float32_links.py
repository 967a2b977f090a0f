"""Operations of inverse link functions in float32, as XGBoost computes them.

Exponentials are computed in float64 and rounded. The C library's `expf` nearly always gives the
same.
"""

import math

import numpy as np
from numpy.typing import NDArray

from modelmount_compiler.program.operation import operation

Single = NDArray[np.float32]

LARGEST = np.float32(88.7)  # XGBoost's sigmoid clips larger exponents
ONE = np.float32(1)


@operation
class Sigmoid:
    """Computes 1 / (exp(-x) + 1) of margins of shape (n, 1); the output has the shape (n,)."""

    def __call__(self, margin: Single) -> Single:
        if len(margin) == 1:
            exponent = min(-margin.item(), 88.7)
            odds = np.float32(math.exp(exponent)) + ONE
            return np.array((ONE / odds,), dtype=np.float32)
        return _sigmoid(margin[:, 0])


@operation
class Sigmoids:
    """Computes 1 / (exp(-x) + 1) of each margin; shape (n, k)."""

    def __call__(self, margins: Single) -> Single:
        return _sigmoid(margins)


@operation
class Step:
    """Returns 1 if a margin, shape (n, 1), is above 0, else 0; the output has the shape (n,)."""

    def __call__(self, margin: Single) -> Single:
        return (margin[:, 0] > 0).astype(np.float32)


@operation
class Pair:
    """Returns probabilities of two classes, shape (n, 2), from those of the second, shape (n,)."""

    def __call__(self, positive: Single) -> Single:
        both = np.empty((len(positive), 2), dtype=np.float32)
        both[:, 1] = positive
        np.subtract(ONE, positive, out=both[:, 0])
        return both


@operation
class Softmax:
    """Computes the softmax of margins, shape (n, classes); the sum is taken in float64."""

    def __call__(self, margins: Single) -> Single:
        powers = _exp(margins - np.maximum.reduce(margins, axis=1, keepdims=True))
        total = np.add.reduce(powers, axis=1, keepdims=True, dtype=np.float64)
        powers /= total.astype(np.float32)
        return powers


@operation
class Exponential:
    """Computes exp(x)."""

    def __call__(self, margins: Single) -> Single:
        with np.errstate(over="ignore"):
            return _exp(margins)


def _sigmoid(margins: Single) -> Single:
    odds = _exp(np.minimum(-margins, LARGEST))
    odds += ONE
    return np.divide(ONE, odds, out=odds)


def _exp(x: Single) -> Single:
    return np.exp(x.astype(np.float64)).astype(np.float32)
