"""Operations of clustering: distances to centers, and the nearest center."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from modelmount_compiler.program.operation import Matrix, Vector, derived, operation
from modelmount_compiler.program.operations.neighbors.distances import (
    blocked_products,
    expanded_distances,
)


@operation
class Nearest:
    """Returns the index of the nearest point for each row, shape (n,); the first of equals.

    Distances are |x|² - 2 x·p + |p|², as in scikit-learn's neighbor search.

    Attributes:
        points: shape (points, k).
        norms: |p|², shape (points,).
    """

    points: Matrix
    norms: Vector

    def __call__(self, x: Matrix) -> NDArray[np.intp]:
        nearest: NDArray[np.intp] = expanded_distances(x, self.points, self.norms).argmin(axis=1)
        return nearest


@operation
class Cell:
    """Returns the index of the nearest center for each row as k-means does; int32, shape (n,).

    Attributes:
        centers: shape (centers, k).
    """

    centers: Matrix
    _norms: Vector = derived()

    def __post_init__(self) -> None:
        object.__setattr__(self, "_norms", np.einsum("ij,ij->i", self.centers, self.centers))

    def __call__(self, x: Matrix) -> NDArray[np.int32]:
        distances = blocked_products(x, self.centers, len(self.centers))
        distances *= -2
        distances += self._norms
        nearest: NDArray[np.int32] = distances.argmin(axis=1).astype(np.int32)
        return nearest


@operation
class Bisection:
    """Returns the label of the leaf that a row reaches in a tree of bisecting k-means.

    At each node, a row goes to the nearer of two centers.

    Attributes:
        centers: centers of the two children of each inner node, shape (nodes, 2, k).
        children: shape (nodes, 2); a negative number c is the leaf with label -c - 1.
    """

    centers: Matrix
    children: NDArray[np.int64]
    _cells: tuple[Any, ...] = derived()

    def __post_init__(self) -> None:
        """Raise ValueError if a node leads back, which would never end."""
        if ((self.children >= 0) & (self.children <= np.arange(len(self.children))[:, None])).any():
            raise ValueError("the tree is damaged: a node leads back")
        object.__setattr__(self, "_cells", tuple(Cell(pair) for pair in self.centers))

    def __call__(self, x: Matrix) -> NDArray[np.int32]:
        found = np.zeros(len(x), dtype=np.int32)
        waiting = [(0, np.arange(len(x)))] if len(self.children) else []
        while waiting:
            node, rows = waiting.pop()
            sides = self._cells[node](x[rows])
            for side in (0, 1):
                child, chosen = int(self.children[node, side]), rows[sides == side]
                if child < 0:
                    found[chosen] = -child - 1
                elif len(chosen):
                    waiting.append((child, chosen))
        return found


@operation
class Distances:
    """Computes Euclidean distances to points, shape (n, points).

    Attributes:
        points: shape (points, k).
        squared: whether to return squared distances.
    """

    points: Matrix
    squared: bool = False
    _norms: Vector = derived()

    def __post_init__(self) -> None:
        object.__setattr__(self, "_norms", np.einsum("ij,ij->i", self.points, self.points))

    def __call__(self, x: Matrix) -> Matrix:
        distances = x @ self.points.T
        distances *= -2
        distances += np.einsum("ij,ij->i", x, x)[:, None]
        distances += self._norms
        np.maximum(distances, 0, out=distances)
        return distances if self.squared else np.sqrt(distances, out=distances)
