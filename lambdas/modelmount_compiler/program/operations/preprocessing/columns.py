"""Operations that select and concatenate columns of matrices."""

import numpy as np
from numpy.typing import NDArray

from modelmount_compiler.program.operation import Matrix, operation


@operation
class Take:
    """Selects columns in the given order."""

    columns: NDArray[np.intp]

    def __call__(self, x: Matrix) -> Matrix:
        return x[:, self.columns]  # `take` would change the order in memory


@operation
class Slice:
    """Selects the columns from `start` to before `stop`."""

    start: int
    stop: int

    def __call__(self, x: Matrix) -> Matrix:
        return x[:, self.start : self.stop]


@operation
class Beside:
    """Concatenates the columns of several matrices."""

    def __call__(self, *matrices: Matrix) -> Matrix:
        return np.concatenate(matrices, axis=1)


@operation
class ByColumn:
    """Lays a matrix out column by column in memory, by which products round."""

    def __call__(self, x: Matrix) -> Matrix:
        return np.asfortranarray(x)
