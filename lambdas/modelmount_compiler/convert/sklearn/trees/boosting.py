"""Converters of scikit-learn's boosted ensembles."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, is_classifier
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.ensemble import (
    AdaBoostClassifier,
    AdaBoostRegressor,
    GradientBoostingClassifier,
    GradientBoostingRegressor,
)

from modelmount_compiler.convert import coercion, meta_estimators
from modelmount_compiler.convert.graph import Graph, NotCompilable, Outputs, Value
from modelmount_compiler.convert.registry import converts
from modelmount_compiler.convert.sklearn.linear.linear_models import BELOW_ZERO
from modelmount_compiler.convert.sklearn.trees.tree_ensembles import TREES, flat, leaf_values
from modelmount_compiler.convert.trees.flat_forest import tree_sum
from modelmount_compiler.convert.trees.leaves import Leaves
from modelmount_compiler.frameworks.sklearn import releases
from modelmount_compiler.program.operations.linear import linear_models
from modelmount_compiler.program.operations.outputs import composition, labels
from modelmount_compiler.program.operations.preprocessing import scaling
from modelmount_compiler.program.operations.trees import tree_ensembles, voting
from modelmount_compiler.signature import Method

Array = NDArray[Any]
FINITE = {"single": True, "refuses_missing": True, "refuses_infinite": True}


@converts(GradientBoostingClassifier, GradientBoostingRegressor)
def gradient_boosting(model: BaseEstimator, graph: Graph, x: Value) -> Outputs:
    """Convert gradient boosting: a constant plus scaled leaves, and the loss's link function."""
    if model.init_ != "zero" and type(model.init_) not in (DummyClassifier, DummyRegressor):
        name = type(model.init_).__qualname__
        raise NotCompilable(f"boosting that begins with a {name} has no compiled form")
    start = model._raw_predict_init(np.zeros((1, model.n_features_in_)))
    rate = model.learning_rate
    flats = [
        flat(member.tree_, rate * member.tree_.value[:, 0, 0], missing=False)
        for member in model.estimators_.ravel()
    ]
    targets = np.tile(np.arange(start.shape[1], dtype=np.uint32), len(model.estimators_))
    raw = tree_sum(graph, x, flats, model.n_features_in_, start, targets=targets, **FINITE)
    if not is_classifier(model):
        return {"predict": graph.add(linear_models.Column(), raw, kind="answer")}
    if len(model.classes_) > 2:
        return several_classes(graph, raw, model.classes_)
    doubled = model.loss == "exponential"  # its link is half the logit
    return two_classes(graph, raw, model.classes_, threshold=BELOW_ZERO, doubled=doubled)


def several_classes(graph: Graph, raw: Value, classes: Array) -> Outputs:
    """Return the outputs of a classifier with one margin for each class."""
    return {
        "predict": graph.add(labels.Highest(classes), raw, kind="answer"),
        "predict_proba": graph.add(linear_models.Softmax(), raw, width=len(classes)),
        "decision_function": raw,
    }


def two_classes(
    graph: Graph, raw: Value, classes: Array, *, threshold: float = 0.0, doubled: bool = False
) -> Outputs:
    """Return the outputs of a binary classifier with one margin.

    Args:
        graph: the graph to add to.
        raw: the margin of the second class, shape (n, 1).
        classes: the two labels.
        threshold: the second label is predicted above it.
        doubled: whether the sigmoid takes twice the margin.
    """
    margin = graph.add(linear_models.Column(), raw, kind="answer")
    twice = graph.add(scaling.Times(2.0), margin, kind="answer") if doubled else margin
    return {
        "predict": graph.add(labels.Above(classes, threshold), margin, kind="answer"),
        "predict_proba": graph.add(linear_models.Sigmoid(), twice, width=2),
        "decision_function": margin,
    }


@converts(AdaBoostClassifier)
def adaboost(model: AdaBoostClassifier, graph: Graph, x: Value) -> Outputs:
    """Convert an AdaBoost classifier: weighted votes, and their softmax."""
    classes, k = model.classes_, len(model.classes_)
    if k == 1:
        raise NotCompilable("AdaBoost that was fitted on a single class has no compiled form")
    score = _votes(model, graph, x)
    if k > 2:
        scaled = graph.add(scaling.Divide(np.array([k - 1.0])), score, width=k)
        several = several_classes(graph, score, classes)
        return {**several, "predict_proba": graph.add(linear_models.Softmax(), scaled, width=k)}
    margin = graph.add(voting.Margin(), score, kind="answer")
    return {
        "predict": graph.add(labels.Above(classes), margin, kind="answer"),
        "predict_proba": graph.add(linear_models.Sigmoid(), margin, width=2),
        "decision_function": margin,
    }


def _votes(model: AdaBoostClassifier, graph: Graph, x: Value) -> Value:
    """Add the weighted votes for each class; the leaves of trees hold their votes."""
    classes, k = model.classes_, len(model.classes_)
    by_odds = releases.counts_odds(model)
    weights = model.estimator_weights_[: len(model.estimators_)]
    total = float(model.estimator_weights_.sum())
    if not all(type(member) in TREES for member in model.estimators_):
        x = coercion.matrix(graph, x)
        method: Method = "predict_proba" if by_odds else "predict"
        cast = [
            meta_estimators.convert_method(member, method, graph, x) for member in model.estimators_
        ]
        if by_odds:
            cast = [meta_estimators.in_double(graph, odds) for odds in cast]
            return graph.add(voting.SammeReal(k, total), *cast, width=k)
        counted = voting.Samme if releases.counts_against() else voting.SammeFor
        return graph.add(counted(classes, weights, total), *cast, width=k)
    leaves, flats = Leaves(k), []
    for member, weight in zip(model.estimators_, weights, strict=True):
        adds = voting.real(leaf_values(member)) if by_odds else _vote(member, classes, weight)
        values = leaves.add(member.tree_.children_left < 0, adds)
        flats.append(flat(member.tree_, values, missing=False))
    options = {"divisor": total, "values": leaves.table(), **FINITE}
    return tree_sum(graph, x, flats, model.n_features_in_, np.zeros(k), **options)


def _vote(member: Any, classes: Array, weight: float) -> Array:
    """Return what each node of a tree adds to the votes for each class."""
    vote = member.classes_.take(member.tree_.value[:, 0, :].argmax(axis=1))
    against = -1 / (len(classes) - 1) * weight if releases.counts_against() else 0.0
    return np.where(vote[:, None] == classes, weight, against)


@converts(AdaBoostRegressor)
def adaboost_regression(model: AdaBoostRegressor, graph: Graph, x: Value) -> Outputs:
    """Convert an AdaBoost regressor: the weighted median of the members' predictions."""
    members, n = model.estimators_, len(model.estimators_)
    if all(type(member) in TREES for member in members):
        flats = [flat(m.tree_, m.tree_.value[:, 0, 0], missing=False) for m in members]
        options = {"targets": np.arange(n, dtype=np.uint32), **FINITE}
        each = tree_sum(graph, x, flats, model.n_features_in_, np.zeros(n), **options)
    else:
        x = coercion.matrix(graph, x)
        answers = [
            meta_estimators.convert_method(member, "predict", graph, x) for member in members
        ]
        each = graph.add(composition.Beside(), *answers, width=n)
    median = tree_ensembles.WeightedMedian(model.estimator_weights_[:n])
    return {"predict": graph.add(median, each, kind="answer")}
