"""Converters of linear models: an affine map, and a link."""

from typing import Any

import numpy as np
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge

from serving.compiler import inputs
from serving.compiler.converters import converts
from serving.compiler.graph import Graph, Outputs, Value
from serving.program import labels, linear


def affine(graph: Graph, x: Value, coef: Any, intercept: Any) -> Value:  # noqa: ANN401 (arrays or numbers)
    """Add x @ coef.T + intercept, for `coef` of shape (outputs, k) or (k,)."""
    weights = np.atleast_2d(np.asarray(coef, dtype=np.float64)).T
    bias = np.broadcast_to(np.asarray(intercept, dtype=np.float64), weights.shape[1:])
    return graph.add(linear.Affine(weights, bias), x, width=weights.shape[1])


@converts(LinearRegression, Ridge)
def regression(model: Any, graph: Graph, x: Value) -> Outputs:  # noqa: ANN401 (the classes above)
    """Predictions of shape (n,), or (n, targets) when fitted on a matrix of targets."""
    value = affine(graph, inputs.matrix(graph, x), model.coef_, model.intercept_)
    if np.ndim(model.coef_) == 1:
        value = graph.add(linear.Column(), value, kind="answer")
    return {"predict": value}


@converts(LogisticRegression)
def logistic(model: LogisticRegression, graph: Graph, x: Value) -> Outputs:
    """Margins, and their softmax; of two classes, one margin and its sigmoid."""
    margin = affine(graph, inputs.matrix(graph, x), model.coef_, model.intercept_)
    if len(model.classes_) > 2:
        return {
            "predict": graph.add(labels.Highest(model.classes_), margin, kind="answer"),
            "predict_proba": graph.add(linear.Softmax(), margin),
            "decision_function": margin,
        }
    return {
        "predict": graph.add(labels.Positive(model.classes_), margin, kind="answer"),
        "predict_proba": graph.add(linear.Sigmoid(), margin),
        "decision_function": graph.add(linear.Column(), margin, kind="answer"),
    }
