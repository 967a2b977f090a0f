"""Normal distributions: how likely a row is under each, and how far it is from one."""

import numpy as np

from modelmount_compiler.program.operation import Matrix, Vector, operation
from modelmount_compiler.program.operations.special_functions import in_pairs


@operation
class Turned:
    """Squared distances of rows to means, each in its own metric; shape (n, components).

    Attributes:
        factors: Cholesky factors of the precisions, shape (components, k, k); or (1, k, k): shared.
        means: multiplied by them, shape (components, k).
    """

    factors: Matrix
    means: Matrix

    def __call__(self, x: Matrix) -> Matrix:  # noqa: D102
        columns = []
        for place, mean in enumerate(self.means):
            if place < len(self.factors):
                turned = x @ self.factors[place]
            distance = turned - mean
            distance *= distance
            columns.append(np.add.reduce(distance, axis=1))
        return np.stack(columns, axis=1)


@operation
class Scaled:
    """The same where the metrics have no direction mixed into another.

    Attributes:
        squares: |mean|² in the metric, shape (components,).
        means: in the metric, shape (components, k).
        precisions: shape (components, k).
    """

    squares: Vector
    means: Matrix
    precisions: Matrix

    def __call__(self, x: Matrix) -> Matrix:  # noqa: D102
        distances: Matrix = self.squares - 2.0 * (x @ self.means.T)
        distances += x**2 @ self.precisions.T
        return distances


@operation
class Spherical:
    """The same where each metric is one number.

    Attributes:
        squares: |mean|² in the metric, shape (components,).
        means: shape (components, k).
        precisions: shape (components,).
    """

    squares: Vector
    means: Matrix
    precisions: Vector

    def __call__(self, x: Matrix) -> Matrix:  # noqa: D102
        distances: Matrix = self.squares - 2 * (x @ self.means.T * self.precisions)
        distances += np.einsum("ij,ij->i", x, x)[:, None] * self.precisions
        return distances


@operation
class LogLikelihood:
    """-½ (constant + squared distances), and terms of each component, added in order.

    Attributes:
        constant: k log 2π.
        terms: shape (terms, components).
    """

    constant: float
    terms: Matrix

    def __call__(self, distances: Matrix) -> Matrix:  # noqa: D102
        value = -0.5 * (self.constant + distances)
        for term in self.terms:
            value += term
        return value


@operation
class Mahalanobis:
    """How much nearer a row is to a mean than the edge of what is normal, shape (n,).

    Attributes:
        mean: shape (k,).
        precision: shape (k, k).
        edge: the negative squared distance from which on rows are outliers.
    """

    mean: Vector
    precision: Matrix
    edge: float

    def __call__(self, x: Matrix) -> Vector:  # noqa: D102
        away = x - self.mean
        turned = in_pairs(away[:, None, :] * self.precision)
        distances = np.sqrt(in_pairs(away * turned))
        margin: Vector = -(distances**2) - self.edge
        return margin
