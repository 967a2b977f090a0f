"""Operations that combine binary classifiers into a classifier of many classes."""

import numpy as np
from numpy.typing import NDArray

from modelmount_compiler.program.operation import Matrix, Vector, derived, operation
from modelmount_compiler.program.operations.special_functions import sequential_sum


@operation
class Both:
    """Returns probabilities of two classes, shape (n, 2), from those of the second, shape (n,)."""

    def __call__(self, positive: Vector) -> Matrix:
        both = np.stack((1 - positive, positive), axis=1)
        return both / np.add.reduce(both, axis=1, keepdims=True)


@operation
class Shares:
    """Divides each row by its sum; a row of zeros stays."""

    def __call__(self, scores: Matrix) -> Matrix:
        totals = np.add.reduce(scores, axis=1, keepdims=True)
        totals[totals == 0] = 1
        return scores / totals


@operation
class Votes:
    """Adds votes from every pair of classes (0, 1), (0, 2), …, (1, 2), …: one-versus-one.

    The first input says who won, shape (n, pairs): above zero, the second class of the pair. The
    second input is the confidence in the second class, of the same shape. The output has the shape
    (n, classes). It is the number of votes plus the sum of confidences, squeezed between -1/3 and
    1/3 so that it decides between equal votes.

    Attributes:
        classes: number of classes.
    """

    classes: int
    _pairs: NDArray[np.intp] = derived()
    _signs: Matrix = derived()

    def _derive(self) -> None:
        first, second = np.triu_indices(self.classes, 1)
        places = [np.flatnonzero((first == c) | (second == c)) for c in range(self.classes)]
        signs = [np.where(first[p] == c, -1.0, 1.0) for c, p in enumerate(places)]
        object.__setattr__(self, "_pairs", np.stack(places))
        object.__setattr__(self, "_signs", np.stack(signs))

    def __call__(self, won: Matrix, confidence: Matrix) -> Matrix:
        if won.shape[1] != self.classes * (self.classes - 1) // 2:
            raise ValueError(f"{self.classes} classes don't have {won.shape[1]} pairs")
        if "_signs" not in self.__dict__:
            self._derive()
        won, confidence = won.take(self._pairs, axis=1), confidence.take(self._pairs, axis=1)
        total = sequential_sum(confidence * self._signs)
        votes = np.add.reduce((won > 0) == (self._signs > 0), axis=2)
        scores: Matrix = votes + total / (3 * (np.abs(total) + 1))
        return scores
