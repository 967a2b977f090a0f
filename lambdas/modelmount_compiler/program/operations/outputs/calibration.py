"""Operations that calibrate scores: they turn scores into probabilities as fitted."""

import numpy as np
from numpy.typing import NDArray

from modelmount_compiler.program.operation import Matrix, Vector, operation
from modelmount_compiler.program.operations.linear.linear_models import pair
from modelmount_compiler.program.operations.special_functions import expit, sigmoid, softmax


@operation
class Sigmoids:
    """Computes 1 / (1 + exp(slope · score + offset)) of each score (Platt scaling).

    Attributes:
        slopes: shape (1,), or one for each column.
        offsets: shape as of `slopes`.
    """

    slopes: Vector
    offsets: Vector

    def __call__(self, scores: Matrix | Vector) -> Matrix | Vector:
        if scores.size == 1:
            slope, offset = self.slopes.item(), self.offsets.item()
            return np.full(scores.shape, sigmoid(-(slope * scores.item() + offset)))
        value = self.slopes * scores
        value += self.offsets
        return expit(np.negative(value, out=value))


@operation
class Interpolation:
    """Interpolates linearly between points, for values of shape (n,) or (n, 1).

    Attributes:
        x: ascending, shape (points,).
        y: shape (points,).
        outside: the rule for values before the first and after the last point. `clip` takes the
            value of that point, `nan` returns NaN, `raise` refuses.
    """

    x: Vector
    y: Vector
    outside: str

    def __call__(self, values: Matrix | Vector) -> Vector:
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
class InterpolationSingle:
    """Interpolates as `Interpolation` does, in single precision and by SciPy's own formula.

    Source: `interp1d._call_linear` of SciPy 1.17.
    """

    x: NDArray[np.float32]
    y: NDArray[np.float32]
    outside: str

    def __call__(self, values: Matrix | Vector) -> Vector:
        with np.errstate(over="ignore"):
            flat = values.reshape(-1).astype(np.float32)
        low, high = self.x[0], self.x[-1]
        beyond = (flat < low) | (flat > high)
        if self.outside == "raise" and len(self.x) > 1 and beyond.any():
            raise ValueError(f"A value lies outside of what the model knows: {low} to {high}.")
        if len(self.x) == 1:
            return np.full(flat.shape, self.y[0])
        inside = flat.clip(low, high)
        right = self.x.searchsorted(inside).clip(1, len(self.x) - 1)
        left = right - 1
        slope = (self.y[right] - self.y[left]) / (self.x[right] - self.x[left])
        found: Vector = slope * (inside - self.x[left]) + self.y[left]
        if self.outside == "nan":
            found[beyond] = np.nan
        return found


@operation
class Spread:
    """Turns calibrated scores of some classes into probabilities of all, shape (n, classes).

    Scores have the shape (n, scores), or (n,) for the second of two classes.

    Attributes:
        places: index of the class of each score, shape (scores,).
        classes: number of classes.
    """

    places: NDArray[np.int64]
    classes: int

    def __call__(self, scores: Matrix | Vector) -> Matrix:
        if self.classes == 2:
            return pair(scores.reshape(-1))
        found = np.zeros((len(scores), self.classes))
        found[:, self.places] = scores
        totals = np.add.reduce(found, axis=1, keepdims=True)
        shares = np.full_like(found, 1 / self.classes)
        return np.divide(found, totals, out=shares, where=totals != 0)


@operation
class Temperature:
    """Computes the softmax of scores times an inverse temperature.

    Scores are margins of shape (n, classes), or (n,) for the second of two classes. They can be
    probabilities of shape (n, classes) too, whose logarithms are taken. As in scikit-learn, the
    values of a batch decide whether it holds probabilities.

    Attributes:
        sharpness: the inverse temperature.
    """

    sharpness: float

    def __call__(self, scores: Matrix | Vector) -> Matrix:
        if scores.ndim == 1:
            scores = np.stack((-scores, scores), axis=1)
        elif _are_probabilities(scores):
            scores = np.log(scores + 1e-12)
        return softmax(self.sharpness * scores)


def _are_probabilities(scores: Matrix) -> bool:
    if not ((scores >= 0) & (scores <= 1)).all():
        return False
    return bool((np.abs(np.add.reduce(scores, axis=1) - 1) <= 1e-8 + 1e-5).all())
