"""Operations of inverse link functions in float64 that only the boosting libraries have."""

import numpy as np

from modelmount_compiler.program.operation import Matrix, operation
from modelmount_compiler.program.operations.special_functions import expit


@operation
class Sigmoids:
    """Computes 1 / (1 + exp(-x)) of each margin."""

    def __call__(self, x: Matrix) -> Matrix:
        return expit(x)


@operation
class Softplus:
    """Computes log(1 + exp(x))."""

    def __call__(self, x: Matrix) -> Matrix:
        with np.errstate(over="ignore"):
            found: Matrix = np.log1p(np.exp(x))
        return found


@operation
class SignedSquare:
    """Computes the square with the sign of x."""

    def __call__(self, x: Matrix) -> Matrix:
        return np.sign(x) * x * x
