"""Converters of mlxtend's voting and stacking."""

from typing import Any

import numpy as np
from mlxtend.classifier import EnsembleVoteClassifier, StackingClassifier, StackingCVClassifier
from mlxtend.regressor import StackingCVRegressor, StackingRegressor

from modelmount_compiler.convert import coercion, meta_estimators
from modelmount_compiler.convert.graph import Graph, NotCompilable, Outputs, Value
from modelmount_compiler.convert.registry import convert, converts
from modelmount_compiler.program.operations.outputs import composition, labels
from modelmount_compiler.signature import Method


@converts(EnsembleVoteClassifier)
def vote(model: Any, graph: Graph, x: Value) -> Outputs:
    """Convert a vote: the mean of probabilities, or the majority of labels."""
    weights = None if model.weights is None else np.asarray(model.weights, dtype=np.float64)
    if model.voting == "soft":
        odds = [
            meta_estimators.in_double(graph, each)
            for each in _answers(model.clfs_, "predict_proba", graph, x)
        ]
        mean = graph.add(composition.Mean(weights), *odds, width=len(model.classes_))
        best = graph.add(labels.Highest(model.classes_), mean, kind="answer")
        return {"predict": best, "predict_proba": mean}
    if not model.fit_base_estimators:
        raise NotCompilable("EnsembleVoteClassifier of classifiers that were fitted before")
    votes = _answers(model.clfs_, "predict", graph, x)
    counts = np.ones(len(votes)) if weights is None else weights
    most = composition.Majority(len(model.classes_), counts)
    place = graph.add(most, *votes, kind="answer")
    return {"predict": graph.add(labels.Names(model.classes_), place, kind="answer")}


@converts(StackingClassifier, StackingCVClassifier)
def stacking(model: Any, graph: Graph, x: Value) -> Outputs:
    """Convert stacking: a classifier takes the others' labels or probabilities."""
    method: Method = "predict_proba" if model.use_probas else "predict"
    answers = _answers(model.clfs_, method, graph, x)
    if not model.use_probas:
        if any(np.asarray(member.classes_).dtype.kind not in "biuf" for member in model.clfs_):
            raise NotCompilable(f"{type(model).__qualname__} of labels that aren't numbers")
    elif model.drop_proba_col is not None:
        ends = composition.Leading(0, -1)
        kept = ends if model.drop_proba_col == "last" else composition.Leading(1)
        answers = [graph.add(kept, answer) for answer in answers]
    if model.use_probas and getattr(model, "average_probas", False):
        answers = [graph.add(composition.Mean(), *answers)]
    return _final(model, model.meta_clf_, answers, graph, x)


@converts(StackingRegressor, StackingCVRegressor)
def regression(model: Any, graph: Graph, x: Value) -> Outputs:
    """Convert stacking of regressors."""
    outputs = _final(model, model.meta_regr_, _answers(model.regr_, "predict", graph, x), graph, x)
    return {"predict": outputs["predict"]}


def _answers(members: Any, method: Method, graph: Graph, x: Value) -> list[Value]:
    return [meta_estimators.convert_method(member, method, graph, x) for member in members]


def _final(model: Any, final: Any, answers: list[Value], graph: Graph, x: Value) -> Outputs:
    if model.use_features_in_secondary:
        answers = [coercion.numbers(graph, x), *answers]
    width = final.n_features_in_
    stacked = graph.add(composition.Beside(), *answers, width=width)
    outputs = convert(final, graph, stacked)
    offered: tuple[Method, ...] = ("predict", "predict_proba", "decision_function")
    return {method: outputs[method] for method in offered if method in outputs}
