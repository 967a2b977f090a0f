"""Converters of estimators that hold one for each target."""

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.multioutput import (
    ClassifierChain,
    MultiOutputClassifier,
    MultiOutputRegressor,
    RegressorChain,
)

from modelmount_compiler.convert import coercion, meta_estimators
from modelmount_compiler.convert.graph import Graph, NotCompilable, Outputs, Value
from modelmount_compiler.convert.registry import convert, converts
from modelmount_compiler.program.operations.outputs import composition
from modelmount_compiler.signature import Method


@converts(MultiOutputClassifier, MultiOutputRegressor)
def separate(model: BaseEstimator, graph: Graph, x: Value) -> Outputs:
    """Predictions of shape (n, targets), and a list of each target's probabilities."""
    answers = [convert(part, graph, x) for part in model.estimators_]
    found: dict[Method, Value] = {}
    pairs = list(zip(answers, model.estimators_, strict=True))
    predictions = [meta_estimators.of(outputs, "predict", part) for outputs, part in pairs]
    found["predict"] = graph.add(composition.Beside(), *predictions, kind="answer")
    if all("predict_proba" in outputs for outputs in answers):
        each = [outputs["predict_proba"] for outputs in answers]
        found["predict_proba"] = graph.add(composition.Each(), *each, kind="answer")
    return found


@converts(ClassifierChain, RegressorChain)
def chain(model: BaseEstimator, graph: Graph, x: Value) -> Outputs:
    """Each target's score from the input and the targets before it; shape (n, targets)."""
    x = coercion.matrix(graph, x)
    feed: Method = getattr(model, "chain_method_", "predict")
    known = x
    answers: list[Outputs] = []
    for part in model.estimators_:
        outputs = _scores(part, graph, known)
        answers.append(outputs)
        known = graph.add(composition.Beside(), known, meta_estimators.of(outputs, feed, part))
    methods = set.intersection(*(set(outputs) for outputs in answers))
    return {method: _ordered(model, [o[method] for o in answers], graph) for method in methods}


def _scores(part: BaseEstimator, graph: Graph, x: Value) -> Outputs:
    """Add for each method the second of two classes' score, or the prediction; as floats."""
    outputs = convert(part, graph, x)
    found: dict[Method, Value] = {}
    for method in ("predict", "predict_proba", "decision_function"):
        if method not in outputs or not hasattr(part, method):
            continue
        if method == "predict_proba" and len(part.classes_) != 2:
            raise NotCompilable(f"a chain of {type(part).__qualname__} with more than two classes")
        found[method] = outputs[method]
        if method == "predict_proba":
            found[method] = graph.add(composition.Pick(1), outputs[method])
        elif method == "predict":
            found[method] = graph.add(composition.Floats(), outputs[method])
    return found


def _ordered(model: BaseEstimator, columns: list[Value], graph: Graph) -> Value:
    places = np.argsort(model.order_).tolist()
    return graph.add(composition.Beside(), *[columns[place] for place in places], kind="answer")
