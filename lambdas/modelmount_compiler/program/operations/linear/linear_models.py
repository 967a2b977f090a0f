"""Operations of linear models: affine maps, and the functions that turn margins into outputs."""

import numpy as np
from numpy.typing import NDArray

from modelmount_compiler.program.operation import Matrix, Vector, operation
from modelmount_compiler.program.operations.special_functions import expit, sigmoid, softmax


@operation
class Affine:
    """Computes x @ weights + bias, for x of shape (n, k).

    Attributes:
        weights: shape (k, outputs); or (k,) for an output of shape (n,).
        bias: shape (outputs,), or (1,).
    """

    weights: Matrix | Vector
    bias: Vector

    def __call__(self, x: Matrix) -> Matrix:
        value: Matrix = x.dot(self.weights)  # the same as @, and twice as fast for one row
        value += self.bias
        return value


@operation
class Projection:
    """Computes x @ weights, for x of shape (n, k) and weights of shape (k, outputs)."""

    weights: Matrix

    def __call__(self, x: Matrix) -> Matrix:
        value: Matrix = x.dot(self.weights)
        return value


@operation
class Sigmoid:
    """Computes probabilities of two classes, shape (n, 2), from the second's margin, shape (n,)."""

    def __call__(self, margin: Vector) -> Matrix:
        if len(margin) == 1:  # Python's own numbers are faster than arrays of one
            positive = sigmoid(margin.item())
            return np.array([[1 - positive, positive]])
        return pair(expit(margin))


@operation
class Softmax:
    """Computes the softmax of margins; both have the shape (n, classes)."""

    def __call__(self, margins: Matrix) -> Matrix:
        return softmax(margins)


@operation
class Sigmoids:
    """Computes each margin's sigmoid, and divides by their sum; shape (n, classes)."""

    def __call__(self, margins: Matrix) -> Matrix:
        return shares(expit(margins))


@operation
class Ramp:
    """Maps margins from -1 to 1 linearly to probabilities from 0 to 1, and clips the others.

    Margins have the shape (n, classes), or (n,) for the second of two classes.
    """

    def __call__(self, margins: Matrix | Vector) -> Matrix:
        positive = np.maximum(np.minimum(margins, 1), -1)
        positive += 1
        positive /= 2
        return pair(positive) if positive.ndim == 1 else shares(positive)


@operation
class Pair:
    """Returns probabilities of two classes, shape (n, 2), from those of the second, shape (n,)."""

    def __call__(self, positive: Vector) -> Matrix:
        return pair(positive)


@operation
class Exponential:
    """Computes exp(x), the inverse of the log link of generalized linear models."""

    def __call__(self, x: Vector) -> Vector:
        powers: Vector = np.exp(x)
        return powers


@operation
class Column:
    """Returns the only column of a matrix of shape (n, 1) as an answer of shape (n,)."""

    def __call__(self, x: Matrix) -> Vector:
        return x[:, 0]


def pair(positive: Vector) -> Matrix:
    """Return probabilities of two classes, shape (n, 2), from those of the second, shape (n,)."""
    both = np.empty((len(positive), 2))
    both[:, 1] = positive
    np.subtract(1, positive, out=both[:, 0])
    return both


def shares(scores: Matrix) -> Matrix:
    """Divide each row by its sum, in place; a row of sum zero gets equal shares."""
    totals: NDArray[np.float64] = np.add.reduce(scores, axis=1, keepdims=True)
    if not totals.all():
        empty = totals[:, 0] == 0
        scores[empty] = 1
        totals[empty] = scores.shape[1]
    scores /= totals
    return scores
