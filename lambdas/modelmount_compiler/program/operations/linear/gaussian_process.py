"""Operations of Gaussian processes: kernels of shape (n, points), and predictions."""

import math

import numpy as np

from modelmount_compiler.program.operation import Matrix, Vector, operation
from modelmount_compiler.program.operations.neighbors.distances import pairwise_distances

# These constants approximate the sigmoid by error functions, as scikit-learn's `_gpc.py` does.
# Source: Williams and Barber, "Bayesian Classification with Gaussian Processes", 1998, appendix A.
LAMBDAS = np.array([0.41, 0.4, 0.37, 0.44, 0.39])
COEFFICIENTS = np.array([-1854.8214151, 3516.89893646, 221.29346712, 128.12323805, -2010.49422654])


@operation
class Apart:
    """Computes squared distances to points, in units of length scales.

    Attributes:
        columns: the points in these units, transposed: shape (k, points).
        scale: the length scales, shape (1,) or (k,).
    """

    columns: Matrix
    scale: Vector

    def __call__(self, x: Matrix) -> Matrix:
        return pairwise_distances(x / self.scale, self.columns, "euclidean")


@operation
class Radial:
    """Computes the radial kernel exp(-½ d²) from squared distances."""

    def __call__(self, squares: Matrix) -> Matrix:
        powers: Matrix = squares * -0.5
        return np.exp(powers, out=powers)


@operation
class Matern:
    """Computes the Matérn kernel from squared distances.

    Attributes:
        nu: 0.5, 1.5 or 2.5; 0 stands for infinity.
    """

    nu: float

    def __call__(self, squares: Matrix) -> Matrix:
        distances = np.sqrt(squares)
        if self.nu == 0:
            return np.exp(-(distances**2) / 2.0)
        if self.nu == 0.5:
            return np.exp(-distances)
        if self.nu == 1.5:
            scaled = distances * math.sqrt(3)
            return (1.0 + scaled) * np.exp(-scaled)
        scaled = distances * math.sqrt(5)
        return (1.0 + scaled + scaled**2 / 3.0) * np.exp(-scaled)


@operation
class Rational:
    """Computes the rational quadratic kernel from squared distances."""

    alpha: float
    length: float

    def __call__(self, squares: Matrix) -> Matrix:
        base: Matrix = 1 + squares / (2 * self.alpha * self.length**2)
        base **= -self.alpha
        return base


@operation
class Periodic:
    """Computes the exponential sine-squared (periodic) kernel from squared distances."""

    length: float
    period: float

    def __call__(self, squares: Matrix) -> Matrix:
        waves = np.sin(np.pi / self.period * np.sqrt(squares)) / self.length
        return np.exp(-2 * waves**2)


@operation
class Filled:
    """Returns the same value for every row and point."""

    value: float
    points: int

    def __call__(self, x: Matrix) -> Matrix:
        return np.full((len(x), self.points), self.value)


@operation
class Plus:
    """Adds a constant to a kernel."""

    value: float

    def __call__(self, kernel: Matrix) -> Matrix:
        return kernel + self.value


@operation
class Sum:
    """Adds two kernels."""

    def __call__(self, a: Matrix, b: Matrix) -> Matrix:
        return a + b


@operation
class Product:
    """Multiplies two kernels."""

    def __call__(self, a: Matrix, b: Matrix) -> Matrix:
        return a * b


@operation
class Power:
    """Raises a kernel to a power."""

    exponent: float

    def __call__(self, kernel: Matrix) -> Matrix:
        value: Matrix = kernel**self.exponent
        return value


@operation
class Expected:
    """Computes the mean of the process: a weighted sum of kernels, in units of the target.

    Attributes:
        weights: shape (points,) or (points, targets).
        scale: standard deviation of the target, shape (1,) or (targets,).
        mean: mean of the target, shape (1,) or (targets,).
    """

    weights: Matrix | Vector
    scale: Vector
    mean: Vector

    def __call__(self, kernel: Matrix) -> Matrix | Vector:
        value: Matrix = self.scale * (kernel @ self.weights) + self.mean
        return value


@operation
class Latent:
    """Computes the mean of the latent process, shape (n,); above zero is the second class."""

    weights: Vector

    def __call__(self, kernel: Matrix) -> Vector:
        return np.asfortranarray(kernel) @ self.weights  # the original transposes its kernel


@operation
class Probability:
    """Computes probabilities of two classes, shape (n, 2), from kernels and the latent mean.

    Attributes:
        solved: inverse of the Cholesky factor times the root of the noise precision, shape
            (points, points).
        variance: prior variance of the latent process.
    """

    solved: Matrix
    variance: float

    def __call__(self, kernel: Matrix, mean: Vector) -> Matrix:
        explained = kernel @ self.solved.T
        variance = self.variance - np.einsum("ij,ij->i", explained, explained)
        alpha = (1 / (2 * variance))[:, None]
        inner = LAMBDAS * mean[:, None] * np.sqrt(alpha / (alpha + LAMBDAS**2))
        errors = np.array([[math.erf(v) for v in row] for row in inner.tolist()])
        integrals = np.sqrt(np.pi / alpha) * errors.reshape(inner.shape)
        integrals /= 2 * np.sqrt(variance * 2 * np.pi)[:, None]
        positive = (COEFFICIENTS * integrals).sum(axis=1) + 0.5 * COEFFICIENTS.sum()
        return np.stack((1 - positive, positive), axis=1)
