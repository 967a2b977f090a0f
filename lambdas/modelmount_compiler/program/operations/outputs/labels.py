"""Operations that turn scores into labels, and break ties as scikit-learn does."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from modelmount_compiler.program.operation import Matrix, Vector, operation

Labels = NDArray[Any]


@operation
class Highest:
    """Returns the label of each row's highest score; the first of equals.

    Attributes:
        classes: labels, shape (classes,), in the order of the columns.
    """

    classes: Labels

    def __call__(self, scores: Matrix) -> Labels:
        chosen: Labels = self.classes.take(scores.argmax(axis=1))
        return chosen


@operation
class Above:
    """Returns the second of two labels if a score is above a threshold, else the first.

    Scores and labels have the shape (n,).
    """

    classes: Labels
    threshold: float = 0.0

    def __call__(self, score: Vector) -> Labels:
        if len(score) == 1:
            chosen: Labels = self.classes[int(score.item() > self.threshold), None]
            return chosen
        return self.classes.take(score > self.threshold)


@operation
class EachAbove:
    """Returns 1 if a score is above a threshold, else 0: labels of a multilabel classifier.

    Attributes:
        threshold: the same for all columns.
        dtype: NumPy name of the labels' dtype.
    """

    threshold: float
    dtype: str

    def __call__(self, scores: Matrix) -> Labels:
        return (scores > self.threshold).astype(self.dtype)


@operation
class Names:
    """Returns classes[index], for indices of shape (n,) and any dtype."""

    classes: Labels

    def __call__(self, index: Labels) -> Labels:
        named: Labels = self.classes.take(index.astype(np.intp))
        return named


@operation
class Repeat:
    """Returns the same answer for each row.

    Attributes:
        answer: shape (1,) or (1, outputs).
    """

    answer: Labels

    def __call__(self, x: Matrix) -> Labels:
        return np.repeat(self.answer, len(x), axis=0)
