"""The operation of feature selection."""

import numpy as np
from numpy.typing import NDArray

from modelmount_compiler.program.operation import Matrix, operation


@operation
class Choice:
    """Selects columns of a matrix in the given order."""

    columns: NDArray[np.intp]

    def __call__(self, x: Matrix) -> Matrix:
        # `take` would change the order in memory, by which later operations round.
        return x[:, self.columns]
