"""What holds other estimators converts them, and asks them, with these functions."""

from collections.abc import Sequence
from typing import cast

from sklearn.base import BaseEstimator, is_regressor

from modelmount_compiler.convert.graph import Graph, NotCompilable, Outputs, Value
from modelmount_compiler.convert.registry import convert
from modelmount_compiler.program.operations.outputs import composition
from modelmount_compiler.signature import Method


def answer(part: BaseEstimator, method: Method, graph: Graph, x: Value) -> Value:
    """Add what answers one method of a part.

    Raises:
        NotCompilable: it has no compiled form; the text names the part.
    """
    return of(convert(part, graph, x), method, part)


def of(outputs: Outputs, method: Method, part: BaseEstimator) -> Value:
    """Choose one of a part's outputs.

    Raises:
        NotCompilable: it isn't among them; the text names the part.
    """
    if method not in outputs or not hasattr(part, method):
        raise NotCompilable(f"{type(part).__qualname__} has no compiled {method}")
    return outputs[method]


def chosen(part: BaseEstimator, methods: str | Sequence[str]) -> Method:
    """Return the first of these methods that a part has.

    Raises:
        NotCompilable: it has none.
    """
    named = [methods] if isinstance(methods, str) else methods
    for method in named:
        if hasattr(part, method):
            return cast("Method", method)
    raise NotCompilable(f"{type(part).__qualname__} has none of {', '.join(named)}")


def positive(
    outputs: Outputs, method: Method, part: BaseEstimator, graph: Graph, *, column: int = 1
) -> Value:
    """Add the score of one of two classes, shape (n,): its probability, or its margin."""
    value = of(outputs, method, part)
    if method == "predict_proba":
        return graph.add(composition.Pick(column), value, kind="answer")
    return value if column else graph.add(composition.Negative(), value, kind="answer")


def confidence(part: BaseEstimator, graph: Graph, x: Value) -> Value:
    """Add how sure a part is of the second of two labels, shape (n,)."""
    outputs = convert(part, graph, x)
    if is_regressor(part):
        return of(outputs, "predict", part)
    method = chosen(part, ("decision_function", "predict_proba"))
    return positive(outputs, method, part, graph)
