"""Operations of label propagation."""

import numpy as np

from modelmount_compiler.program.operation import Matrix, Vector, operation
from modelmount_compiler.program.operations.neighbors.neighbor_search import Found


@operation
class Radial:
    """Computes shares of the classes, weighted by the radial kernel of a row with fitted points.

    Attributes:
        points: shape (points, k).
        norms: |p|², shape (points,).
        gamma: the kernel's parameter.
        shares: shares of the classes at each point, shape (points, classes).
    """

    points: Matrix
    norms: Vector
    gamma: float
    shares: Matrix

    def __call__(self, x: Matrix) -> Matrix:
        kernel = self.points @ x.T  # in this order, to round as the original does
        kernel *= -2
        kernel += self.norms[:, None]
        kernel += np.einsum("ij,ij->i", x, x)
        np.maximum(kernel, 0, out=kernel)
        kernel *= -self.gamma
        np.exp(kernel, out=kernel)
        return _shares(kernel.T @ self.shares)


@operation
class Nearest:
    """Computes shares of the classes among the nearest fitted points.

    Attributes:
        shares: shares of the classes at each point, shape (points, classes).
    """

    shares: Matrix

    def __call__(self, found: Found) -> Matrix:
        return _shares(np.add.reduce(self.shares.take(found[1], axis=0), axis=1))


def _shares(totals: Matrix) -> Matrix:
    with np.errstate(invalid="ignore"):
        totals /= np.add.reduce(totals, axis=1, keepdims=True)
    return totals
