"""Operations that put numbers into bins."""

import numpy as np

from modelmount_compiler.program.operation import Matrix, Vector, operation


@operation
class Bins:
    """Returns the number of each value's bin, counted from `first`.

    Attributes:
        edges: ascending edges between the bins of each column; a value on an edge is above it.
        first: number of the first bin of each column.
    """

    edges: tuple[Vector, ...]
    first: Vector

    def __call__(self, x: Matrix) -> Matrix:
        y = np.empty_like(x)
        for column, edges in enumerate(self.edges):
            y[:, column] = edges.searchsorted(x[:, column], side="right")
        y += self.first
        return y


@operation
class Mark:
    """Returns ones in the columns that each row lists by number, otherwise zeros."""

    width: int

    def __call__(self, places: Matrix) -> Matrix:
        x = np.zeros((len(places), self.width))
        flat = places + np.arange(0, x.size, self.width)[:, None]
        x.reshape(-1)[flat.astype(np.intp)] = 1.0
        return x
