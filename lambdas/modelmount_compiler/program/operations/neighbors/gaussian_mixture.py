"""Operations of Gaussian mixtures: squared distances to the means, and log-likelihoods."""

import numpy as np

from modelmount_compiler.program.operation import Matrix, Vector, operation
from modelmount_compiler.program.operations.special_functions import even_odd_sum


@operation
class Turned:
    """Computes squared Mahalanobis distances to means with full covariances.

    The output has the shape (n, components).

    Attributes:
        factors: Cholesky factors of the precisions, shape (components, k, k); (1, k, k) if shared.
        means: means times their factors, shape (components, k).
    """

    factors: Matrix
    means: Matrix

    def __call__(self, x: Matrix) -> Matrix:
        columns = []
        for place, mean in enumerate(self.means):
            if place < len(self.factors):
                rotated = x @ self.factors[place]
            distance = rotated - mean
            distance *= distance
            columns.append(np.add.reduce(distance, axis=1))
        return np.stack(columns, axis=1)


@operation
class Scaled:
    """Computes squared Mahalanobis distances to means with diagonal covariances.

    Attributes:
        squares: Σ mean² · precision, shape (components,).
        means: means times their precisions, shape (components, k).
        precisions: shape (components, k).
    """

    squares: Vector
    means: Matrix
    precisions: Matrix

    def __call__(self, x: Matrix) -> Matrix:
        distances: Matrix = self.squares - 2.0 * (x @ self.means.T)
        distances += x**2 @ self.precisions.T
        return distances


@operation
class Spherical:
    """Computes squared Mahalanobis distances to means with spherical covariances.

    Attributes:
        squares: |mean|² · precision, shape (components,).
        means: shape (components, k).
        precisions: shape (components,).
    """

    squares: Vector
    means: Matrix
    precisions: Vector

    def __call__(self, x: Matrix) -> Matrix:
        distances: Matrix = self.squares - 2 * (x @ self.means.T * self.precisions)
        distances += np.einsum("ij,ij->i", x, x)[:, None] * self.precisions
        return distances


@operation
class LogLikelihood:
    """Computes -½ (constant + squared distances), and adds terms of each component in order.

    Attributes:
        constant: k log 2π.
        terms: shape (terms, components).
    """

    constant: float
    terms: Matrix

    def __call__(self, distances: Matrix) -> Matrix:
        value = -0.5 * (self.constant + distances)
        for term in self.terms:
            value += term
        return value


@operation
class Mahalanobis:
    """Computes the margin of a row to the outliers: minus squared distance minus edge; shape (n,).

    Attributes:
        mean: shape (k,).
        precision: shape (k, k).
        edge: minus the squared Mahalanobis distance at which outliers begin.
    """

    mean: Vector
    precision: Matrix
    edge: float

    def __call__(self, x: Matrix) -> Vector:
        away = x - self.mean
        rotated = even_odd_sum(away[:, None, :] * self.precision)
        distances = np.sqrt(even_odd_sum(away * rotated))
        margin: Vector = -(distances**2) - self.edge
        return margin
