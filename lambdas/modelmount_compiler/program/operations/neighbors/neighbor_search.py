"""The nearest of fitted points, with equal distances told apart as scikit-learn's search does."""

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from modelmount_compiler.program.operation import Matrix, Vector, derived, operation
from modelmount_compiler.program.operations.neighbors.distances import expanded, sums
from modelmount_compiler.program.operations.special_functions import in_order

Places = NDArray[np.intp]
Found = tuple[Matrix, Places]


@operation
class Apart:
    """Distances to all points, shape (n, points); those called euclidean are squared.

    Attributes:
        points: shape (points, k); transposed unless `expanded`.
        metric: `euclidean`, `manhattan` or `chebyshev`.
        expanded: whether to take |x|² - 2 x·p + |p|², as the search without a tree does.
    """

    points: Matrix
    metric: str
    expanded: bool
    _norms: Vector = derived()

    def __post_init__(self) -> None:
        norms = np.vecdot(self.points, self.points) if self.expanded else np.empty(0)
        object.__setattr__(self, "_norms", norms)

    def __call__(self, x: Matrix) -> Matrix:  # noqa: D102
        if self.expanded:
            return expanded(x, self.points, self._norms)
        return sums(x, self.points, self.metric)


@operation
class Closest:
    """The points with the smallest distances: distances and places, both of shape (n, count).

    Takes distances to all points, and the rows. They come nearest first.

    Attributes:
        count: how many.
        metric: of the distances, see `Apart`.
        tree: None, or the k-d tree that the original searches, which decides between points at
            the same distance: `places` of the points in the order of the leaves, where each node
            `starts` and `stops` in them, and its box, `lower` and `upper`, shape (nodes, k).
    """

    count: int
    metric: str
    tree: dict[str, NDArray[Any]] | None

    def __call__(self, distances: Matrix, x: Matrix) -> Found:  # noqa: D102
        near, places = _smallest(distances, self.count)
        within = np.add.reduce(distances <= near[:, -1:], axis=1)
        for row in (within > self.count).nonzero()[0]:
            order = range(distances.shape[1]) if self.tree is None else self._visited(x[row])
            near[row], places[row] = _pushed(distances[row].tolist(), order, self.count)
        return np.sqrt(near) if self.metric == "euclidean" else near, places

    def _visited(self, row: Vector) -> list[int]:
        """List the points as the search comes to them: leaf by leaf, nearer ones first.

        The search leaves out what is too far away; that changes nothing in what is found.
        """
        tree, bounds, order = self.tree or {}, self._bounds(row), []
        waiting = [0]
        while waiting:
            node = waiting.pop()
            first, second = 2 * node + 1, 2 * node + 2
            if first >= len(bounds):
                order += tree["places"][tree["starts"][node] : tree["stops"][node]].tolist()
            elif bounds[first] <= bounds[second]:
                waiting += [second, first]
            else:
                waiting += [first, second]
        return order

    def _bounds(self, row: Vector) -> list[float]:
        """Return how near each node's box comes."""
        tree = self.tree or {}
        gaps = np.maximum(tree["lower"] - row, 0) + np.maximum(row - tree["upper"], 0)
        if self.metric == "chebyshev":
            farthest: list[float] = np.maximum.reduce(gaps, axis=1).tolist()
            return farthest
        nearest: list[float] = in_order(
            gaps if self.metric == "manhattan" else gaps * gaps
        ).tolist()
        return nearest


def _smallest(distances: Matrix, count: int) -> Found:
    """Return the smallest distances of each row and their places, in order."""
    if count < distances.shape[1]:
        places = np.argpartition(distances, count - 1, axis=1)[:, :count]
    else:
        places = np.tile(np.arange(count), (len(distances), 1))
    near = np.take_along_axis(distances, places, axis=1)
    order = near.argsort(axis=1)
    return np.take_along_axis(near, order, axis=1), np.take_along_axis(places, order, axis=1)


def _pushed(distances: list[float], order: Iterable[int], count: int) -> tuple[Vector, Places]:
    """Push points on a heap of the nearest ones, whose first is the farthest of them.

    Of equals the heap keeps those that came first, unless a nearer one comes later: then its
    first goes, whichever of the equals that is.
    """
    near, places = [np.inf] * count, [0] * count
    for place in order:
        distance = distances[place]
        if distance >= near[0]:
            continue
        hole = 0
        while (child := 2 * hole + 1) < count:
            if child + 1 < count and near[child + 1] > near[child]:
                child += 1
            if near[child] <= distance:
                break
            near[hole], places[hole] = near[child], places[child]
            hole = child
        near[hole], places[hole] = distance, place
    ranks = sorted(range(count), key=near.__getitem__)
    return np.array([near[r] for r in ranks]), np.array([places[r] for r in ranks], dtype=np.intp)
