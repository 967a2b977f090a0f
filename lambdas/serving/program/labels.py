"""From scores to labels, with ties as scikit-learn breaks them."""

from typing import Any

from numpy.typing import NDArray

from serving.program.operation import Matrix, operation

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
class Positive:
    """The second of two labels where the margin, shape (n, 1), is above zero, else the first."""

    classes: Labels

    def __call__(self, margin: Matrix) -> Labels:  # noqa: D102
        chosen: Labels = self.classes.take(margin[:, 0] > 0)
        return chosen
