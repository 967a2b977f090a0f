"""From scores to labels, with ties as scikit-learn breaks them."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from modelmount_compiler.program.operation import Matrix, Vector, operation

Labels = NDArray[Any]


@operation
class Highest:
    """The label of each row's highest score, the first among equals.

    Attributes:
        classes: labels, shape (classes,), in the order of the columns.
    """

    classes: Labels

    def __call__(self, scores: Matrix) -> Labels:  # noqa: D102
        chosen: Labels = self.classes.take(scores.argmax(axis=1))
        return chosen


@operation
class Above:
    """The second of two labels where a score is above a threshold, else the first.

    Takes scores of shape (n,), gives labels of shape (n,).
    """

    classes: Labels
    threshold: float = 0.0

    def __call__(self, score: Vector) -> Labels:  # noqa: D102
        if len(score) == 1:
            chosen: Labels = self.classes[int(score.item() > self.threshold), None]
            return chosen
        return self.classes.take(score > self.threshold)


@operation
class EachAbove:
    """1 where a score is above a threshold, else 0: the labels of a multilabel classifier.

    Attributes:
        dtype: of the answer, a NumPy name.
    """

    threshold: float
    dtype: str

    def __call__(self, scores: Matrix) -> Labels:  # noqa: D102
        return (scores > self.threshold).astype(self.dtype)


@operation
class Names:
    """classes[index], for whole numbers of shape (n,) of any dtype."""

    classes: Labels

    def __call__(self, index: Labels) -> Labels:  # noqa: D102
        named: Labels = self.classes.take(index.astype(np.intp))
        return named


@operation
class Repeat:
    """The same answer for each row.

    Attributes:
        answer: shape (1,) or (1, outputs).
    """

    answer: Labels

    def __call__(self, x: Matrix) -> Labels:  # noqa: D102
        return np.repeat(self.answer, len(x), axis=0)
