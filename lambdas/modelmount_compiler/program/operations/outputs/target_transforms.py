"""Operations of the inverse transform of a target; values have the shape (n, targets)."""

import numpy as np

from modelmount_compiler.program.operation import Matrix, Vector, operation

FUNCTIONS: dict[str, np.ufunc] = {
    function.__name__: function
    for function in (
        np.arcsinh, np.cbrt, np.exp, np.exp2, np.expm1, np.log, np.log1p, np.log2, np.log10,
        np.negative, np.reciprocal, np.sinh, np.sqrt, np.square,
    )
}  # fmt: skip


@operation
class AsColumns:
    """Returns values of shape (n,) as a column."""

    def __call__(self, x: Matrix | Vector) -> Matrix:
        return x[:, None] if x.ndim == 1 else x


@operation
class Squeeze:
    """Returns a single column as an answer of shape (n,)."""

    def __call__(self, x: Matrix) -> Matrix | Vector:
        return x[:, 0] if x.shape[1] == 1 else x


@operation
class Bounded:
    """Refuses NaN and infinity, as a `FunctionTransformer` with `validate` does."""

    def __call__(self, x: Matrix) -> Matrix:
        if not np.isfinite(x).all():
            raise ValueError("The prediction, before it is turned back, is NaN or infinite.")
        return x


@operation
class Function:
    """Applies a NumPy function to each value.

    Attributes:
        name: one of `FUNCTIONS`.
    """

    name: str

    def __call__(self, x: Matrix) -> Matrix:
        with np.errstate(all="ignore"):  # infinity is an answer
            value: Matrix = FUNCTIONS[self.name](x)
        return value


@operation
class Multiply:
    """Computes x · factor, by column."""

    factor: Vector

    def __call__(self, x: Matrix) -> Matrix:
        return x * self.factor


@operation
class Add:
    """Computes x + offset, by column."""

    offset: Vector

    def __call__(self, x: Matrix) -> Matrix:
        return x + self.offset


@operation
class Ratio:
    """Computes x / scale, by column."""

    scale: Vector

    def __call__(self, x: Matrix) -> Matrix:
        return x / self.scale
