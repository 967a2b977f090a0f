"""Converters of estimators that answer the same whatever they are asked."""

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.dummy import DummyClassifier, DummyRegressor

from modelmount_compiler.convert.graph import Graph, NotCompilable, Outputs, Value
from modelmount_compiler.convert.registry import converts
from modelmount_compiler.program.operations.outputs import composition, labels
from modelmount_compiler.signature import Method


@converts(DummyRegressor)
def regression(model: DummyRegressor, graph: Graph, x: Value) -> Outputs:
    """A constant."""
    return {"predict": _same(model, "predict", graph, x)}


@converts(DummyClassifier)
def classification(model: DummyClassifier, graph: Graph, x: Value) -> Outputs:
    """A constant label, and constant probabilities; what is drawn by lot is left out."""
    if model.sparse_output_:
        raise NotCompilable("DummyClassifier fitted on sparse labels")
    found: dict[Method, Value] = {}
    if model._strategy in ("most_frequent", "prior", "constant"):
        found["predict"] = _same(model, "predict", graph, x)
    if model._strategy != "stratified":
        found["predict_proba"] = _same(model, "predict_proba", graph, x)
    if not found:
        raise NotCompilable(f"DummyClassifier draws its answers ({model._strategy})")
    return found


def _same(model: BaseEstimator, method: Method, graph: Graph, x: Value) -> Value:
    """Ask the estimator itself once: it doesn't look at what it is given."""
    answer = getattr(model, method)(np.zeros((1, 1)))
    if not isinstance(answer, list):
        return graph.add(labels.Repeat(answer), x, kind="answer")
    each = [graph.add(labels.Repeat(part), x, kind="answer") for part in answer]
    return graph.add(composition.Each(), *each, kind="answer")
