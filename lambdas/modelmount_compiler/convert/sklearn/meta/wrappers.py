"""Converters of estimators that pass their input on to one fitted estimator."""

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.linear_model import RANSACRegressor
from sklearn.model_selection import GridSearchCV, RandomizedSearchCV
from sklearn.model_selection._search_successive_halving import (
    HalvingGridSearchCV,
    HalvingRandomSearchCV,
)
from sklearn.semi_supervised import SelfTrainingClassifier

from modelmount_compiler.convert import meta_estimators
from modelmount_compiler.convert.graph import Graph, Outputs, Value
from modelmount_compiler.convert.registry import convert, converts
from modelmount_compiler.frameworks.sklearn import releases
from modelmount_compiler.program.operations.outputs import labels


@converts(GridSearchCV, RandomizedSearchCV, HalvingGridSearchCV, HalvingRandomSearchCV)
def search(model: BaseEstimator, graph: Graph, x: Value) -> Outputs:
    """Convert the best estimator of a search."""
    return convert(model.best_estimator_, graph, x)


@converts(*releases.classes("sklearn.frozen", "FrozenEstimator"))
def frozen(model: BaseEstimator, graph: Graph, x: Value) -> Outputs:
    """Convert the frozen estimator."""
    return convert(model.estimator, graph, x)


@converts(SelfTrainingClassifier)
def self_training(model: SelfTrainingClassifier, graph: Graph, x: Value) -> Outputs:
    """Convert the classifier that self-training fitted last."""
    outputs = convert(releases.self_trained(model), graph, x)
    return {method: value for method, value in outputs.items() if method != "transform"}


@converts(RANSACRegressor)
def ransac(model: RANSACRegressor, graph: Graph, x: Value) -> Outputs:
    """Convert the regressor that RANSAC fitted on the inliers."""
    return {"predict": meta_estimators.convert_method(model.estimator_, "predict", graph, x)}


@converts(*releases.classes("sklearn.model_selection", "FixedThresholdClassifier"))
def fixed_threshold(model: BaseEstimator, graph: Graph, x: Value) -> Outputs:
    """Convert a classifier with a fixed decision threshold for probabilities or margins."""
    estimator = getattr(model, "estimator_", model.estimator)
    threshold = None if model.threshold == "auto" else float(model.threshold)
    return _thresholded(model, estimator, threshold, model.pos_label, graph, x)


@converts(*releases.classes("sklearn.model_selection", "TunedThresholdClassifierCV"))
def tuned_threshold(model: BaseEstimator, graph: Graph, x: Value) -> Outputs:
    """Convert a classifier with a tuned decision threshold."""
    threshold, label = float(model.best_threshold_), model._curve_scorer._get_pos_label()
    return _thresholded(model, model.estimator_, threshold, label, graph, x)


def _thresholded(
    model: BaseEstimator,
    estimator: BaseEstimator,
    threshold: float | None,
    label: object,
    graph: Graph,
    x: Value,
) -> Outputs:
    outputs = convert(estimator, graph, x)
    method = meta_estimators.first_method(estimator, model._get_response_method())
    if threshold is None:
        threshold = 0.5 if method == "predict_proba" else 0.0
    position = 1 if label is None else int(np.flatnonzero(model.classes_ == label)[0])
    score = meta_estimators.binary_score(outputs, method, estimator, graph, column=position)
    classes = model.classes_ if position else model.classes_[::-1].copy()
    above = labels.Above(classes, float(np.nextafter(threshold, -np.inf)))
    return {**outputs, "predict": graph.add(above, score, kind="answer")}
