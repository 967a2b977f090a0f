"""Operations on each column, or each value, by itself."""

import math

import numpy as np

from modelmount_compiler.program.operation import Matrix, Vector, operation

FEW = 4096


@operation
class Finite:
    """Refuses a matrix that the original's own input check refuses; gives float64.

    Attributes:
        allows_missing: whether NaN is taken.
    """

    allows_missing: bool

    def __call__(self, x: Matrix) -> Matrix:  # noqa: D102
        if x.dtype != np.float64:
            return x.astype(np.float64)  # of booleans and whole numbers
        # One pass; a total that overflows is looked at below. For few values a product is faster.
        if math.isfinite(np.vdot(x, x) if x.size < FEW else np.add.reduce(x, axis=None)):
            return x
        if np.isinf(x).any():
            raise ValueError("Input X contains infinity; send finite numbers.")
        if not self.allows_missing and np.isnan(x).any():
            raise ValueError("Input X contains NaN; send a number for each missing value.")
        return x


@operation
class Shift:
    """x - offset, by column."""

    offset: Vector

    def __call__(self, x: Matrix) -> Matrix:  # noqa: D102
        return x - self.offset


@operation
class Divide:
    """x / scale, by column."""

    scale: Vector

    def __call__(self, x: Matrix) -> Matrix:  # noqa: D102
        return x / self.scale


@operation
class Standardize:
    """(x - offset) / scale, by column."""

    offset: Vector
    scale: Vector

    def __call__(self, x: Matrix) -> Matrix:  # noqa: D102
        y: Matrix = x - self.offset
        y /= self.scale
        return y


@operation
class Stretch:
    """x * factor + offset, by column."""

    factor: Vector
    offset: Vector

    def __call__(self, x: Matrix) -> Matrix:  # noqa: D102
        y: Matrix = x * self.factor
        y += self.offset
        return y


@operation
class Times:
    """All values by one number."""

    factor: float

    def __call__(self, x: Matrix) -> Matrix:  # noqa: D102
        return x * self.factor


@operation
class Clip:
    """Values between two numbers; NaN stays."""

    low: float
    high: float

    def __call__(self, x: Matrix) -> Matrix:  # noqa: D102
        y = np.maximum(x, self.low)
        return np.minimum(y, self.high, out=y)


@operation
class Above:
    """One where a value is above the threshold, otherwise zero."""

    threshold: float

    def __call__(self, x: Matrix) -> Matrix:  # noqa: D102
        return (x > self.threshold).astype(np.float64)


@operation
class Norm:
    """Rows by their norm, `l1`, `l2` or `max`, unless it is next to zero."""

    norm: str

    def __call__(self, x: Matrix) -> Matrix:  # noqa: D102
        norms = self._norms(x)
        norms[norms < 10 * np.finfo(np.float64).eps] = 1.0
        return x / norms[:, None]

    def _norms(self, x: Matrix) -> Vector:
        if self.norm == "l2":
            roots: Vector = np.sqrt(np.einsum("ij,ij->i", x, x))
            return roots
        sizes = np.abs(x)
        norms: Vector = sizes.sum(axis=1) if self.norm == "l1" else sizes.max(axis=1)
        return norms


@operation
class SoftThreshold:
    """Each value moved towards zero by a distance, and not beyond."""

    distance: float

    def __call__(self, x: Matrix) -> Matrix:  # noqa: D102
        shrunk: Matrix = np.sign(x) * np.maximum(np.abs(x) - self.distance, 0)
        return shrunk


@operation
class Function:
    """A function of NumPy's that takes each value by itself, by its name, such as `log1p`."""

    name: str

    def __call__(self, x: Matrix) -> Matrix:  # noqa: D102
        with np.errstate(all="ignore"):
            y: Matrix = elementwise(self.name)(x)
        return y


def elementwise(name: str) -> np.ufunc:
    """Return the function; raises `ValueError` where NumPy has none of that name and kind."""
    function = getattr(np, name, None)
    if not isinstance(function, np.ufunc):
        raise ValueError(f"np.{name} is no function of each value by itself")
    return function
