"""Operations of kernels between rows and fitted points, as in `sklearn.metrics.pairwise`.

Kernels have the shape (n, points).
"""

import numpy as np

from modelmount_compiler.program.operation import Matrix, Vector, operation
from modelmount_compiler.program.operations.neighbors.distances import pairwise_distances


@operation
class Radial:
    """Computes exp(factor · squared distance) from squared distances."""

    factor: float

    def __call__(self, distances: Matrix) -> Matrix:
        powers: Matrix = distances * self.factor
        return np.exp(powers, out=powers)


@operation
class Polynomial:
    """Computes (gamma · product + coef0) ** degree from dot products."""

    gamma: float
    coef0: float
    degree: float

    def __call__(self, products: Matrix) -> Matrix:
        value: Matrix = products * self.gamma
        value += self.coef0
        value **= self.degree
        return value


@operation
class Tangent:
    """Computes tanh(gamma · product + coef0) from dot products."""

    gamma: float
    coef0: float

    def __call__(self, products: Matrix) -> Matrix:
        value: Matrix = products * self.gamma
        value += self.coef0
        return np.tanh(value, out=value)


@operation
class Laplacian:
    """Computes exp(-gamma · city-block distance).

    Attributes:
        columns: the points, transposed: shape (k, points).
    """

    columns: Matrix
    gamma: float

    def __call__(self, x: Matrix) -> Matrix:
        powers: Matrix = -self.gamma * pairwise_distances(x, self.columns, "manhattan")
        return np.exp(powers, out=powers)


@operation
class Unit:
    """Divides rows by their length; a row of zeros stays."""

    def __call__(self, x: Matrix) -> Matrix:
        lengths = np.sqrt(np.einsum("ij,ij->i", x, x))
        lengths[lengths < 10 * np.finfo(np.float64).eps] = 1
        unit: Matrix = x / lengths[:, None]
        return unit


@operation
class Centered:
    """Centers a kernel in feature space.

    Attributes:
        means: means of the rows of the fitted kernel, shape (points,).
        mean: mean of the whole fitted kernel.
    """

    means: Vector
    mean: float

    def __call__(self, kernel: Matrix) -> Matrix:
        columns = np.add.reduce(kernel, axis=1, keepdims=True) / len(self.means)
        centered: Matrix = kernel - self.means
        centered -= columns
        centered += self.mean
        return centered


@operation
class Cosine:
    """Computes random Fourier features: cos(x) · factor."""

    factor: float

    def __call__(self, x: Matrix) -> Matrix:
        waves: Matrix = np.cos(x)
        waves *= self.factor
        return waves


@operation
class Skewed:
    """Computes log(x + skewedness); refuses values up to -skewedness."""

    skewedness: float

    def __call__(self, x: Matrix) -> Matrix:
        if (x <= -self.skewedness).any():
            raise ValueError(f"Values must be above {-self.skewedness}.")
        return np.log(x + self.skewedness)


@operation
class AdditiveChi:
    """Computes an approximate feature map of the additive chi-squared kernel; x is at least 0.

    Source: Vedaldi and Zisserman, "Efficient additive kernels via explicit feature maps", 2012.
    """

    steps: int
    interval: float

    def __call__(self, x: Matrix) -> Matrix:
        if (x < 0).any():
            raise ValueError("Negative values: this model takes values from zero on.")
        is_nonzero = x != 0
        logs = self.interval * np.log(np.where(is_nonzero, x, 1))
        blocks = [np.sqrt(x * self.interval)]
        for step in range(1, self.steps):
            width = 2 * x * self.interval
            factor = np.sqrt(width / np.cosh(np.pi * step * self.interval))
            blocks += [factor * np.cos(step * logs), factor * np.sin(step * logs)]
        return np.concatenate(blocks, axis=1)
