"""Operations of support vector machines, as libsvm computes them: Chang and Lin, "LIBSVM", 2011.

Sums run in libsvm's order, and the linear algebra library computes dot products. So margins agree
to the last bit.
"""

import math

import numpy as np
from numpy.typing import NDArray

from modelmount_compiler.program.operation import Matrix, Vector, operation
from modelmount_compiler.program.operations.dot_products import vecdot
from modelmount_compiler.program.operations.linear.pairwise_coupling import coupled
from modelmount_compiler.program.operations.special_functions import exp, sequential_sum

CELLS_AT_ONCE = 1 << 18  # differences from support vectors; 2 MB fit into caches


@operation
class Kernel:
    """Computes the kernel of each row with each support vector, shape (n, vectors).

    Attributes:
        vectors: the support vectors, shape (vectors, k).
        kernel: `linear`, `poly`, `rbf` or `sigmoid`.
        gamma: factor of the distance or the dot product.
        coef0: constant of `poly` and `sigmoid`.
        degree: degree of `poly`.
        exact: whether the exponential must be libsvm's, because labels depend on the last bit.
    """

    vectors: Matrix
    kernel: str
    gamma: float
    coef0: float
    degree: int
    exact: bool

    def __call__(self, x: Matrix) -> Matrix:
        if self.kernel == "rbf":
            scaled = -self.gamma * self._distances(x)
            return exp(scaled) if self.exact else np.exp(scaled)
        products: Matrix = vecdot(x[:, None], self.vectors)
        if self.kernel == "linear":
            return products
        products *= self.gamma
        products += self.coef0
        if self.kernel == "poly":
            return _power(products, self.degree)
        return _tanh(products) if self.exact else np.tanh(products)

    def _distances(self, x: Matrix) -> Matrix:
        step = max(1, CELLS_AT_ONCE // max(1, self.vectors.size))
        if len(x) > step:
            starts = range(0, len(x), step)
            return np.concatenate([self._distances(x[s : s + step]) for s in starts])
        differences = x[:, None] - self.vectors
        distances: Matrix = vecdot(differences, differences)
        return distances


def _power(base: Matrix, exponent: int) -> Matrix:
    """Multiply repeated squares, as libsvm does."""
    result = np.ones_like(base)
    while exponent > 0:
        if exponent % 2:
            result *= base
        base = base * base
        exponent //= 2
    return result


def _tanh(x: Matrix) -> Matrix:
    """Call the C library's function; NumPy's own rounds differently."""
    return np.fromiter(map(math.tanh, x.ravel().tolist()), float, x.size).reshape(x.shape)


@operation
class Margin:
    """Computes Σ coefficient · kernel + intercept, shape (n,)."""

    coefficients: Vector
    intercept: float

    def __call__(self, kernel: Matrix) -> Vector:
        return sequential_sum(kernel * self.coefficients) + self.intercept


@operation
class Margins:
    """Computes margins of every pair of classes (0, 1), (0, 2), …, (1, 2), …; shape (n, pairs).

    The first class of a pair wins if the margin is above zero.

    Attributes:
        places: indices of each pair's support vectors, shape (pairs, most vectors of a pair).
        coefficients: coefficients of the same shape; zero if a pair has fewer vectors.
        intercepts: shape (pairs,).
    """

    places: NDArray[np.int64]
    coefficients: Matrix
    intercepts: Vector

    def __call__(self, kernel: Matrix) -> Matrix:
        return (
            sequential_sum(kernel.take(self.places, axis=1) * self.coefficients) + self.intercepts
        )


@operation
class Winner:
    """Returns the index of the class that wins most pairs; the first of equals.

    Attributes:
        wins: shape (pairs, classes); 1 if a margin above zero is a vote for the class.
        losses: the same for margins at or below zero.
    """

    wins: Matrix
    losses: Matrix

    def __call__(self, margins: Matrix) -> NDArray[np.intp]:
        won = margins > 0
        votes: Matrix = won @ self.wins + ~won @ self.losses
        winner: NDArray[np.intp] = votes.argmax(axis=1)
        return winner


@operation
class Below:
    """Returns one if a margin is below zero, otherwise zero."""

    def __call__(self, margins: Matrix) -> Matrix:
        return (margins < 0).astype(np.float64)


@operation
class Coupled:
    """Computes probabilities of classes from margins of pairs.

    The probability of a pair is a sigmoid of its margin (Platt scaling). The second method of Wu,
    Lin and Weng couples the pairs. Source: "Probability Estimates for Multi-class Classification
    by Pairwise Coupling", 2004.

    Attributes:
        slopes: shape (pairs,).
        offsets: shape (pairs,).
        classes: number of classes.
    """

    slopes: Vector
    offsets: Vector
    classes: int

    def __call__(self, margins: Matrix) -> Matrix:
        inner = margins * self.slopes
        inner += self.offsets
        probabilities = [coupled(row, self.classes) for row in inner.tolist()]
        return np.array(probabilities).reshape(-1, self.classes)
