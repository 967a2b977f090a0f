"""Operations that search the nearest fitted points, and break ties as scikit-learn does."""

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from modelmount_compiler.program.operation import Matrix, Vector, derived, operation
from modelmount_compiler.program.operations.dot_products import vecdot
from modelmount_compiler.program.operations.neighbors.distances import (
    expanded_distances,
    pairwise_distances,
)
from modelmount_compiler.program.operations.special_functions import sequential_sum

Places = NDArray[np.intp]
Found = tuple[Matrix, Places]

FARTHEST = float(np.finfo(np.float64).max)


@operation
class Apart:
    """Computes distances to all points, shape (n, points); Euclidean ones are squared.

    Attributes:
        points: shape (points, k); transposed unless `expanded`.
        metric: `euclidean`, `manhattan` or `chebyshev`.
        expanded: whether to compute |x|² - 2 x·p + |p|², as the search without a tree does.
    """

    points: Matrix
    metric: str
    expanded: bool
    _norms: Vector = derived()

    def __post_init__(self) -> None:
        norms = vecdot(self.points, self.points) if self.expanded else np.empty(0)
        object.__setattr__(self, "_norms", norms)

    def __call__(self, x: Matrix) -> Matrix:
        if self.expanded:
            return expanded_distances(x, self.points, self._norms)
        return pairwise_distances(x, self.points, self.metric)


@operation
class Closest:
    """Returns distances and indices of the nearest points, both of shape (n, count).

    The inputs are distances to all points, and the rows. The nearest point comes first.

    Attributes:
        count: number of points to return.
        metric: the metric of the distances, see `Apart`.
        tree: the k-d tree that the original searches, or None. Its order decides between points
            at the same distance. `places` are the points in the order of the leaves. `starts` and
            `stops` are the range of each node in them. `lower` and `upper` are the corners of the
            nodes' boxes, shape (nodes, k).
    """

    count: int
    metric: str
    tree: dict[str, NDArray[Any]] | None

    def __call__(self, distances: Matrix, x: Matrix) -> Found:
        near, places = _smallest(distances, self.count)
        within = np.add.reduce(distances <= near[:, -1:], axis=1)
        for row in (within > self.count).nonzero()[0]:
            order = range(distances.shape[1]) if self.tree is None else self._visited(x[row])
            near[row], places[row] = _pushed(distances[row].tolist(), order, self.count)
        return np.sqrt(near) if self.metric == "euclidean" else near, places

    def _visited(self, row: Vector) -> list[int]:
        """List the points in the order of the search: leaf by leaf, nearer leaves first.

        The search skips leaves that are too far away; this doesn't change its result.
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
        """Return the distance from a row to each node's box."""
        tree = self.tree or {}
        gaps = np.maximum(tree["lower"] - row, 0) + np.maximum(row - tree["upper"], 0)
        if self.metric == "chebyshev":
            farthest: list[float] = np.maximum.reduce(gaps, axis=1).tolist()
            return farthest
        nearest: list[float] = sequential_sum(
            gaps if self.metric == "manhattan" else gaps * gaps
        ).tolist()
        return nearest


@operation
class ClosestExpanded:
    """Returns distances and indices as `Closest` does, of a search without a tree.

    The input is squared distances. Those that overflow are none to the original: it then returns
    the first point, at the largest distance that there is.

    Attributes:
        count: number of points to return.
    """

    count: int

    def __call__(self, distances: Matrix) -> Found:
        near, places = _smallest(distances, self.count)
        within = np.add.reduce(distances <= near[:, -1:], axis=1)
        odd = (within > self.count) | ~(near < FARTHEST).all(axis=1) | np.isnan(distances).any(1)
        for row in odd.nonzero()[0]:
            order = range(distances.shape[1])
            near[row], places[row] = _pushed(distances[row].tolist(), order, self.count, FARTHEST)
        return np.sqrt(near), places


@operation
class Reached:
    """Passes on what a search found; refuses a row from which all points are infinitely far."""

    def __call__(self, found: Found) -> Found:
        if np.isinf(found[0]).all(axis=1).any():
            raise ValueError("A row is so far away from all others that none has any weight.")
        return found


def _smallest(distances: Matrix, count: int) -> Found:
    """Return the smallest distances of each row and their indices, in order."""
    if count < distances.shape[1]:
        places = np.argpartition(distances, count - 1, axis=1)[:, :count]
    else:
        places = np.tile(np.arange(count), (len(distances), 1))
    near = np.take_along_axis(distances, places, axis=1)
    order = near.argsort(axis=1)
    return np.take_along_axis(near, order, axis=1), np.take_along_axis(places, order, axis=1)


def _pushed(
    distances: list[float], order: Iterable[int], count: int, farthest: float = np.inf
) -> tuple[Vector, Places]:
    """Push points on a heap of the nearest ones; its first is the farthest of them.

    Of equal points, the heap keeps those that came first. If a nearer one comes later, the first
    of the heap goes, whichever of the equal points that is.
    """
    near, places = [farthest] * count, [0] * count
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
