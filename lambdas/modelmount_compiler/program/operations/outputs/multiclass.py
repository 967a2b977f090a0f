"""Many classes out of scores of two."""

import numpy as np
from numpy.typing import NDArray

from modelmount_compiler.program.operation import Matrix, Vector, derived, operation
from modelmount_compiler.program.operations.special_functions import in_order


@operation
class Both:
    """Probabilities of two classes, shape (n, 2), from the second one's, shape (n,)."""

    def __call__(self, positive: Vector) -> Matrix:  # noqa: D102
        both = np.stack((1 - positive, positive), axis=1)
        return both / np.add.reduce(both, axis=1, keepdims=True)


@operation
class Shares:
    """Each row divided by its sum; a row of zeros stays."""

    def __call__(self, scores: Matrix) -> Matrix:  # noqa: D102
        totals = np.add.reduce(scores, axis=1, keepdims=True)
        totals[totals == 0] = 1
        return scores / totals


@operation
class Votes:
    """Votes from every pair of classes (0, 1), (0, 2), …, (1, 2), …, with a part for confidence.

    Takes who won, shape (n, pairs): above zero the pair's second class; and how sure it is of the
    second one, of the same shape. Gives scores of shape (n, classes): votes, and the sum of
    confidences squeezed between -1/3 and 1/3, which decides between equal votes.

    Attributes:
        classes: how many there are.
    """

    classes: int
    _pairs: NDArray[np.intp] = derived()
    _signs: Matrix = derived()

    def __post_init__(self) -> None:
        first, second = np.triu_indices(self.classes, 1)
        places = [np.flatnonzero((first == c) | (second == c)) for c in range(self.classes)]
        signs = [np.where(first[p] == c, -1.0, 1.0) for c, p in enumerate(places)]
        object.__setattr__(self, "_pairs", np.stack(places))
        object.__setattr__(self, "_signs", np.stack(signs))

    def __call__(self, won: Matrix, sure: Matrix) -> Matrix:  # noqa: D102
        won, sure = won.take(self._pairs, axis=1), sure.take(self._pairs, axis=1)
        total = in_order(sure * self._signs)
        votes = np.add.reduce((won > 0) == (self._signs > 0), axis=2)
        scores: Matrix = votes + total / (3 * (np.abs(total) + 1))
        return scores
