"""Support vector machines as libsvm computes them: Chang and Lin, "LIBSVM", 2011.

Sums run in libsvm's order, and dot products are the linear algebra library's own, so that margins
agree to the last bit.
"""

import math

import numpy as np
from numpy.typing import NDArray

from modelmount_compiler.program.operation import Matrix, Vector, operation
from modelmount_compiler.program.operations.special_functions import exp, in_order

CELLS_AT_ONCE = 1 << 18  # of differences from support vectors: 2 MB, what caches hold
SMALLEST = 1e-7  # probability of one class against another


@operation
class Kernel:
    """The kernel of each row with each support vector, shape (n, vectors).

    Attributes:
        vectors: shape (vectors, k).
        kernel: `linear`, `poly`, `rbf` or `sigmoid`.
        degree: of `poly`.
        exact: whether labels hang on the last bit, so that the exponential must be libsvm's.
    """

    vectors: Matrix
    kernel: str
    gamma: float
    coef0: float
    degree: int
    exact: bool

    def __call__(self, x: Matrix) -> Matrix:  # noqa: D102
        if self.kernel == "rbf":
            scaled = -self.gamma * self._distances(x)
            return exp(scaled) if self.exact else np.exp(scaled)
        products: Matrix = np.vecdot(x[:, None], self.vectors)
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
        apart = x[:, None] - self.vectors
        distances: Matrix = np.vecdot(apart, apart)
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
    """Take the C library's; NumPy's own rounds otherwise."""
    return np.fromiter(map(math.tanh, x.ravel().tolist()), float, x.size).reshape(x.shape)


@operation
class Margin:
    """Σ coefficient · kernel + intercept, shape (n,)."""

    coefficients: Vector
    intercept: float

    def __call__(self, kernel: Matrix) -> Vector:  # noqa: D102
        return in_order(kernel * self.coefficients) + self.intercept


@operation
class Margins:
    """Margins of every pair of classes (0, 1), (0, 2), …, (1, 2), …; shape (n, pairs).

    Above zero the first of the two wins.

    Attributes:
        places: the support vectors of each pair's classes, shape (pairs, most vectors of a pair).
        coefficients: their coefficients, zero where a pair has fewer; same shape.
        intercepts: shape (pairs,).
    """

    places: NDArray[np.int64]
    coefficients: Matrix
    intercepts: Vector

    def __call__(self, kernel: Matrix) -> Matrix:  # noqa: D102
        return in_order(kernel.take(self.places, axis=1) * self.coefficients) + self.intercepts


@operation
class Winner:
    """The place of the class that wins most pairs, the first among equals, from their margins.

    Attributes:
        wins: shape (pairs, classes): 1 where a margin above zero is a vote for the class.
        losses: the same for margins at or below zero.
    """

    wins: Matrix
    losses: Matrix

    def __call__(self, margins: Matrix) -> NDArray[np.intp]:  # noqa: D102
        won = margins > 0
        votes: Matrix = won @ self.wins + ~won @ self.losses
        winner: NDArray[np.intp] = votes.argmax(axis=1)
        return winner


@operation
class Below:
    """One where a margin is below zero, otherwise zero."""

    def __call__(self, margins: Matrix) -> Matrix:  # noqa: D102
        return (margins < 0).astype(np.float64)


@operation
class Coupled:
    """Probabilities of classes from margins of pairs.

    Each pair's is a sigmoid (Platt scaling); they are made to agree by the second method of Wu,
    Lin and Weng, "Probability Estimates for Multi-class Classification by Pairwise Coupling", 2004.

    Attributes:
        slopes: shape (pairs,).
        offsets: shape (pairs,).
        classes: how many there are.
    """

    slopes: Vector
    offsets: Vector
    classes: int

    def __call__(self, margins: Matrix) -> Matrix:  # noqa: D102
        inner = margins * self.slopes
        inner += self.offsets
        return np.array([self._couple(row) for row in inner.tolist()]).reshape(-1, self.classes)

    def _couple(self, inner: list[float]) -> list[float]:
        count = self.classes
        against = [[0.0] * count for _ in range(count)]
        scores = iter(inner)
        for i in range(count):
            for j in range(i + 1, count):
                against[i][j] = min(max(_platt(next(scores)), SMALLEST), 1 - SMALLEST)
                against[j][i] = 1 - against[i][j]
        return _agree(against)


def _platt(score: float) -> float:
    if score >= 0:
        power = math.exp(-score)
        return power / (1.0 + power)
    return 1.0 / (1 + math.exp(score))


def _agree(against: list[list[float]]) -> list[float]:
    """Find probabilities p that come nearest to p_i / (p_i + p_j) = against[i][j]."""
    count = len(against)
    each = range(count)
    q = [[-against[j][i] * against[i][j] for j in each] for i in each]
    for i in each:
        q[i][i] = 0.0
        for j in each:
            q[i][i] += against[j][i] * against[j][i]
    p = [1.0 / count] * count
    for _ in range(max(100, count)):
        qp = [0.0] * count
        for i in each:
            for j in each:
                qp[i] += q[i][j] * p[j]
        pqp = 0.0
        for i in each:
            pqp += p[i] * qp[i]
        if max(abs(value - pqp) for value in qp) < 0.005 / count:
            break
        for i in each:
            step = (-qp[i] + pqp) / q[i][i]
            p[i] += step
            pqp = (pqp + step * (step * q[i][i] + 2 * qp[i])) / (1 + step) / (1 + step)
            for j in each:
                qp[j] = (qp[j] + step * q[i][j]) / (1 + step)
                p[j] /= 1 + step
    return p
