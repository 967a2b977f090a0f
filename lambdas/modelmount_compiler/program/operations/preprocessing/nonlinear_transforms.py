"""Operations of power and quantile transforms, which map columns to other distributions."""

import numpy as np

from modelmount_compiler.program.operation import Matrix, Vector, derived, operation


@operation
class YeoJohnson:
    """Computes the Yeo-Johnson power transform, by column.

    Source: I.-K. Yeo and R. Johnson, "A new family of power transformations", Biometrika 87 (2000).
    SciPy's `yeojohnson` has the same form, with expm1 and log1p.
    """

    powers: Vector
    _signed: tuple[Vector, Vector] = derived()

    def __post_init__(self) -> None:
        """Compute the powers for positive and for negative values."""
        object.__setattr__(self, "_signed", (self.powers, 2 - self.powers))

    def __call__(self, x: Matrix) -> Matrix:
        positive = x >= 0
        powers = np.where(positive, *self._signed)
        flat = np.abs(powers) < np.finfo(np.float64).eps
        with np.errstate(all="ignore"):
            logs = np.log1p(np.abs(x))
            y = np.where(flat, logs, np.expm1(powers * logs) / np.where(flat, 1.0, powers))
        return np.where(positive, y, -y)


@operation
class BoxCox:
    """Computes the Box-Cox power transform, by column; refuses values up to zero.

    Source: SciPy's `special.boxcox`.
    """

    powers: Vector

    def __call__(self, x: Matrix) -> Matrix:
        if (x <= 0).any():
            raise ValueError("this model takes values above zero alone")
        flat = np.abs(self.powers) < 1e-19
        powers = np.where(flat, 1.0, self.powers)
        with np.errstate(all="ignore"):
            logs = np.log(x)
            return np.where(flat, logs, np.expm1(powers * logs) / powers)


@operation
class Quantiles:
    """Computes the share of training values below each value, by column.

    Attributes:
        quantiles: ascending quantiles of each column, shape (k, references).
        references: the shares of these quantiles, shape (references,).
        margin: a value this close to the first or last quantile counts as beyond it; can be 0.
    """

    quantiles: Matrix
    references: Vector
    margin: float
    _mirrored: tuple[Matrix, Vector] = derived()

    def __post_init__(self) -> None:
        """Mirror both arrays, for interpolation from above."""
        mirrored = (-self.quantiles[:, ::-1], -self.references[::-1])
        object.__setattr__(self, "_mirrored", mirrored)

    def __call__(self, x: Matrix) -> Matrix:
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
