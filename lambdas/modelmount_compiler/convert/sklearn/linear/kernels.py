"""Converters of kernel methods, and of kernel approximations."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from sklearn import kernel_approximation as approximations
from sklearn.base import BaseEstimator
from sklearn.decomposition import KernelPCA
from sklearn.kernel_ridge import KernelRidge
from sklearn.preprocessing import KernelCenterer

from modelmount_compiler.convert import coercion
from modelmount_compiler.convert.graph import Graph, NotCompilable, Outputs, Value
from modelmount_compiler.convert.registry import converts
from modelmount_compiler.convert.sklearn.linear.linear_models import affine
from modelmount_compiler.program.operation import Kind, Matrix
from modelmount_compiler.program.operations.linear import kernels, linear_models
from modelmount_compiler.program.operations.neighbors import clustering

Parameters = Mapping[str, Any]


def kernel(name: Any, x: Value, points: Any, parameters: Parameters, graph: Graph) -> Value:
    """Add a kernel between rows and points, by its name in scikit-learn.

    Args:
        name: name of the kernel.
        x: the rows.
        points: the points, shape (points, k).
        parameters: `gamma`, `degree` and `coef0`; None or a missing key for the default.
        graph: the graph to add to.

    Raises:
        NotCompilable: the kernel is a user's function, precomputed, or of another precision.
    """
    if name not in KERNELS:
        raise NotCompilable(f"the kernel {name!r} has no compiled form")
    if np.asarray(points).dtype != np.float64:
        raise NotCompilable(f"a kernel with points in {np.asarray(points).dtype}")
    given = {key: value for key, value in parameters.items() if value is not None}
    found = {"gamma": 1.0 / points.shape[1], "coef0": 1, "degree": 3, **given}
    return KERNELS[name](x, np.asarray(points), found, graph)


def _linear(x: Value, points: Matrix, _: Parameters, graph: Graph) -> Value:
    return graph.add(linear_models.Projection(points.T), x, width=len(points))


def _rbf(x: Value, points: Matrix, parameters: Parameters, graph: Graph) -> Value:
    distances = graph.add(clustering.Distances(points, squared=True), x)
    return graph.add(kernels.Radial(-float(parameters["gamma"])), distances, width=len(points))


def _polynomial(x: Value, points: Matrix, parameters: Parameters, graph: Graph) -> Value:
    gamma, coef0 = float(parameters["gamma"]), float(parameters["coef0"])
    power = kernels.Polynomial(gamma, coef0, parameters["degree"])
    return graph.add(power, _linear(x, points, parameters, graph), width=len(points))


def _sigmoid(x: Value, points: Matrix, parameters: Parameters, graph: Graph) -> Value:
    tangent = kernels.Tangent(float(parameters["gamma"]), float(parameters["coef0"]))
    return graph.add(tangent, _linear(x, points, parameters, graph), width=len(points))


def _laplacian(x: Value, points: Matrix, parameters: Parameters, graph: Graph) -> Value:
    columns = np.ascontiguousarray(points.T)
    operation = kernels.Laplacian(columns, float(parameters["gamma"]))
    return graph.add(operation, x, width=len(points))


def _cosine(x: Value, points: Matrix, parameters: Parameters, graph: Graph) -> Value:
    unit = kernels.Unit()
    return _linear(graph.add(unit, x, width=x.width), unit(points), parameters, graph)


KERNELS: dict[str, Callable[[Value, Matrix, Parameters, Graph], Value]] = {
    "linear": _linear,
    "rbf": _rbf,
    "poly": _polynomial,
    "polynomial": _polynomial,
    "sigmoid": _sigmoid,
    "laplacian": _laplacian,
    "cosine": _cosine,
}


def _parameters(model: BaseEstimator, gamma: str = "gamma") -> Parameters:
    return {"gamma": getattr(model, gamma), "degree": model.degree, "coef0": model.coef0}


@converts(KernelRidge)
def ridge(model: KernelRidge, graph: Graph, x: Value) -> Outputs:
    """Convert kernel ridge regression: a weighted sum of kernels with the training rows."""
    x = coercion.matrix(graph, x)
    value = kernel(model.kernel, x, model.X_fit_, _parameters(model), graph)
    kind: Kind = "answer" if model.dual_coef_.ndim == 1 else "matrix"
    return {"predict": graph.add(linear_models.Projection(model.dual_coef_), value, kind=kind)}


@converts(KernelPCA)
def principal(model: KernelPCA, graph: Graph, x: Value) -> Outputs:
    """Convert kernel PCA: a projection of the centered kernel."""
    x = coercion.matrix(graph, x)
    value = kernel(model.kernel, x, model.X_fit_, _parameters(model, "gamma_"), graph)
    value = _center(model._centerer, value, graph)
    used = np.flatnonzero(model.eigenvalues_)
    scaled = np.zeros_like(model.eigenvectors_)
    scaled[:, used] = model.eigenvectors_[:, used] / np.sqrt(model.eigenvalues_[used])
    return {"transform": graph.add(linear_models.Projection(scaled), value, width=scaled.shape[1])}


def _center(centerer: KernelCenterer, value: Value, graph: Graph) -> Value:
    centered = kernels.Centered(centerer.K_fit_rows_, float(centerer.K_fit_all_))
    return graph.add(centered, value, width=value.width)


@converts(KernelCenterer)
def center(model: KernelCenterer, graph: Graph, x: Value) -> Outputs:
    """Convert a kernel centerer: a kernel minus its means."""
    return {"transform": _center(model, coercion.matrix(graph, x), graph)}


@converts(approximations.Nystroem)
def nystroem(model: approximations.Nystroem, graph: Graph, x: Value) -> Outputs:
    """Convert the Nyström approximation: a projection of the kernel with some training rows."""
    x = coercion.matrix(graph, x)
    parameters = {**(model.kernel_params or {}), **_named(model)}
    value = kernel(model.kernel, x, model.components_, parameters, graph)
    weights = model.normalization_.T
    return {
        "transform": graph.add(linear_models.Projection(weights), value, width=weights.shape[1])
    }


def _named(model: BaseEstimator) -> Parameters:
    return {name: value for name, value in _parameters(model).items() if value is not None}


@converts(approximations.RBFSampler)
def fourier(model: approximations.RBFSampler, graph: Graph, x: Value) -> Outputs:
    """Convert random Fourier features of the radial kernel."""
    return {
        "transform": _fourier_features(
            model, coercion.matrix(graph, x), (2.0 / model.n_components) ** 0.5, graph
        )
    }


@converts(approximations.SkewedChi2Sampler)
def skewed(model: approximations.SkewedChi2Sampler, graph: Graph, x: Value) -> Outputs:
    """Convert random Fourier features of the skewed chi-squared kernel."""
    logs = graph.add(kernels.Skewed(float(model.skewedness)), coercion.matrix(graph, x))
    factor = float(np.sqrt(2.0) / np.sqrt(model.n_components))
    return {"transform": _fourier_features(model, logs, factor, graph)}


def _fourier_features(model: BaseEstimator, x: Value, factor: float, graph: Graph) -> Value:
    projected = affine(graph, x, model.random_weights_.T, model.random_offset_)
    return graph.add(kernels.Cosine(factor), projected, width=projected.width)


@converts(approximations.AdditiveChi2Sampler)
def additive(model: approximations.AdditiveChi2Sampler, graph: Graph, x: Value) -> Outputs:
    """Convert samples of the additive chi-squared kernel's spectrum."""
    interval = model.sample_interval
    if interval is None:
        interval = {1: 0.8, 2: 0.5, 3: 0.4}.get(model.sample_steps)
    if interval is None:
        raise NotCompilable("AdditiveChi2Sampler with more steps than it has an interval for")
    operation = kernels.AdditiveChi(int(model.sample_steps), float(interval))
    return {"transform": graph.add(operation, coercion.matrix(graph, x))}
