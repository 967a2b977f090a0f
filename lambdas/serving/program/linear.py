"""Affine maps and what turns their values into answers."""

import numpy as np

from serving.program.operation import Matrix, Vector, operation


@operation
class Affine:
    """x @ weights + bias, for x of shape (n, k).

    Attributes:
        weights: shape (k, outputs).
        bias: shape (outputs,).
    """

    weights: Matrix
    bias: Vector

    def __call__(self, x: Matrix) -> Matrix:  # noqa: D102
        return x @ self.weights + self.bias


@operation
class Sigmoid:
    """Probabilities of two classes, shape (n, 2), from the second one's margin, shape (n, 1)."""

    def __call__(self, margin: Matrix) -> Matrix:  # noqa: D102
        positive = 1 / (1 + np.exp(-margin))
        return np.concatenate((1 - positive, positive), axis=1)


@operation
class Softmax:
    """Probabilities, shape (n, classes), from margins of the same shape."""

    def __call__(self, margins: Matrix) -> Matrix:  # noqa: D102
        powers: Matrix = np.exp(margins - margins.max(axis=1, keepdims=True))
        powers /= powers.sum(axis=1, keepdims=True)
        return powers


@operation
class Column:
    """The only column of a matrix of shape (n, 1), as an answer of shape (n,)."""

    def __call__(self, x: Matrix) -> Vector:  # noqa: D102
        return x[:, 0]
