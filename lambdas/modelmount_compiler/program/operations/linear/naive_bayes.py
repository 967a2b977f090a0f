"""Operations of naive Bayes: joint log-likelihoods, shape (n, classes), and probabilities."""

import numpy as np
from numpy.typing import NDArray

from modelmount_compiler.program.operation import Matrix, Vector, operation
from modelmount_compiler.program.operations.special_functions import logsumexp


@operation
class GaussianLikelihood:
    """Computes the joint log-likelihood of columns with independent normal distributions.

    Attributes:
        means: shape (classes, k).
        variances: shape (classes, k).
        priors: logarithms of the priors, shape (classes,).
        scales: -½ Σ log 2π variance, shape (classes,).
    """

    means: Matrix
    variances: Matrix
    priors: Vector
    scales: Vector

    def __call__(self, x: Matrix) -> Matrix:
        columns = []
        for mean, variance in zip(self.means, self.variances, strict=True):
            squares = x - mean
            squares *= squares
            squares /= variance
            columns.append(np.add.reduce(squares, axis=1))
        total = np.stack(columns, axis=1)
        total *= 0.5
        np.subtract(self.scales, total, out=total)
        total += self.priors
        return total


@operation
class Binary:
    """Returns one if a value is above a threshold, otherwise zero."""

    threshold: float

    def __call__(self, x: Matrix) -> Matrix:
        return (x > self.threshold).astype(np.float64)


@operation
class CategoricalLikelihood:
    """Computes the joint log-likelihood of columns with independent categories.

    Attributes:
        tables: log-probabilities of each column's categories, shape (classes, categories).
        priors: logarithms of the priors, shape (classes,).
    """

    tables: tuple[Matrix, ...]
    priors: Vector

    def __call__(self, x: Matrix) -> Matrix:
        categories = self._categories(x)
        total = np.zeros((len(x), len(self.priors)))
        for table, column in zip(self.tables, categories.T, strict=True):
            total += table.take(column, axis=1).T
        total += self.priors
        return total

    def _categories(self, x: Matrix) -> NDArray[np.int64]:
        categories = x.astype(np.int64)
        if categories.min(initial=0) < 0:
            raise ValueError("Negative values: a category is a whole number from 0 on.")
        for place, table in enumerate(self.tables):
            if categories[:, place].max(initial=0) >= table.shape[1]:
                raise ValueError(
                    f"Column {place} has a category above {table.shape[1] - 1}, "
                    "the highest that the model knows."
                )
        return categories


@operation
class Posterior:
    """Computes probabilities from joint log-likelihoods; both have the shape (n, classes)."""

    def __call__(self, joint: Matrix) -> Matrix:
        powers: Matrix = np.exp(joint - logsumexp(joint))
        return powers
