"""Converters of dummy estimators, whose answers don't depend on the input."""

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.dummy import DummyClassifier, DummyRegressor

from modelmount_compiler.convert.graph import Graph, NotCompilable, Outputs, Value
from modelmount_compiler.convert.registry import converts
from modelmount_compiler.program.operations.outputs import composition, labels
from modelmount_compiler.signature import Method


@converts(DummyRegressor)
def regression(model: DummyRegressor, graph: Graph, x: Value) -> Outputs:
    """Convert a dummy regressor: a constant."""
    return {"predict": _constant(model, "predict", graph, x)}


@converts(DummyClassifier)
def classification(model: DummyClassifier, graph: Graph, x: Value) -> Outputs:
    """Convert the methods of a dummy classifier that don't draw their answers at random."""
    if model.sparse_output_:
        raise NotCompilable("DummyClassifier fitted on sparse labels")
    found: dict[Method, Value] = {}
    if model._strategy in ("most_frequent", "prior", "constant"):
        found["predict"] = _constant(model, "predict", graph, x)
    if model._strategy != "stratified":
        found["predict_proba"] = _constant(model, "predict_proba", graph, x)
    if not found:
        raise NotCompilable(f"DummyClassifier draws its answers ({model._strategy})")
    return found


def _constant(model: BaseEstimator, method: Method, graph: Graph, x: Value) -> Value:
    """Call the estimator once, and repeat its answer for each row."""
    answer = getattr(model, method)(np.zeros((1, 1)))
    if not isinstance(answer, list):
        return graph.add(labels.Repeat(answer), x, kind="answer")
    each = [graph.add(labels.Repeat(output), x, kind="answer") for output in answer]
    return graph.add(composition.Each(), *each, kind="answer")
