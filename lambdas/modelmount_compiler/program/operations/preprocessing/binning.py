"""Numbers into bins."""

import numpy as np

from modelmount_compiler.program.operation import Matrix, Vector, operation


@operation
class Bins:
    """The number of the bin that each value lies in, by column, counted from `first`.

    Attributes:
        edges: of each column, ascending, what separates its bins; a value on an edge is above it.
        first: of each column, what its bin numbers begin with.
    """

    edges: tuple[Vector, ...]
    first: Vector

    def __call__(self, x: Matrix) -> Matrix:  # noqa: D102
        y = np.empty_like(x)
        for column, edges in enumerate(self.edges):
            y[:, column] = edges.searchsorted(x[:, column], side="right")
        y += self.first
        return y


@operation
class Mark:
    """Ones in the columns that a matrix of whole numbers names, row by row, otherwise zeros."""

    width: int

    def __call__(self, places: Matrix) -> Matrix:  # noqa: D102
        x = np.zeros((len(places), self.width))
        flat = places + np.arange(0, x.size, self.width)[:, None]
        x.reshape(-1)[flat.astype(np.intp)] = 1.0
        return x
