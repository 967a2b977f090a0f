"""Converters of multi-output estimators, which hold one estimator for each target."""

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.multioutput import (
    ClassifierChain,
    MultiOutputClassifier,
    MultiOutputRegressor,
    RegressorChain,
)

from modelmount_compiler.convert import coercion, meta_estimators
from modelmount_compiler.convert.graph import Graph, Outputs, Value
from modelmount_compiler.convert.registry import convert, converts
from modelmount_compiler.program.operations.outputs import composition
from modelmount_compiler.signature import Method


@converts(MultiOutputClassifier, MultiOutputRegressor)
def separate(model: BaseEstimator, graph: Graph, x: Value) -> Outputs:
    """Convert separate estimators: predictions (n, targets), and a list of probabilities."""
    answers = [convert(member, graph, x) for member in model.estimators_]
    found: dict[Method, Value] = {}
    pairs = list(zip(answers, model.estimators_, strict=True))
    predictions = [meta_estimators.output_of(o, "predict", member) for o, member in pairs]
    found["predict"] = graph.add(composition.Beside(), *predictions, kind="answer")
    if all("predict_proba" in outputs for outputs in answers):
        each = [outputs["predict_proba"] for outputs in answers]
        found["predict_proba"] = graph.add(composition.Each(), *each, kind="answer")
    return found


@converts(ClassifierChain, RegressorChain)
def chain(model: BaseEstimator, graph: Graph, x: Value) -> Outputs:
    """Convert a chain: each estimator takes the input and the scores of the targets before it."""
    x = coercion.matrix(graph, x)
    feed: Method = getattr(model, "chain_method_", "predict")
    augmented = x
    answers: list[Outputs] = []
    for member in model.estimators_:
        outputs = _scores(member, graph, augmented)
        answers.append(outputs)
        score = meta_estimators.output_of(outputs, feed, member)
        augmented = graph.add(composition.Beside(), augmented, score)
    methods = set.intersection(*(set(outputs) for outputs in answers))
    return {method: _ordered(model, [o[method] for o in answers], graph) for method in methods}


def _scores(estimator: BaseEstimator, graph: Graph, x: Value) -> Outputs:
    """Add the score of the second of two classes, or the prediction, as floats.

    The chain itself has no scores of more than two classes.
    """
    outputs = convert(estimator, graph, x)
    found: dict[Method, Value] = {}
    for method in ("predict", "predict_proba", "decision_function"):
        if method not in outputs or not hasattr(estimator, method):
            continue
        if method == "predict":
            found[method] = graph.add(composition.Floats(), outputs[method])
        elif len(estimator.classes_) == 2:
            is_pair = method == "predict_proba"
            scores = meta_estimators.in_double(graph, outputs[method])
            found[method] = graph.add(composition.Pick(1), scores) if is_pair else scores
    return found


def _ordered(model: BaseEstimator, columns: list[Value], graph: Graph) -> Value:
    order = np.argsort(model.order_).tolist()
    return graph.add(composition.Beside(), *[columns[i] for i in order], kind="answer")
