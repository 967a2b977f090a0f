"""Converters of multiclass strategies: one-vs-rest, one-vs-one and output codes."""

import numpy as np
from sklearn.base import BaseEstimator, is_classifier
from sklearn.multiclass import (
    OneVsOneClassifier,
    OneVsRestClassifier,
    OutputCodeClassifier,
    _ConstantPredictor,
)

from modelmount_compiler.convert import meta_estimators
from modelmount_compiler.convert.graph import Graph, NotCompilable, Outputs, Value
from modelmount_compiler.convert.registry import converts
from modelmount_compiler.convert.sklearn.neighbors import clustering
from modelmount_compiler.program.operations.outputs import composition, labels, multiclass
from modelmount_compiler.signature import Method


def _threshold(estimator: BaseEstimator) -> float:
    has_margin = hasattr(estimator, "decision_function") and is_classifier(estimator)
    return 0.0 if has_margin else 0.5


@converts(OneVsRestClassifier)
def one_vs_rest(model: OneVsRestClassifier, graph: Graph, x: Value) -> Outputs:
    """Convert one-vs-rest: the most confident class, or each class for an indicator matrix."""
    found: dict[Method, Value] = {"predict": _most_confident(model, graph, x)}
    for method in ("predict_proba", "decision_function"):
        if all(hasattr(member, method) for member in model.estimators_):
            found[method] = _rest(model, method, graph, x)
    return found


def _most_confident(model: OneVsRestClassifier, graph: Graph, x: Value) -> Value:
    scores = [meta_estimators.confidence(member, graph, x) for member in model.estimators_]
    kind, threshold = model.label_binarizer_.y_type_, _threshold(model.estimators_[0])
    if kind == "binary":
        return graph.add(labels.Above(model.classes_, threshold), scores[0], kind="answer")
    scores_matrix = graph.add(composition.Beside(), *scores)
    if kind == "multiclass":
        return graph.add(labels.Highest(model.classes_), scores_matrix, kind="answer")
    return graph.add(labels.EachAbove(threshold, "int64"), scores_matrix, kind="answer")


def _rest(model: OneVsRestClassifier, method: Method, graph: Graph, x: Value) -> Value:
    members = model.estimators_
    values = [meta_estimators.convert_method(member, method, graph, x) for member in members]
    if method == "decision_function":
        return values[0] if len(values) == 1 else graph.add(composition.Beside(), *values)
    columns = [graph.add(composition.Pick(1), value, kind="answer") for value in values]
    if len(columns) == 1:
        return graph.add(multiclass.Both(), columns[0])
    scores_matrix = graph.add(composition.Beside(), *columns)
    return scores_matrix if model.multilabel_ else graph.add(multiclass.Shares(), scores_matrix)


@converts(OneVsOneClassifier)
def one_vs_one(model: OneVsOneClassifier, graph: Graph, x: Value) -> Outputs:
    """Convert one-vs-one: votes of binary classifiers; their confidences break ties."""
    if model.pairwise_indices_ is not None:
        raise NotCompilable("OneVsOneClassifier on a precomputed kernel")
    estimators = model.estimators_
    won = [meta_estimators.convert_method(member, "predict", graph, x) for member in estimators]
    confidences = [meta_estimators.confidence(member, graph, x) for member in estimators]
    inputs = [graph.add(composition.Beside(), *values) for values in (won, confidences)]
    votes = graph.add(multiclass.Votes(int(model.n_classes_)), *inputs)
    if model.n_classes_ > 2:
        highest = graph.add(labels.Highest(model.classes_), votes, kind="answer")
        return {"predict": highest, "decision_function": votes}
    second = graph.add(composition.Pick(1), votes, kind="answer")
    above = labels.Above(model.classes_, _threshold(estimators[0]))
    chosen = graph.add(above, second, kind="answer")
    return {"predict": chosen, "decision_function": second}


@converts(OutputCodeClassifier)
def output_code(model: OutputCodeClassifier, graph: Graph, x: Value) -> Outputs:
    """Convert output codes: the class whose code is nearest to the classifiers' scores."""
    scores = [meta_estimators.confidence(member, graph, x) for member in model.estimators_]
    scores_matrix = graph.add(composition.Beside(), *scores)
    position = clustering.nearest(model.code_book_, graph, scores_matrix)
    return {"predict": graph.add(labels.Names(model.classes_), position, kind="answer")}


@converts(_ConstantPredictor)
def constant(model: _ConstantPredictor, graph: Graph, x: Value) -> Outputs:
    """Convert the constant classifier of a class that was in all training rows, or in none."""
    label = np.asarray(model.y_)
    probabilities = np.array([np.hstack((1 - label, label))], dtype=np.float64)
    return {
        "predict": graph.add(labels.Repeat(label), x, kind="answer"),
        "decision_function": graph.add(labels.Repeat(label), x, kind="answer"),
        "predict_proba": graph.add(labels.Repeat(probabilities), x, kind="answer"),
    }
