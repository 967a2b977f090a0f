"""Affine maps and what turns their values into answers."""

import numpy as np
from numpy.typing import NDArray

from modelmount_compiler.program.operation import Matrix, Vector, operation
from modelmount_compiler.program.operations.special_functions import expit, sigmoid, softmax


@operation
class Affine:
    """x @ weights + bias, for x of shape (n, k).

    Attributes:
        weights: shape (k, outputs); or (k,), which gives shape (n,).
        bias: shape (outputs,), or (1,).
    """

    weights: Matrix | Vector
    bias: Vector

    def __call__(self, x: Matrix) -> Matrix:  # noqa: D102
        value: Matrix = x.dot(self.weights)  # the same as @, and twice as fast for one row
        value += self.bias
        return value


@operation
class Projection:
    """x @ weights, for x of shape (n, k) and weights of shape (k, outputs)."""

    weights: Matrix

    def __call__(self, x: Matrix) -> Matrix:  # noqa: D102
        value: Matrix = x.dot(self.weights)
        return value


@operation
class Sigmoid:
    """Probabilities of two classes, shape (n, 2), from the second one's margin, shape (n,)."""

    def __call__(self, margin: Vector) -> Matrix:  # noqa: D102
        if len(margin) == 1:  # Python's own numbers are faster than arrays of one
            positive = sigmoid(margin.item())
            return np.array([[1 - positive, positive]])
        return pair(expit(margin))


@operation
class Softmax:
    """Probabilities, shape (n, classes), from margins of the same shape."""

    def __call__(self, margins: Matrix) -> Matrix:  # noqa: D102
        return softmax(margins)


@operation
class Sigmoids:
    """Probabilities, shape (n, classes): each margin's sigmoid, divided by their sum."""

    def __call__(self, margins: Matrix) -> Matrix:  # noqa: D102
        return shares(expit(margins))


@operation
class Ramp:
    """Probabilities from margins cut off at -1 and 1, which mean 0 and 1.

    Takes margins of shape (n, classes), or (n,) of the second of two classes.
    """

    def __call__(self, margins: Matrix | Vector) -> Matrix:  # noqa: D102
        positive = np.maximum(np.minimum(margins, 1), -1)
        positive += 1
        positive /= 2
        return pair(positive) if positive.ndim == 1 else shares(positive)


@operation
class Pair:
    """Probabilities of two classes, shape (n, 2), from the second one's, shape (n,)."""

    def __call__(self, positive: Vector) -> Matrix:  # noqa: D102
        return pair(positive)


@operation
class Exponential:
    """exp(x): the inverse of the log link of a generalized linear model."""

    def __call__(self, x: Vector) -> Vector:  # noqa: D102
        powers: Vector = np.exp(x)
        return powers


@operation
class Column:
    """The only column of a matrix of shape (n, 1), as an answer of shape (n,)."""

    def __call__(self, x: Matrix) -> Vector:  # noqa: D102
        return x[:, 0]


def pair(positive: Vector) -> Matrix:
    """Return probabilities of two classes, shape (n, 2), from the second one's, shape (n,)."""
    both = np.empty((len(positive), 2))
    both[:, 1] = positive
    np.subtract(1, positive, out=both[:, 0])
    return both


def shares(scores: Matrix) -> Matrix:
    """Divide each row by its sum, in place; all classes are equal where the sum is zero."""
    totals: NDArray[np.float64] = np.add.reduce(scores, axis=1, keepdims=True)
    if not totals.all():
        empty = totals[:, 0] == 0
        scores[empty] = 1
        totals[empty] = scores.shape[1]
    scores /= totals
    return scores
