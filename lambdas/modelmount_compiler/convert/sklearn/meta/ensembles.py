"""Converters of voting and stacking, which combine the answers of several estimators."""

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.ensemble import (
    StackingClassifier,
    StackingRegressor,
    VotingClassifier,
    VotingRegressor,
)

from modelmount_compiler.convert import coercion, meta_estimators
from modelmount_compiler.convert.graph import Graph, NotCompilable, Outputs, Value
from modelmount_compiler.convert.registry import convert, converts
from modelmount_compiler.program.operations.outputs import composition, labels
from modelmount_compiler.signature import Method


def _weights(model: BaseEstimator) -> np.ndarray | None:
    weights = model._weights_not_none
    return None if weights is None else np.asarray(weights, dtype=np.float64)


def _answers(model: BaseEstimator, method: Method, graph: Graph, x: Value) -> list[Value]:
    members = model.estimators_
    return [meta_estimators.convert_method(member, method, graph, x) for member in members]


def _alike(model: BaseEstimator, votes: list[Value], graph: Graph) -> list[Value]:
    """Return votes in the precision in which they are averaged."""
    if _weights(model) is None and all(vote.single for vote in votes):
        return votes
    return [meta_estimators.in_double(graph, vote) for vote in votes]


@converts(VotingClassifier)
def voting(model: VotingClassifier, graph: Graph, x: Value) -> Outputs:
    """Convert a voting classifier: the mean of probabilities, or the majority of labels."""
    if model.voting == "hard":
        return _majority(model, graph, x)
    votes = _answers(model, "predict_proba", graph, x)
    alike = _alike(model, votes, graph)
    mean = graph.add(composition.Mean(_weights(model)), *alike, width=len(model.classes_))
    highest = graph.add(labels.Highest(model.classes_), mean, kind="answer")
    outputs: dict[Method, Value] = {"predict": highest, "predict_proba": mean}
    if model.flatten_transform:
        outputs["transform"] = graph.add(composition.Beside(), *votes)
    return outputs


def _majority(model: VotingClassifier, graph: Graph, x: Value) -> Outputs:
    votes = _answers(model, "predict", graph, x)
    weights = _weights(model)
    count = np.ones(len(votes)) if weights is None else weights
    position = graph.add(composition.Majority(len(model.classes_), count), *votes, kind="answer")
    named = graph.add(labels.Names(model.classes_), position, kind="answer")
    return {"predict": named, "transform": graph.add(composition.Beside(), *votes, kind="answer")}


@converts(VotingRegressor)
def mean_vote(model: VotingRegressor, graph: Graph, x: Value) -> Outputs:
    """Convert a voting regressor: the mean of predictions."""
    votes = _answers(model, "predict", graph, x)
    alike = _alike(model, votes, graph)
    mean = graph.add(composition.Mean(_weights(model)), *alike, kind="answer")
    return {"predict": mean, "transform": graph.add(composition.Beside(), *votes)}


@converts(StackingRegressor)
def stacking(model: StackingRegressor, graph: Graph, x: Value) -> Outputs:
    """Convert a stacking regressor: the final regressor takes the others' predictions."""
    stacked = _stacked(model, graph, x)
    predicted = meta_estimators.convert_method(model.final_estimator_, "predict", graph, stacked)
    return {"predict": predicted, "transform": stacked}


@converts(StackingClassifier)
def stacking_classifier(model: StackingClassifier, graph: Graph, x: Value) -> Outputs:
    """Convert a stacking classifier; its final classifier predicts indices of labels."""
    if isinstance(getattr(model, "_label_encoder", None), list):
        raise NotCompilable("stacking of multilabel classifiers")
    stacked = _stacked(model, graph, x)
    outputs = dict(convert(model.final_estimator_, graph, stacked))
    outputs["transform"] = stacked
    if "predict" in outputs:
        names = labels.Names(model.classes_)
        outputs["predict"] = graph.add(names, outputs["predict"], kind="answer")
    return outputs


def _stacked(model: BaseEstimator, graph: Graph, x: Value) -> Value:
    """Add the members' scores side by side; of two probabilities, the second alone."""
    columns = []
    for member, method in zip(model.estimators_, model.stack_method_, strict=True):
        value = meta_estimators.convert_method(member, method, graph, x)
        if method == "predict_proba" and len(model.classes_) == 2:
            value = graph.add(composition.Leading(1), value)
        columns.append(value)
    if model.passthrough:
        columns.append(coercion.numbers(graph, x))
    return graph.add(composition.Beside(), *columns, width=model.final_estimator_.n_features_in_)
