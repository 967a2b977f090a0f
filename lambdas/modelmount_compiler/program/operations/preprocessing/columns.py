"""Operations on the columns of a matrix as a whole: choosing them, putting them side by side."""

import numpy as np
from numpy.typing import NDArray

from modelmount_compiler.program.operation import Matrix, operation


@operation
class Take:
    """Some of the columns, in the order given."""

    columns: NDArray[np.intp]

    def __call__(self, x: Matrix) -> Matrix:  # noqa: D102
        return x[:, self.columns]  # unlike `take`, in the original's order in memory


@operation
class Slice:
    """The columns from `start` to before `stop`."""

    start: int
    stop: int

    def __call__(self, x: Matrix) -> Matrix:  # noqa: D102
        return x[:, self.start : self.stop]


@operation
class Beside:
    """Columns of several matrices side by side."""

    def __call__(self, *parts: Matrix) -> Matrix:  # noqa: D102
        return np.concatenate(parts, axis=1)
