"""The nearest fitted points of each row, and what they say.

A search (`search`) gives distances and places of points, each of shape
(n, neighbors), nearest first.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from modelmount_compiler.program.operation import Matrix, Vector, operation
from modelmount_compiler.program.operations.neighbors.neighbor_search import Found, Places


def weights(distances: Matrix) -> Matrix:
    """Return 1 / distance; where some are zero, one for these and zero for the others."""
    with np.errstate(divide="ignore"):
        inverse: Matrix = 1.0 / distances
    infinite = np.isinf(inverse)
    rows = infinite.any(axis=1)
    inverse[rows] = infinite[rows]
    return inverse


@operation
class Votes:
    """Shares of the classes among neighbors, shape (n, classes), added nearest first.

    Attributes:
        labels: the class of each point, shape (points,).
        classes: how many there are.
        weighted: whether near ones count more.
    """

    labels: Places
    classes: int
    weighted: bool

    def __call__(self, found: Found) -> Matrix:  # noqa: D102
        distances, places = found
        voices = weights(distances) if self.weighted else np.ones(distances.shape)
        labels, rows = self.labels.take(places), np.arange(len(places))
        shares = np.zeros((len(places), self.classes))
        for label, voice in zip(labels.T, voices.T, strict=True):
            shares[rows, label] += voice
        shares /= np.add.reduce(shares, axis=1, keepdims=True)
        return shares


@operation
class Totals:
    """Weights of the classes among neighbors, shape (n, classes), added class by class.

    Attributes: as of `Votes`.
    """

    labels: Places
    classes: int

    def __call__(self, found: Found) -> Matrix:  # noqa: D102
        distances, places = found
        voices, labels = weights(distances), self.labels.take(places)
        columns = [np.sum(np.where(labels == c, voices, 0), 1) for c in range(self.classes)]
        return np.stack(columns, axis=1)


@operation
class Mean:
    """The mean of the neighbors' targets, shape (n, targets).

    Attributes:
        targets: shape (points, targets).
        weighted: whether near ones count more.
    """

    targets: Matrix
    weighted: bool

    def __call__(self, found: Found) -> Matrix:  # noqa: D102
        distances, places = found
        near = self.targets.take(places, axis=0)
        if not self.weighted:
            mean: Matrix = np.add.reduce(near, axis=1) / places.shape[1]
            return mean
        voices = weights(distances)
        mean = np.add.reduce(near * voices[:, :, None], axis=1)
        mean /= np.add.reduce(voices, axis=1, keepdims=True)
        return mean


@operation
class Within:
    """How much each point counts, shape (n, points): zero outside of a radius.

    Attributes:
        radius: squared, where the distances are.
        squared: whether the distances that come in are squared.
        weighted: whether near ones count more.
    """

    radius: float
    squared: bool
    weighted: bool

    def __call__(self, distances: Matrix) -> Matrix:  # noqa: D102
        inside = distances <= self.radius
        if not self.weighted:
            return inside.astype(np.float64)
        far = np.where(inside, distances, np.inf)
        return weights(np.sqrt(far) if self.squared else far)


@operation
class Ballot:
    """Shares of the classes among the points that count, shape (n, classes), added in order.

    Attributes:
        labels: the class of each point, shape (points,).
        classes: how many there are.
        alone: the class of a row with no neighbor; -1: none, -2: such a row is refused.
    """

    labels: Places
    classes: int
    alone: int

    def __call__(self, counts: Matrix) -> Matrix:  # noqa: D102
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
    """The label with the highest share; another where all are zero.

    Attributes:
        classes: labels, shape (classes,).
        alone: shape (1,).
    """

    classes: NDArray[Any]
    alone: NDArray[Any]

    def __call__(self, shares: Matrix) -> NDArray[Any]:  # noqa: D102
        chosen: NDArray[Any] = self.classes.take(shares.argmax(axis=1))
        lonely = ~shares.any(axis=1)
        if lonely.any():
            chosen[lonely] = self.alone
        return chosen


@operation
class Average:
    """The mean of the targets of the points that count, NaN where none does.

    Attributes:
        targets: shape (points, targets).
    """

    targets: Matrix

    def __call__(self, counts: Matrix) -> Matrix:  # noqa: D102
        with np.errstate(invalid="ignore"):
            mean: Matrix = counts @ self.targets / np.add.reduce(counts, axis=1, keepdims=True)
        return mean


@operation
class Outlyingness:
    """How much denser a row's surroundings are than those of its neighbors, less an edge.

    The local outlier factor of Breunig et al., "LOF", 2000, with the other sign.

    Attributes:
        reach: each point's distance to its own last neighbor, shape (points,).
        densities: shape (points,).
        edge: the score from which on rows are outliers.
    """

    reach: Vector
    densities: Vector
    edge: float

    def __call__(self, found: Found) -> Vector:  # noqa: D102
        distances, places = found
        count = places.shape[1]
        reached = np.maximum(distances, self.reach.take(places))
        density = 1.0 / (np.add.reduce(reached, axis=1) / count + 1e-10)
        ratios = self.densities.take(places) / density[:, None]
        margin: Vector = -(np.add.reduce(ratios, axis=1) / count) - self.edge
        return margin
