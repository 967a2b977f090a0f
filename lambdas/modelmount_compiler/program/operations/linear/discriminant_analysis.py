"""Operations of discriminant analysis: scores of shape (n, classes); the highest wins."""

import numpy as np

from modelmount_compiler.program.operation import Matrix, Vector, operation


@operation
class Quadratic:
    """Computes log-posteriors of normal classes with their own covariances, up to a constant.

    Attributes:
        means: shape (classes, k).
        rotations: rotation of each class, scaled to unit variance, shape (k, rank).
        sizes: Σ log of each class's variances, shape (classes,).
        priors: logarithms of the priors, shape (classes,).
    """

    means: Matrix
    rotations: tuple[Matrix, ...]
    sizes: Vector
    priors: Vector

    def __call__(self, x: Matrix) -> Matrix:
        norms = []
        for mean, rotation in zip(self.means, self.rotations, strict=True):
            rotated = (x - mean) @ rotation
            rotated *= rotated
            norms.append(np.add.reduce(rotated, axis=1))
        scores = np.stack(norms, axis=1)
        scores += self.sizes
        scores *= -0.5
        scores += self.priors
        return scores


@operation
class Difference:
    """Computes the second class's score minus the first's, shape (n,)."""

    def __call__(self, scores: Matrix) -> Vector:
        difference: Vector = scores[:, 1] - scores[:, 0]
        return difference


@operation
class Posterior:
    """Computes probabilities from log-posteriors; both have the shape (n, classes)."""

    def __call__(self, scores: Matrix) -> Matrix:
        likelihood = scores - np.maximum.reduce(scores, axis=1, keepdims=True)
        totals = np.add.reduce(np.exp(likelihood), axis=1, keepdims=True)
        likelihood -= np.log(totals)
        return np.exp(likelihood, out=likelihood)


@operation
class CentroidScores:
    """Computes log-posteriors from distances to the classes' centroids, in units of deviations.

    Attributes:
        deviations: standard deviations within classes, shape (k,); 1 in place of 0.
        centroids: centroids in units of deviations, shape (classes, k).
        priors: 2 log of each class's prior, shape (classes,).
    """

    deviations: Vector
    centroids: Matrix
    priors: Vector

    def __call__(self, x: Matrix) -> Matrix:
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
