"""Columns put together."""

import numpy as np
from numpy.typing import NDArray

from modelmount_compiler.program.operation import Matrix, Vector, operation


@operation
class Pooled:
    """The mean of each cluster's columns, shape (n, clusters).

    Attributes:
        labels: each column's cluster, shape (k,).
        sizes: columns of each cluster, shape (clusters,).
    """

    labels: NDArray[np.int64]
    sizes: Vector

    def __call__(self, x: Matrix) -> Matrix:  # noqa: D102
        clusters = len(self.sizes)
        places = self.labels + np.arange(len(x))[:, None] * clusters
        totals = np.bincount(places.ravel(), x.ravel(), minlength=len(x) * clusters)
        return totals.reshape(-1, clusters) / self.sizes
