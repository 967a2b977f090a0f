"""Converts the estimators inside a meta-estimator, and picks their outputs and scores."""

from collections.abc import Sequence
from typing import cast

from sklearn.base import BaseEstimator, is_regressor

from modelmount_compiler.convert.graph import Graph, NotCompilable, Outputs, Value
from modelmount_compiler.convert.registry import convert
from modelmount_compiler.program.operations.outputs import composition
from modelmount_compiler.signature import Method


def convert_method(estimator: BaseEstimator, method: Method, graph: Graph, x: Value) -> Value:
    """Convert one method of an inner estimator.

    Raises:
        NotCompilable: the method has no compiled form; the text names the estimator.
    """
    return output_of(convert(estimator, graph, x), method, estimator)


def output_of(outputs: Outputs, method: Method, estimator: BaseEstimator) -> Value:
    """Return the output of one method of an inner estimator.

    Raises:
        NotCompilable: the output is missing; the text names the estimator.
    """
    if method not in outputs or not hasattr(estimator, method):
        raise NotCompilable(f"{type(estimator).__qualname__} has no compiled {method}")
    return outputs[method]


def first_method(estimator: BaseEstimator, methods: str | Sequence[str]) -> Method:
    """Return the first of these methods that an inner estimator has.

    Raises:
        NotCompilable: it has none of them.
    """
    named = [methods] if isinstance(methods, str) else methods
    for method in named:
        if hasattr(estimator, method):
            return cast("Method", method)
    raise NotCompilable(f"{type(estimator).__qualname__} has none of {', '.join(named)}")


def binary_score(
    outputs: Outputs, method: Method, estimator: BaseEstimator, graph: Graph, *, column: int = 1
) -> Value:
    """Add the score of one of two classes, shape (n,): its probability or its margin."""
    value = output_of(outputs, method, estimator)
    if method == "predict_proba":
        return graph.add(composition.Pick(column), value, kind="answer")
    return value if column else graph.add(composition.Negative(), value, kind="answer")


def in_double(graph: Graph, x: Value) -> Value:
    """Return `x` in double precision, as it is when it is put among such numbers."""
    if not x.single:
        return x
    return graph.add(composition.Floats(), x, kind=x.kind, width=x.width)


def confidence(estimator: BaseEstimator, graph: Graph, x: Value) -> Value:
    """Add an inner estimator's confidence in the second of two labels, shape (n,)."""
    outputs = convert(estimator, graph, x)
    if is_regressor(estimator):
        return output_of(outputs, "predict", estimator)
    method = first_method(estimator, ("decision_function", "predict_proba"))
    return binary_score(outputs, method, estimator, graph)
