"""Operations on each column by itself."""

import numpy as np

from serving.program.operation import Matrix, Vector, operation


@operation
class Finite:
    """Refuses a matrix that the original's own input check refuses.

    Attributes:
        allows_missing: whether NaN is taken.
    """

    allows_missing: bool

    def __call__(self, x: Matrix) -> Matrix:  # noqa: D102
        if np.isfinite(x.sum()):  # one pass; a sum that overflows is looked at below
            return x
        if np.isinf(x).any():
            raise ValueError("Input X contains infinity.")
        if not self.allows_missing and np.isnan(x).any():
            raise ValueError("Input X contains NaN.")
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
