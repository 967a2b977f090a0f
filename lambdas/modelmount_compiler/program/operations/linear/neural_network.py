"""The operation of a neural network's layer."""

import numpy as np

from modelmount_compiler.program.operation import Matrix, Vector, operation
from modelmount_compiler.program.operations.special_functions import expit


@operation
class Layer:
    """Computes an affine map and an activation.

    Attributes:
        weights: shape (k, units).
        bias: shape (units,).
        activation: `identity`, `logistic`, `tanh`, `relu`, `exp` or `softmax`.
    """

    weights: Matrix
    bias: Vector
    activation: str

    def __call__(self, x: Matrix) -> Matrix:
        value: Matrix = x.dot(self.weights)
        value += self.bias
        if self.activation == "relu":
            return np.maximum(value, 0, out=value)
        if self.activation == "tanh":
            return np.tanh(value, out=value)
        if self.activation == "exp":
            return np.exp(value, out=value)
        if self.activation == "softmax":
            return _softmax(value)
        return expit(value) if self.activation == "logistic" else value


def _softmax(value: Matrix) -> Matrix:
    powers: Matrix = np.exp(value - np.maximum.reduce(value, axis=1, keepdims=True))
    powers /= np.add.reduce(powers, axis=1, keepdims=True)
    return powers
