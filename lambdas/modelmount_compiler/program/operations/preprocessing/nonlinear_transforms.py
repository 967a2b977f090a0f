"""Transforms of each column that make it more like a normal or an even distribution."""

import numpy as np

from modelmount_compiler.program.operation import Matrix, Vector, derived, operation


@operation
class YeoJohnson:
    """Yeo-Johnson power transform, by column.

    Source: I.-K. Yeo and R. Johnson, "A new family of power transformations", Biometrika 87 (2000),
    in the form with expm1 and log1p that SciPy's `yeojohnson` has.
    """

    powers: Vector
    _signed: tuple[Vector, Vector] = derived()

    def __post_init__(self) -> None:
        """Note the powers of both sides."""
        object.__setattr__(self, "_signed", (self.powers, 2 - self.powers))

    def __call__(self, x: Matrix) -> Matrix:  # noqa: D102
        positive = x >= 0
        powers = np.where(positive, *self._signed)
        flat = np.abs(powers) < np.finfo(np.float64).eps
        with np.errstate(all="ignore"):
            logs = np.log1p(np.abs(x))
            y = np.where(flat, logs, np.expm1(powers * logs) / np.where(flat, 1.0, powers))
        return np.where(positive, y, -y)


@operation
class BoxCox:
    """Box-Cox power transform, by column, of values above zero.

    Source: SciPy's `special.boxcox`.
    """

    powers: Vector

    def __call__(self, x: Matrix) -> Matrix:  # noqa: D102
        if (x <= 0).any():
            raise ValueError("this model takes values above zero alone")
        flat = np.abs(self.powers) < 1e-19
        powers = np.where(flat, 1.0, self.powers)
        with np.errstate(all="ignore"):
            logs = np.log(x)
            return np.where(flat, logs, np.expm1(powers * logs) / powers)


@operation
class Quantiles:
    """The share of the training values that lie below each value, by column.

    Attributes:
        quantiles: shape (k, references), ascending.
        references: the shares that they stand for.
        margin: how near to the first or last quantile a value counts as beyond it; 0: not at all.
    """

    quantiles: Matrix
    references: Vector
    margin: float
    _mirrored: tuple[Matrix, Vector] = derived()

    def __post_init__(self) -> None:
        """Turn both around, for interpolation from above."""
        mirrored = (-self.quantiles[:, ::-1], -self.references[::-1])
        object.__setattr__(self, "_mirrored", mirrored)

    def __call__(self, x: Matrix) -> Matrix:  # noqa: D102
        shares = np.empty_like(x)
        for column, (below, above) in enumerate(
            zip(self.quantiles, self._mirrored[0], strict=True)
        ):
            values = x[:, column]
            up = np.interp(values, below, self.references)
            shares[:, column] = 0.5 * (up - np.interp(-values, above, self._mirrored[1]))
        low, high = self.quantiles[:, 0], self.quantiles[:, -1]
        shares[x + self.margin > high if self.margin else x == high] = 1.0
        shares[x - self.margin < low if self.margin else x == low] = 0.0
        return shares
