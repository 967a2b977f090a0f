"""From scores to probabilities by what was learned of them."""

import numpy as np
from numpy.typing import NDArray

from modelmount_compiler.program.operation import Matrix, Vector, operation
from modelmount_compiler.program.operations.linear.linear_models import pair
from modelmount_compiler.program.operations.special_functions import expit, sigmoid, softmax


@operation
class Sigmoids:
    """Each score's sigmoid: 1 / (1 + exp(slope · score + offset)); shape as the scores'.

    Attributes:
        slopes: shape (1,), or one for each column.
        offsets: the same.
    """

    slopes: Vector
    offsets: Vector

    def __call__(self, scores: Matrix | Vector) -> Matrix | Vector:  # noqa: D102
        if scores.size == 1:
            slope, offset = self.slopes.item(), self.offsets.item()
            return np.full(scores.shape, sigmoid(-(slope * scores.item() + offset)))
        value = self.slopes * scores
        value += self.offsets
        return expit(np.negative(value, out=value))


@operation
class Interpolation:
    """A line through points, for values of shape (n,) or (n, 1).

    Attributes:
        x: ascending, shape (points,).
        y: shape (points,).
        outside: what happens to values before the first and after the last point: `clip` takes
            that point's, `nan` gives NaN, `raise` refuses.
    """

    x: Vector
    y: Vector
    outside: str

    def __call__(self, values: Matrix | Vector) -> Vector:  # noqa: D102
        flat = values.reshape(-1)
        if self.outside == "clip" or len(self.x) == 1:
            return np.interp(flat, self.x, self.y)
        if self.outside == "nan":
            return np.interp(flat, self.x, self.y, left=np.nan, right=np.nan)
        low, high = self.x[0], self.x[-1]
        if (flat < low).any() or (flat > high).any():
            raise ValueError(f"A value lies outside of what the model knows: {low} to {high}.")
        return np.interp(flat, self.x, self.y)


@operation
class Spread:
    """Probabilities of all classes, shape (n, classes), from calibrated scores of some.

    Takes shape (n, scores), or (n,) of the second of two classes.

    Attributes:
        places: the class of each score, shape (scores,).
        classes: how many there are.
    """

    places: NDArray[np.int64]
    classes: int

    def __call__(self, scores: Matrix | Vector) -> Matrix:  # noqa: D102
        if self.classes == 2:
            return pair(scores.reshape(-1))
        found = np.zeros((len(scores), self.classes))
        found[:, self.places] = scores
        totals = np.add.reduce(found, axis=1, keepdims=True)
        shares = np.full_like(found, 1 / self.classes)
        return np.divide(found, totals, out=shares, where=totals != 0)


@operation
class Temperature:
    """The softmax of scores made sharper or flatter.

    Takes margins of shape (n, classes), or (n,) of the second of two; or probabilities of shape
    (n, classes), whose logarithms are taken: whether they are that is seen from each batch, as
    scikit-learn does.

    Attributes:
        sharpness: the inverse temperature.
    """

    sharpness: float

    def __call__(self, scores: Matrix | Vector) -> Matrix:  # noqa: D102
        if scores.ndim == 1:
            scores = np.stack((-scores, scores), axis=1)
        elif _are_probabilities(scores):
            scores = np.log(scores + 1e-12)
        return softmax(self.sharpness * scores)


def _are_probabilities(scores: Matrix) -> bool:
    if not ((scores >= 0) & (scores <= 1)).all():
        return False
    return bool((np.abs(np.add.reduce(scores, axis=1) - 1) <= 1e-8 + 1e-5).all())
