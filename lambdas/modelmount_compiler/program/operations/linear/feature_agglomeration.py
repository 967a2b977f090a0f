"""The operation of feature agglomeration: it pools clusters of columns."""

import numpy as np
from numpy.typing import NDArray

from modelmount_compiler.program.operation import Matrix, Vector, operation


@operation
class Pooled:
    """Computes the mean of each cluster's columns, shape (n, clusters).

    Attributes:
        labels: the cluster of each column, shape (k,).
        sizes: number of columns in each cluster, shape (clusters,).
    """

    labels: NDArray[np.int64]
    sizes: Vector

    def __call__(self, x: Matrix) -> Matrix:
        clusters = len(self.sizes)
        places = self.labels + np.arange(len(x))[:, None] * clusters
        totals = np.bincount(places.ravel(), x.ravel(), minlength=len(x) * clusters)
        return totals.reshape(-1, clusters) / self.sizes
