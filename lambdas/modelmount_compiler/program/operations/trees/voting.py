"""Operations that count the votes of several classifiers."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from modelmount_compiler.program.operation import Matrix, Vector, operation

Labels = NDArray[Any]


@operation
class Samme:
    """Computes weighted votes for and against each class (SAMME), shape (n, classes).

    Source: Zhu, Zou, Rosset and Hastie, Multi-class AdaBoost, 2009.

    Attributes:
        classes: labels of the classes, shape (classes,).
        weights: weights of the voters, in their order.
        total: divisor of the votes.
    """

    classes: Labels
    weights: Vector
    total: float

    def __call__(self, *votes: Labels) -> Matrix:
        score = np.zeros((len(votes[0]), len(self.classes)))
        against = -1 / (len(self.classes) - 1)
        for vote, weight in zip(votes, self.weights.tolist(), strict=True):
            score += np.where(vote[:, None] == self.classes, weight, against * weight)
        score /= self.total
        return score


@operation
class SammeFor:
    """Computes weighted votes for each class, shape (n, classes), as scikit-learn before 1.3.

    Attributes:
        classes: labels of the classes, shape (classes,).
        weights: weights of the voters, in their order.
        total: divisor of the votes.
    """

    classes: Labels
    weights: Vector
    total: float

    def __call__(self, *votes: Labels) -> Matrix:
        score = np.zeros((len(votes[0]), len(self.classes)))
        for vote, weight in zip(votes, self.weights.tolist(), strict=True):
            score += (vote[:, None] == self.classes) * weight
        score /= self.total
        return score


@operation
class SammeReal:
    """Computes votes by the logarithms of probabilities (SAMME.R), shape (n, classes).

    Attributes:
        classes: number of classes.
        total: divisor of the votes.
    """

    classes: int
    total: float

    def __call__(self, *shares: Matrix) -> Matrix:
        score = np.zeros((len(shares[0]), self.classes))
        for each in shares:
            score += real(each)
        score /= self.total
        return score


def real(shares: Matrix) -> Matrix:
    """Return what the probabilities of one voter add to each class's votes (SAMME.R).

    Source: Zhu, Zou, Rosset and Hastie, Multi-class AdaBoost, 2009, algorithm 4.
    """
    count = shares.shape[1]
    logs = np.log(np.maximum(shares, np.finfo(np.float64).eps))
    votes: Matrix = (count - 1) * (logs - (1.0 / count) * logs.sum(axis=1)[:, None])
    return votes


@operation
class Margin:
    """Computes the second of two scores minus the first, shape (n,)."""

    def __call__(self, scores: Matrix) -> Vector:
        return scores[:, 1] - scores[:, 0]


@operation
class Shares:
    """Computes the share of votes for each class, shape (n, classes); votes are class indices."""

    classes: int

    def __call__(self, *votes: NDArray[np.integer]) -> Matrix:
        rows = np.arange(len(votes[0]))
        counts = np.zeros((len(rows), self.classes))
        for vote in votes:
            counts[rows, vote] += 1
        counts /= len(votes)
        return counts
