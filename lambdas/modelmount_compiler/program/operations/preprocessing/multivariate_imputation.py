"""Operations of multivariate imputation: k-nearest and iterative imputation."""

import numpy as np
from numpy.typing import NDArray

from modelmount_compiler.program.operation import Matrix, Vector, operation
from modelmount_compiler.program.operations.preprocessing.imputation import missing

Mask = NDArray[np.bool_]


@operation
class Donors:
    """Replaces each missing value by the mean of the nearest training rows' values.

    Distances are Euclidean over the columns that both rows have, scaled up to all columns. They
    are computed as by scikit-learn's `nan_euclidean_distances`, and NumPy's `argpartition` breaks
    ties.

    Attributes:
        marker: NaN, or a number that stands for a missing value.
        rows: training data, shape (m, k), with zeros in place of missing values.
        lacks: whether a value of the training data is missing, shape (m, k).
        means: means of the columns, shape (k,), for rows that have no distance to any other.
        neighbours: number of rows to average.
        weighted: whether rows are weighted by the inverse distance.
    """

    marker: float
    rows: Matrix
    lacks: Mask
    means: Vector
    neighbours: int
    weighted: bool

    def __call__(self, x: Matrix) -> Matrix:
        absent = missing(x, self.marker)
        incomplete = np.flatnonzero(absent.any(axis=1))
        if not incomplete.size:
            return x
        filled = x.copy(order="K")
        gaps = absent[incomplete]
        distances = self._distances(np.where(gaps, 0.0, x[incomplete]), gaps)
        for column in np.flatnonzero(gaps.any(axis=0)).tolist():
            receivers = gaps[:, column].nonzero()[0]
            filled[incomplete[receivers], column] = self._values(distances[receivers], column)
        return filled

    def _distances(self, x: Matrix, gaps: Mask) -> Matrix:
        rows, lacks = self.rows, self.lacks
        distances = -2 * (x @ rows.T)
        distances += np.einsum("ij,ij->i", x, x)[:, None]
        distances += np.einsum("ij,ij->i", rows, rows)
        np.maximum(distances, 0, out=distances)
        distances -= (x * x) @ lacks.T
        distances -= gaps @ (rows * rows).T
        np.maximum(distances, 0, out=distances)
        shared = (1 - gaps) @ ~lacks.T
        distances[shared == 0] = np.nan
        distances /= np.maximum(1, shared)
        distances *= x.shape[1]
        return np.sqrt(distances)

    def _values(self, distances: Matrix, column: int) -> Vector:
        donors = (~self.lacks[:, column]).nonzero()[0]
        values = np.full(len(distances), self.means[column])
        distances = distances[:, donors]
        reached = ~np.isnan(distances).all(axis=1)
        if donors.size and reached.any():
            values[reached] = self._average(distances[reached], self.rows[donors, column])
        return values

    def _average(self, distances: Matrix, offered: Vector) -> Vector:
        count = min(self.neighbours, len(offered))
        nearest = np.argpartition(distances, count - 1, axis=1)[:, :count]
        near = np.take_along_axis(distances, nearest, axis=1)
        weights = self._weights(near) if self.weighted else np.ones_like(near)
        weights[np.isnan(near)] = 0.0
        average: Vector = (offered[nearest] * weights).sum(axis=1) / weights.sum(axis=1)
        return average

    def _weights(self, near: Matrix) -> Matrix:
        with np.errstate(divide="ignore"):
            weights: Matrix = 1.0 / near
        same = np.isinf(weights)
        exact = same.any(axis=1)
        weights[exact] = same[exact]
        return weights


@operation
class Rounds:
    """Replaces missing values by predictions of linear models, in several rounds.

    The inputs are a matrix and a copy with first guesses, both of shape (n, k). Each step predicts
    one column from the others.

    Attributes:
        marker: NaN, or a number that stands for a missing value.
        columns: the column that each step fills, shape (steps,).
        weights: weights of each step, zero for unused columns, shape (steps, k).
        biases: intercept of each step, shape (steps,).
        lows: the least allowed value of each column, shape (k,).
        highs: the greatest allowed value of each column, shape (k,).
    """

    marker: float
    columns: NDArray[np.intp]
    weights: Matrix
    biases: Vector
    lows: Vector
    highs: Vector

    def __call__(self, x: Matrix, guesses: Matrix) -> Matrix:
        absent = missing(x, self.marker)
        filled = np.array(guesses, order="F")
        if not absent.any() or absent.all():
            return filled
        lacking = {column: absent[:, column].nonzero()[0] for column in range(x.shape[1])}
        for step, column in enumerate(self.columns.tolist()):
            if lacking[column].size:
                values = filled[lacking[column]] @ self.weights[step] + self.biases[step]
                bounded = np.maximum(values, self.lows[column])
                filled[lacking[column], column] = np.minimum(bounded, self.highs[column])
        return filled
