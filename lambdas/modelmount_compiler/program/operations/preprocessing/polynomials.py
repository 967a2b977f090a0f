"""Operations of polynomial features and B-splines."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from modelmount_compiler.program.operation import Matrix, Vector, operation

Indices = NDArray[np.intp]
Order = Literal["C", "F"]


@operation
class Powers:
    """Computes all products of columns up to a degree; each is an earlier product times a column.

    Attributes:
        bias: whether a column of ones comes first.
        earlier: for each degree from 2, the indices of the factors among the products of the
            degree before it.
        columns: for each degree from 2, the columns that these factors are multiplied by.
        lowest: the lowest degree in the output.
        width: number of columns in the output.
        order: order of the output in memory.
    """

    bias: bool
    earlier: tuple[Indices, ...]
    columns: tuple[Indices, ...]
    lowest: int
    width: int
    order: Order

    def __call__(self, x: Matrix) -> Matrix:
        degrees = [x]
        for earlier, columns in zip(self.earlier, self.columns, strict=True):
            degrees.append(degrees[-1].take(earlier, axis=1) * x.take(columns, axis=1))
        ones = [np.ones((len(x), 1))] if self.bias else []
        products = np.empty((len(x), self.width), order=self.order)
        return np.concatenate(ones + degrees[max(self.lowest, 1) - 1 :], axis=1, out=products)


@operation
class Splines:
    """Computes B-spline basis functions of each column, side by side.

    The Cox-de Boor recursion evaluates all columns at once. Source: C. de Boor, "A Practical Guide
    to Splines", chapter X. NaN gives zeros; if the original refuses NaN, an earlier operation does.

    Attributes:
        knots: ascending, shape (k, knots).
        degree: degree of the polynomials.
        outside: the rule beyond the ends. `continue` continues the polynomials, `constant` keeps
            the value of the end, and `linear` follows its tangent. `periodic` repeats the
            functions, of which the last `degree` are the first ones. `error` refuses.
        slopes: derivatives at both ends for `linear`, shape (2, k, functions).
        kept: number of functions of each column in the output.
        order: order of the output in memory.
    """

    knots: Matrix
    degree: int
    outside: str
    slopes: NDArray[np.float64]
    kept: int
    order: Order

    def __call__(self, x: Matrix) -> Matrix:
        absent = np.isnan(x)
        x = np.where(absent, self.knots[:, self.degree], x)
        inside, beyond = self._inside(x)
        basis = self._basis(inside)
        if self.outside == "linear":
            low, high = np.minimum(beyond, 0.0), np.maximum(beyond, 0.0)
            basis += low[..., None] * self.slopes[0] + high[..., None] * self.slopes[1]
        if self.outside == "periodic":
            basis[..., : self.degree] += basis[..., basis.shape[2] - self.degree :]
        basis[absent] = 0.0
        return np.asarray(basis[..., : self.kept].reshape(len(x), -1), order=self.order)

    def _ends(self) -> tuple[Vector, Vector]:
        return self.knots[:, self.degree], self.knots[:, -self.degree - 1]

    def _inside(self, x: Matrix) -> tuple[Matrix, Matrix]:
        """Return the values at which to evaluate, and each value's distance beyond the ends."""
        low, high = self._ends()
        if self.outside == "periodic":
            period = high - low
            return low + (x - low) % np.where(period > 0, period, 1.0), np.zeros_like(x)
        if self.outside == "continue":
            return x, np.zeros_like(x)
        inside = np.minimum(np.maximum(x, low), high)
        beyond = x - inside
        if self.outside == "error" and beyond.any():
            raise ValueError("a value is beyond the limits of the knots")
        return inside, beyond

    def _basis(self, x: Matrix) -> NDArray[np.float64]:
        """Return all functions, shape (n, k, functions); most of them are zero."""
        k, functions = self.degree, self.knots.shape[1] - self.degree - 1
        below = [t.searchsorted(v, side="right") - 1 for t, v in zip(self.knots, x.T, strict=True)]
        interval = np.minimum(np.maximum(np.transpose(below), k), functions - 1)
        basis = np.zeros((*x.shape, functions))
        places = interval[..., None] + np.arange(-k, 1)
        values = self._recursion(x, interval)
        np.put_along_axis(basis, places, values, axis=2)
        # SciPy adds 0 times the other values, which gives NaN if one of them isn't finite.
        basis[~np.isfinite(values).all(axis=2)] = np.nan
        return basis

    def _recursion(self, x: Matrix, interval: NDArray[np.intp]) -> NDArray[np.float64]:
        columns = np.arange(x.shape[1])
        h = np.zeros((*x.shape, self.degree + 1))
        h[..., 0] = 1.0
        for j in range(1, self.degree + 1):
            before = h[..., :j].copy()
            h[..., 0] = 0.0
            for n in range(1, j + 1):
                right = self.knots[columns, interval + n]
                left = self.knots[columns, interval + n - j]
                width = right - left
                w = np.where(width == 0, 0.0, before[..., n - 1] / np.where(width == 0, 1.0, width))
                h[..., n - 1] += w * (right - x)
                h[..., n] = w * (x - left)
        return h
