"""Operations that check and scale each column, or each value, by itself."""

import math

import numpy as np

from modelmount_compiler.program.operation import Matrix, Vector, operation

FEW_VALUES = 4096


@operation
class Finite:
    """Refuses infinity and NaN as the original's input check does, and converts to float64.

    Attributes:
        allows_missing: whether NaN is allowed.
    """

    allows_missing: bool

    def __call__(self, x: Matrix) -> Matrix:
        if x.dtype != np.float64:
            return x.astype(np.float64)  # booleans and integers are finite
        # A finite total takes one pass. An infinite one can be an overflow, so the checks below
        # decide. For few values, a product is faster than a sum.
        if math.isfinite(np.vdot(x, x) if x.size < FEW_VALUES else np.add.reduce(x, axis=None)):
            return x
        if np.isinf(x).any():
            raise ValueError("Input X contains infinity; send finite numbers.")
        if not self.allows_missing and np.isnan(x).any():
            raise ValueError("Input X contains NaN; send a number for each missing value.")
        return x


@operation
class Shift:
    """Computes x - offset, by column."""

    offset: Vector

    def __call__(self, x: Matrix) -> Matrix:
        return x - self.offset


@operation
class Divide:
    """Computes x / scale, by column."""

    scale: Vector

    def __call__(self, x: Matrix) -> Matrix:
        return x / self.scale


@operation
class Standardize:
    """Computes (x - offset) / scale, by column."""

    offset: Vector
    scale: Vector

    def __call__(self, x: Matrix) -> Matrix:
        y: Matrix = x - self.offset
        y /= self.scale
        return y


@operation
class Stretch:
    """Computes x * factor + offset, by column."""

    factor: Vector
    offset: Vector

    def __call__(self, x: Matrix) -> Matrix:
        y: Matrix = x * self.factor
        y += self.offset
        return y


@operation
class Times:
    """Multiplies all values by one number."""

    factor: float

    def __call__(self, x: Matrix) -> Matrix:
        return x * self.factor


@operation
class Clip:
    """Clips values between two numbers; NaN stays."""

    low: float
    high: float

    def __call__(self, x: Matrix) -> Matrix:
        y = np.maximum(x, self.low)
        return np.minimum(y, self.high, out=y)


@operation
class Above:
    """Returns one if a value is above the threshold, otherwise zero."""

    threshold: float

    def __call__(self, x: Matrix) -> Matrix:
        return (x > self.threshold).astype(np.float64)


@operation
class Norm:
    """Divides rows by their norm, `l1`, `l2` or `max`, unless it is almost zero."""

    norm: str

    def __call__(self, x: Matrix) -> Matrix:
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
    """Moves each value towards zero by a distance, and not beyond."""

    distance: float

    def __call__(self, x: Matrix) -> Matrix:
        shrunk: Matrix = np.sign(x) * np.maximum(np.abs(x) - self.distance, 0)
        return shrunk


@operation
class Function:
    """Applies a NumPy function such as `log1p` to each value.

    Attributes:
        name: name of the function in NumPy.
    """

    name: str

    def __call__(self, x: Matrix) -> Matrix:
        with np.errstate(all="ignore"):
            y: Matrix = elementwise(self.name)(x)
        return y


def elementwise(name: str) -> np.ufunc:
    """Return a NumPy function of single values; raises `ValueError` if there is none."""
    function = getattr(np, name, None)
    if not isinstance(function, np.ufunc):
        raise ValueError(f"np.{name} is no function of each value by itself")
    return function
