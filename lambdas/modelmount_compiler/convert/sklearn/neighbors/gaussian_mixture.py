"""Converters of Gaussian mixtures, and of the elliptic envelope."""

import math
from typing import Any

import numpy as np
from scipy import linalg
from scipy.special import digamma
from sklearn.base import BaseEstimator
from sklearn.covariance import EllipticEnvelope
from sklearn.mixture import BayesianGaussianMixture, GaussianMixture
from sklearn.mixture._gaussian_mixture import _compute_log_det_cholesky

from modelmount_compiler.convert import coercion
from modelmount_compiler.convert.graph import Graph, Outputs, Value
from modelmount_compiler.convert.registry import converts
from modelmount_compiler.convert.sklearn.linear.linear_models import outlier
from modelmount_compiler.convert.sklearn.neighbors.clustering import doubles
from modelmount_compiler.program.operations.linear import naive_bayes
from modelmount_compiler.program.operations.neighbors import gaussian_mixture
from modelmount_compiler.program.operations.outputs import labels
from modelmount_compiler.program.program import Operation


@converts(GaussianMixture)
def gaussian(model: GaussianMixture, graph: Graph, x: Value) -> Outputs:
    """Convert a Gaussian mixture: the most probable component, and all probabilities."""
    return _components(model, [np.log(model.weights_)], graph, x)


@converts(BayesianGaussianMixture)
def bayesian(model: BayesianGaussianMixture, graph: Graph, x: Value) -> Outputs:
    """Convert a Bayesian mixture; its terms include the variance of the parameters."""
    width, freedom = model.means_.shape[1], model.degrees_of_freedom_
    halves = 0.5 * (freedom - np.arange(0, width)[:, np.newaxis])
    spread = width * np.log(2.0) + np.sum(digamma(halves), 0)
    terms = [
        -(0.5 * width * np.log(freedom)),
        0.5 * (spread - width / model.mean_precision_),
        model._estimate_log_weights(),
    ]
    return _components(model, terms, graph, x)


def _components(model: BaseEstimator, terms: list[Any], graph: Graph, x: Value) -> Outputs:
    doubles(model, model.means_)
    count, width = model.means_.shape
    size = _compute_log_det_cholesky(model.precisions_cholesky_, model.covariance_type, width)
    rows = [np.broadcast_to(term, (count,)) for term in (size, *terms)]
    likelihood = gaussian_mixture.LogLikelihood(width * math.log(2 * math.pi), np.stack(rows))
    distances = graph.add(_metric(model), coercion.matrix(graph, x), width=count)
    joint = graph.add(likelihood, distances, width=count)
    return {
        "predict": graph.add(labels.Highest(np.arange(count)), joint, kind="answer"),
        "predict_proba": graph.add(naive_bayes.Posterior(), joint, width=count),
    }


def _metric(model: BaseEstimator) -> Operation:
    """Return the operation for squared distances to the means, by type of covariance."""
    means, factors = model.means_, model.precisions_cholesky_
    if model.covariance_type in ("full", "tied"):
        each = factors if model.covariance_type == "full" else factors[None]
        pairs = zip(means, np.broadcast_to(each, (len(means), *each.shape[1:])), strict=True)
        return gaussian_mixture.Turned(each, np.stack([mean @ factor for mean, factor in pairs]))
    precisions = factors**2
    if model.covariance_type == "diag":
        squares = np.sum(means**2 * precisions, axis=1)
        return gaussian_mixture.Scaled(squares, means * precisions, precisions)
    return gaussian_mixture.Spherical(np.sum(means**2, axis=1) * precisions, means, precisions)


@converts(EllipticEnvelope)
def envelope(model: EllipticEnvelope, graph: Graph, x: Value) -> Outputs:
    """Convert the elliptic envelope: the signed distance to outliers, and its sign."""
    precision = model.precision_
    if not model.store_precision:
        precision = linalg.pinvh(model.covariance_, check_finite=False)
    distance = gaussian_mixture.Mahalanobis(model.location_, precision, float(model.offset_))
    margin = graph.add(distance, coercion.matrix(graph, x), kind="answer")
    return {"predict": outlier(graph, margin), "decision_function": margin}
