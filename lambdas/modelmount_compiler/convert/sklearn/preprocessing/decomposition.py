"""Converters of decompositions and other linear projections."""

import numpy as np
from scipy import linalg, sparse
from sklearn import decomposition as models
from sklearn.base import BaseEstimator
from sklearn.cluster import FeatureAgglomeration
from sklearn.cross_decomposition import CCA, PLSSVD, PLSCanonical, PLSRegression
from sklearn.neighbors import NeighborhoodComponentsAnalysis
from sklearn.random_projection import GaussianRandomProjection, SparseRandomProjection

from modelmount_compiler.convert import coercion
from modelmount_compiler.convert.graph import Graph, NotCompilable, Outputs, Value
from modelmount_compiler.convert.registry import converts
from modelmount_compiler.convert.sklearn.linear.linear_models import affine, numbers
from modelmount_compiler.frameworks.sklearn import releases
from modelmount_compiler.program.operation import Matrix
from modelmount_compiler.program.operations.linear import feature_agglomeration, linear_models
from modelmount_compiler.program.operations.preprocessing import scaling
from modelmount_compiler.signature import Method


def project(x: Value, weights: Matrix, graph: Graph) -> Value:
    """Add x @ weights."""
    weights = np.asarray(weights, dtype=np.float64)
    return graph.add(linear_models.Projection(weights), x, width=weights.shape[1])


@converts(models.PCA, models.IncrementalPCA)
def principal(model: BaseEstimator, graph: Graph, x: Value) -> Outputs:
    """Convert PCA: (x - mean) @ components with a precomputed mean; divided when whitened."""
    x = numbers(graph, x)
    mean = np.reshape(model.mean_, (1, -1)) @ model.components_.T
    value = affine(graph, x, model.components_, -mean[0])
    if model.whiten:
        scale = np.sqrt(model.explained_variance_)
        scale[scale < np.finfo(scale.dtype).eps] = np.finfo(scale.dtype).eps
        value = graph.add(scaling.Divide(scale), value, width=value.width)
    return {"transform": value}


@converts(
    models.TruncatedSVD,
    GaussianRandomProjection,
    NeighborhoodComponentsAnalysis,
    SparseRandomProjection,
)
def projection(model: BaseEstimator, graph: Graph, x: Value) -> Outputs:
    """Convert a projection: x @ components."""
    if isinstance(model, SparseRandomProjection) and x.kind == "sparse" and not model.dense_output:
        raise NotCompilable("SparseRandomProjection of sparse rows")
    components = model.components_
    weights = components.toarray() if sparse.issparse(components) else components
    return {"transform": project(numbers(graph, x), weights.T, graph)}


@converts(models.FastICA)
def independent(model: models.FastICA, graph: Graph, x: Value) -> Outputs:
    """Convert independent component analysis: (x - mean) @ components."""
    x = coercion.matrix(graph, x)
    if model.whiten:
        x = graph.add(scaling.Shift(model.mean_), x)
    return {"transform": project(x, model.components_.T, graph)}


@converts(models.FactorAnalysis)
def factors(model: models.FactorAnalysis, graph: Graph, x: Value) -> Outputs:
    """Convert factor analysis: the expected factors of x - mean."""
    shifted = graph.add(scaling.Shift(model.mean_), coercion.matrix(graph, x))
    scaled = model.components_ / model.noise_variance_
    covariance = linalg.inv(np.eye(len(scaled)) + np.dot(scaled, model.components_.T))
    return {"transform": project(project(shifted, scaled.T, graph), covariance, graph)}


@converts(PLSRegression, PLSCanonical, CCA)
def partial(model: BaseEstimator, graph: Graph, x: Value) -> Outputs:
    """Convert partial least squares: a linear regression, and its projection."""
    shifted = graph.add(scaling.Shift(model._x_mean), coercion.matrix(graph, x))
    scaled = graph.add(scaling.Divide(model._x_std), shifted)
    # 1.5 took the deviations into the coefficients; before 1.3 `coef_` is transposed.
    coef = model.coef_ if releases.RELEASE >= (1, 3) else model._coef_
    coef = coef[0] if getattr(model, "_predict_1d", False) else coef
    read = shifted if releases.RELEASE >= (1, 5) else scaled
    outputs: dict[Method, Value] = {"predict": affine(graph, read, coef, model.intercept_)}
    outputs["transform"] = project(scaled, model.x_rotations_, graph)
    return outputs


@converts(PLSSVD)
def partial_values(model: PLSSVD, graph: Graph, x: Value) -> Outputs:
    """Convert `PLSSVD`: (x - mean) / deviation @ weights."""
    shifted = graph.add(scaling.Shift(model._x_mean), coercion.matrix(graph, x))
    scaled = graph.add(scaling.Divide(model._x_std), shifted)
    return {"transform": project(scaled, model.x_weights_, graph)}


@converts(FeatureAgglomeration)
def agglomeration(model: FeatureAgglomeration, graph: Graph, x: Value) -> Outputs:
    """Convert feature agglomeration: the mean of each cluster's columns."""
    if model.pooling_func is not np.mean:
        raise NotCompilable("FeatureAgglomeration that pools by something else than numpy.mean")
    sizes = np.bincount(model.labels_).astype(np.float64)
    pooled = feature_agglomeration.Pooled(np.asarray(model.labels_, dtype=np.int64), sizes)
    return {"transform": graph.add(pooled, coercion.matrix(graph, x), width=len(sizes))}
