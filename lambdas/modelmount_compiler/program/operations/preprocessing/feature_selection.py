"""A choice of columns."""

import numpy as np
from numpy.typing import NDArray

from modelmount_compiler.program.operation import Matrix, operation


@operation
class Choice:
    """Some of the columns of a matrix, in the order given."""

    columns: NDArray[np.intp]

    def __call__(self, x: Matrix) -> Matrix:  # noqa: D102
        return x[:, self.columns]  # not `take`: what follows may round by the order in memory
