"""Converters of Gaussian processes."""

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy import linalg
from sklearn.base import BaseEstimator
from sklearn.gaussian_process import GaussianProcessClassifier, GaussianProcessRegressor
from sklearn.gaussian_process import kernels as originals
from sklearn.gaussian_process._gpc import _BinaryGaussianProcessClassifierLaplace

from modelmount_compiler.convert import coercion
from modelmount_compiler.convert.graph import Graph, NotCompilable, Outputs, Value
from modelmount_compiler.convert.registry import convert, converts
from modelmount_compiler.program.operation import Kind, Matrix
from modelmount_compiler.program.operations.linear import gaussian_process, linear_models
from modelmount_compiler.program.operations.outputs import labels
from modelmount_compiler.program.program import Operation


def _kernel(kernel: Any, points: Matrix, graph: Graph, x: Value) -> Value:
    """Add the kernel between rows and points; the points have the shape (points, k)."""
    kind = type(kernel)
    if kind in (originals.Sum, originals.Product):
        pair = [_kernel(term, points, graph, x) for term in (kernel.k1, kernel.k2)]
        both = gaussian_process.Sum() if kind is originals.Sum else gaussian_process.Product()
        return graph.add(both, *pair, width=len(points))
    if kind is originals.Exponentiation:
        base = _kernel(kernel.kernel, points, graph, x)
        return graph.add(gaussian_process.Power(float(kernel.exponent)), base, width=len(points))
    if kind is originals.ConstantKernel:
        return graph.add(gaussian_process.Filled(float(kernel.constant_value), len(points)), x)
    if kind is originals.WhiteKernel:  # it is zero between new and fitted rows
        return graph.add(gaussian_process.Filled(0.0, len(points)), x)
    if kind is originals.DotProduct:
        products = graph.add(linear_models.Projection(points.T), x)
        return graph.add(
            gaussian_process.Plus(float(kernel.sigma_0**2)), products, width=len(points)
        )
    if kind not in STATIONARY:
        raise NotCompilable(f"a Gaussian process with the kernel {kind.__qualname__}")
    scale, operation = STATIONARY[kind](kernel)
    return _stationary(scale, operation, points, graph, x)


def _stationary(scale: Any, operation: Operation, points: Matrix, graph: Graph, x: Value) -> Value:
    scale = np.atleast_1d(np.squeeze(scale).astype(float))
    columns = np.ascontiguousarray((points / scale).T)
    squares = graph.add(gaussian_process.Apart(columns, scale), x, width=len(points))
    return graph.add(operation, squares, width=len(points))


def _matern(kernel: originals.Matern) -> tuple[Any, Operation]:
    if kernel.nu not in (0.5, 1.5, 2.5, np.inf):
        raise NotCompilable(f"a Matern kernel with nu={kernel.nu}")
    return kernel.length_scale, gaussian_process.Matern(
        0.0 if kernel.nu == np.inf else float(kernel.nu)
    )


STATIONARY: dict[type, Callable[[Any], tuple[Any, Operation]]] = {
    originals.RBF: lambda kernel: (kernel.length_scale, gaussian_process.Radial()),
    originals.Matern: _matern,
    originals.RationalQuadratic: lambda kernel: (
        1.0,
        gaussian_process.Rational(float(kernel.alpha), float(kernel.length_scale)),
    ),
    originals.ExpSineSquared: lambda kernel: (
        1.0,
        gaussian_process.Periodic(float(kernel.length_scale), float(kernel.periodicity)),
    ),
}


@converts(GaussianProcessRegressor)
def regression(model: GaussianProcessRegressor, graph: Graph, x: Value) -> Outputs:
    """Convert Gaussian process regression: the mean of the process."""
    if not hasattr(model, "X_train_"):
        raise NotCompilable("GaussianProcessRegressor that wasn't fitted")
    kernel = _kernel(model.kernel_, model.X_train_, graph, coercion.matrix(graph, x))
    weights = model.alpha_
    if weights.ndim > 1 and weights.shape[1] == 1:
        weights = weights[:, 0]
    scale, mean = np.atleast_1d(model._y_train_std), np.atleast_1d(model._y_train_mean)
    expected = gaussian_process.Expected(weights, scale, mean)
    kind: Kind = "answer" if weights.ndim == 1 else "matrix"
    return {"predict": graph.add(expected, kernel, kind=kind)}


@converts(GaussianProcessClassifier)
def classification(model: GaussianProcessClassifier, graph: Graph, x: Value) -> Outputs:
    """Convert Gaussian process classification: two classes, one-vs-rest, or one-vs-one."""
    outputs = convert(model.base_estimator_, graph, coercion.matrix(graph, x))
    if model.n_classes_ > 2 and model.multi_class == "one_vs_one":
        return {"predict": outputs["predict"]}
    return {method: outputs[method] for method in ("predict", "predict_proba")}


@converts(_BinaryGaussianProcessClassifierLaplace)
def binary(model: BaseEstimator, graph: Graph, x: Value) -> Outputs:
    """Convert a binary classifier: sign of the latent mean, expectation of the sigmoid."""
    kernel = _kernel(model.kernel_, model.X_train_, graph, x)
    latent = graph.add(gaussian_process.Latent(model.y_train_ - model.pi_), kernel, kind="answer")
    solved = linalg.solve(model.L_, np.diag(model.W_sr_))
    variance = model.kernel_.diag(model.X_train_[:1])[0]
    if not np.allclose(model.kernel_.diag(model.X_train_), variance):
        raise NotCompilable("a Gaussian process classifier whose kernel isn't stationary")
    probability = gaussian_process.Probability(solved, float(variance))
    return {
        "predict": graph.add(labels.Above(model.classes_), latent, kind="answer"),
        "predict_proba": graph.add(probability, kernel, latent, width=2),
    }
