"""Discriminant analysis: scores of shape (n, classes), the class with the highest one wins."""

import numpy as np

from modelmount_compiler.program.operation import Matrix, Vector, operation


@operation
class Quadratic:
    """The log-posterior of normal classes, each with its own covariance, up to a constant.

    Attributes:
        means: shape (classes, k).
        rotations: of each class, shape (k, rank), scaled to unit variance.
        sizes: Σ log of each class's variances, shape (classes,).
        priors: logarithms, shape (classes,).
    """

    means: Matrix
    rotations: tuple[Matrix, ...]
    sizes: Vector
    priors: Vector

    def __call__(self, x: Matrix) -> Matrix:  # noqa: D102
        norms = []
        for mean, rotation in zip(self.means, self.rotations, strict=True):
            turned = (x - mean) @ rotation
            turned *= turned
            norms.append(np.add.reduce(turned, axis=1))
        scores = np.stack(norms, axis=1)
        scores += self.sizes
        scores *= -0.5
        scores += self.priors
        return scores


@operation
class Difference:
    """The second class's score less the first's, shape (n,)."""

    def __call__(self, scores: Matrix) -> Vector:  # noqa: D102
        difference: Vector = scores[:, 1] - scores[:, 0]
        return difference


@operation
class Posterior:
    """Probabilities, shape (n, classes), from log-posteriors of the same shape."""

    def __call__(self, scores: Matrix) -> Matrix:  # noqa: D102
        likelihood = scores - np.maximum.reduce(scores, axis=1, keepdims=True)
        totals = np.add.reduce(np.exp(likelihood), axis=1, keepdims=True)
        likelihood -= np.log(totals)
        return np.exp(likelihood, out=likelihood)


@operation
class CentroidScores:
    """Log-posteriors by the distance to each class's centroid, in units of deviations.

    Attributes:
        deviations: within classes, shape (k,); 1 where there is none.
        centroids: in these units, shape (classes, k).
        priors: 2 log of each class's, shape (classes,).
    """

    deviations: Vector
    centroids: Matrix
    priors: Vector

    def __call__(self, x: Matrix) -> Matrix:  # noqa: D102
        scaled = x / self.deviations
        norms = np.einsum("ij,ij->i", scaled, scaled)
        columns = []
        for centroid in self.centroids:
            squared = -2 * (scaled @ centroid[:, None])[:, 0]
            squared += norms
            squared += np.einsum("i,i->", centroid, centroid)
            distances = np.sqrt(np.maximum(squared, 0))
            columns.append(-(distances**2))
        scores = np.stack(columns, axis=1)
        scores += self.priors
        return scores
