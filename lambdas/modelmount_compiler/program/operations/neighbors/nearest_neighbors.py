"""Operations of neighbor models: they combine the targets of the nearest fitted points.

A search (`neighbor_search`) returns distances and indices of points. Both have the shape
(n, neighbors), nearest first.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from modelmount_compiler.program.operation import Matrix, Vector, operation
from modelmount_compiler.program.operations.neighbors.neighbor_search import Found, Places


def weights(distances: Matrix) -> Matrix:
    """Return 1 / distance; if some of a row are zero, one for these and zero for the others."""
    with np.errstate(divide="ignore"):
        inverse: Matrix = 1.0 / distances
    infinite = np.isinf(inverse)
    rows = infinite.any(axis=1)
    inverse[rows] = infinite[rows]
    return inverse


@operation
class Votes:
    """Computes shares of the classes among neighbors, shape (n, classes), added nearest first.

    Attributes:
        labels: the class of each point, shape (points,).
        classes: number of classes.
        weighted: whether neighbors are weighted by the inverse distance.
    """

    labels: Places
    classes: int
    weighted: bool

    def __call__(self, found: Found) -> Matrix:
        distances, places = found
        votes = weights(distances) if self.weighted else np.ones(distances.shape)
        labels, rows = self.labels.take(places), np.arange(len(places))
        shares = np.zeros((len(places), self.classes))
        for label, vote in zip(labels.T, votes.T, strict=True):
            shares[rows, label] += vote
        shares /= np.add.reduce(shares, axis=1, keepdims=True)
        return shares


@operation
class Totals:
    """Computes weights of the classes among neighbors, shape (n, classes), added class by class.

    The attributes are those of `Votes`.
    """

    labels: Places
    classes: int

    def __call__(self, found: Found) -> Matrix:
        distances, places = found
        votes, labels = weights(distances), self.labels.take(places)
        columns = [np.sum(np.where(labels == c, votes, 0), 1) for c in range(self.classes)]
        return np.stack(columns, axis=1)


@operation
class Mean:
    """Computes the mean of the neighbors' targets, shape (n, targets).

    Attributes:
        targets: shape (points, targets).
        weighted: whether neighbors are weighted by the inverse distance.
    """

    targets: Matrix
    weighted: bool

    def __call__(self, found: Found) -> Matrix:
        distances, places = found
        near = self.targets.take(places, axis=0)
        if not self.weighted:
            mean: Matrix = np.add.reduce(near, axis=1) / places.shape[1]
            return mean
        votes = weights(distances)
        mean = np.add.reduce(near * votes[:, :, None], axis=1)
        mean /= np.add.reduce(votes, axis=1, keepdims=True)
        return mean


@operation
class Within:
    """Computes the weight of each point, shape (n, points); it is zero outside of a radius.

    Attributes:
        radius: the radius, or its square if the distances are squared.
        squared: whether the input distances are squared.
        weighted: whether points are weighted by the inverse distance.
    """

    radius: float
    squared: bool
    weighted: bool

    def __call__(self, distances: Matrix) -> Matrix:
        inside = distances <= self.radius
        if not self.weighted:
            return inside.astype(np.float64)
        far = np.where(inside, distances, np.inf)
        return weights(np.sqrt(far) if self.squared else far)


@operation
class Ballot:
    """Computes shares of the classes by the points' weights, shape (n, classes), added in order.

    Attributes:
        labels: the class of each point, shape (points,).
        classes: number of classes.
        alone: the class of a row without neighbors; -1 for no class, -2 to refuse such a row.
    """

    labels: Places
    classes: int
    alone: int

    def __call__(self, counts: Matrix) -> Matrix:
        rows, size = np.arange(len(counts))[:, None], len(counts) * self.classes
        places = rows * self.classes + self.labels
        totals = np.bincount(places.ravel(), counts.ravel(), size)
        shares = totals.astype(np.float64, copy=False).reshape(-1, self.classes)
        lonely = ~counts.any(axis=1)
        if lonely.any():
            if self.alone == -2:
                raise ValueError("A row has no neighbor within the radius that the model knows.")
            if self.alone >= 0:
                shares[lonely, self.alone] = 1.0
        totals = np.add.reduce(shares, axis=1, keepdims=True)
        totals[totals == 0] = 1.0
        shares /= totals
        return shares


@operation
class Named:
    """Returns the label with the highest share, or another label if all shares are zero.

    Attributes:
        classes: labels, shape (classes,).
        alone: the other label, shape (1,).
    """

    classes: NDArray[Any]
    alone: NDArray[Any]

    def __call__(self, shares: Matrix) -> NDArray[Any]:
        chosen: NDArray[Any] = self.classes.take(shares.argmax(axis=1))
        lonely = ~shares.any(axis=1)
        if lonely.any():
            chosen[lonely] = self.alone
        return chosen


@operation
class Average:
    """Computes the mean of the targets by the points' weights; NaN if all weights are zero.

    Attributes:
        targets: shape (points, targets).
    """

    targets: Matrix

    def __call__(self, counts: Matrix) -> Matrix:
        with np.errstate(invalid="ignore"):
            mean: Matrix = counts @ self.targets / np.add.reduce(counts, axis=1, keepdims=True)
        return mean


@operation
class Outlyingness:
    """Computes minus the local outlier factor, minus an edge.

    Source: Breunig et al., "LOF", 2000.

    Attributes:
        reach: distance of each point to its own last neighbor, shape (points,).
        densities: local reachability density of each point, shape (points,).
        edge: the score at which outliers begin.
    """

    reach: Vector
    densities: Vector
    edge: float

    def __call__(self, found: Found) -> Vector:
        distances, places = found
        count = places.shape[1]
        reached = np.maximum(distances, self.reach.take(places))
        density = 1.0 / (np.add.reduce(reached, axis=1) / count + 1e-10)
        ratios = self.densities.take(places) / density[:, None]
        margin: Vector = -(np.add.reduce(ratios, axis=1) / count) - self.edge
        return margin
