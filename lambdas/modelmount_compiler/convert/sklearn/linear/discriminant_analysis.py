"""Converters of discriminant analysis, and of nearest centroids."""

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.discriminant_analysis import (
    LinearDiscriminantAnalysis,
    QuadraticDiscriminantAnalysis,
)
from sklearn.neighbors import NearestCentroid

from modelmount_compiler.convert import coercion
from modelmount_compiler.convert.graph import Graph, NotCompilable, Outputs, Value
from modelmount_compiler.convert.registry import converts
from modelmount_compiler.convert.sklearn.linear import linear_models
from modelmount_compiler.convert.sklearn.neighbors import clustering
from modelmount_compiler.program.operations.linear import discriminant_analysis
from modelmount_compiler.program.operations.linear import linear_models as operations
from modelmount_compiler.program.operations.outputs import composition, labels
from modelmount_compiler.program.operations.preprocessing import scaling
from modelmount_compiler.signature import Method


@converts(LinearDiscriminantAnalysis)
def linear_analysis(model: LinearDiscriminantAnalysis, graph: Graph, x: Value) -> Outputs:
    """Convert linear discriminant analysis: a linear classifier, and a projection."""
    outputs = linear_models.logistic(model, graph, x)
    if model.solver == "lsqr":
        return outputs
    x = coercion.matrix(graph, x)
    if model.solver == "svd":
        x = graph.add(scaling.Shift(model.xbar_), x)
    projected = graph.add(operations.Projection(model.scalings_), x)
    if model.scalings_.shape[1] > model._max_components:
        projected = graph.add(composition.Leading(0, int(model._max_components)), projected)
    return {**outputs, "transform": projected}


@converts(QuadraticDiscriminantAnalysis)
def quadratic_analysis(model: QuadraticDiscriminantAnalysis, graph: Graph, x: Value) -> Outputs:
    """Convert quadratic discriminant analysis: normal classes with their own covariances."""
    scaled = zip(model.rotations_, model.scalings_, strict=True)
    rotations = tuple(rotation * (scale ** (-0.5)) for rotation, scale in scaled)
    sizes = np.array([np.sum(np.log(scale)) for scale in model.scalings_])
    scores = discriminant_analysis.Quadratic(model.means_, rotations, sizes, np.log(model.priors_))
    return _scored(model, graph.add(scores, coercion.matrix(graph, x)), graph)


def _scored(model: BaseEstimator, scores: Value, graph: Graph) -> Outputs:
    found: dict[Method, Value] = {
        "predict": graph.add(labels.Highest(model.classes_), scores, kind="answer"),
        "predict_proba": graph.add(
            discriminant_analysis.Posterior(), scores, width=len(model.classes_)
        ),
        "decision_function": scores,
    }
    if len(model.classes_) == 2:
        found["decision_function"] = graph.add(
            discriminant_analysis.Difference(), scores, kind="answer"
        )
    return found


@converts(NearestCentroid)
def nearest_centroid(model: NearestCentroid, graph: Graph, x: Value) -> Outputs:
    """Convert nearest centroids: the class with the nearest one."""
    if model.metric != "euclidean":
        raise NotCompilable(f"NearestCentroid by {model.metric} distance")
    x = coercion.matrix(graph, x)
    if not hasattr(model, "decision_function"):  # before 1.6 it has no scores
        return {"predict": _nearest(model, graph, x)}
    deviations = np.where(model.within_class_std_dev_ != 0, model.within_class_std_dev_, 1.0)
    centroids, priors = model.centroids_ / deviations, 2.0 * np.log(model.class_prior_)
    scores = graph.add(discriminant_analysis.CentroidScores(deviations, centroids, priors), x)
    outputs = _scored(model, scores, graph)
    if not np.isclose(model.class_prior_, 1 / len(model.classes_)).all():
        return outputs
    return {**outputs, "predict": _nearest(model, graph, x)}


def _nearest(model: NearestCentroid, graph: Graph, x: Value) -> Value:
    position = clustering.nearest(clustering.doubles(model, model.centroids_), graph, x)
    return graph.add(labels.Names(model.classes_), position, kind="answer")
