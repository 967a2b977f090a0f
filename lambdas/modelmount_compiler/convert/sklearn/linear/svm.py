"""Converters of support vector machines."""

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.svm import SVC, SVR, NuSVC, NuSVR, OneClassSVM

from modelmount_compiler.convert import coercion
from modelmount_compiler.convert.graph import Graph, NotCompilable, Outputs, Value
from modelmount_compiler.convert.registry import converts
from modelmount_compiler.program.operations.linear import svm
from modelmount_compiler.program.operations.outputs import composition, labels, multiclass
from modelmount_compiler.signature import Method

KERNELS = ("linear", "poly", "rbf", "sigmoid")


def _kernel(model: BaseEstimator, graph: Graph, x: Value, *, exact: bool = True) -> Value:
    name = type(model).__qualname__
    if model.kernel not in KERNELS:
        raise NotCompilable(f"{name} with a kernel of its own, or a precomputed one")
    if model._sparse:
        raise NotCompilable(f"{name} fitted on sparse rows")
    kernel = svm.Kernel(
        model.support_vectors_,
        model.kernel,
        float(model._gamma),
        float(model.coef0),
        int(model.degree),
        exact,
    )
    return graph.add(kernel, coercion.matrix(graph, x), width=len(model.support_vectors_))


def _margin(model: BaseEstimator, kernel: Value, graph: Graph) -> Value:
    margin = svm.Margin(model._dual_coef_[0], float(model._intercept_[0]))
    return graph.add(margin, kernel, kind="answer")


@converts(SVR, NuSVR)
def regression(model: BaseEstimator, graph: Graph, x: Value) -> Outputs:
    """Convert support vector regression: the margin itself."""
    return {"predict": _margin(model, _kernel(model, graph, x, exact=False), graph)}


@converts(OneClassSVM)
def one_class(model: OneClassSVM, graph: Graph, x: Value) -> Outputs:
    """Convert the one-class SVM: the margin and its sign; zero is an outlier."""
    margin = _margin(model, _kernel(model, graph, x), graph)
    above = labels.Above(np.array([-1, 1], dtype=np.intp))
    return {"predict": graph.add(above, margin, kind="answer"), "decision_function": margin}


@converts(SVC, NuSVC)
def classification(model: BaseEstimator, graph: Graph, x: Value) -> Outputs:
    """Convert a support vector classifier: one-vs-one votes, and coupled probabilities."""
    kernel = _kernel(model, graph, x)
    outputs = _binary if len(model.classes_) == 2 else _several
    found: dict[Method, Value] = dict(outputs(model, kernel, graph))
    if hasattr(model, "predict_proba") and model._probA.size:
        pairs = graph.add(_margins(model), kernel)
        coupled = svm.Coupled(model._probA, model._probB, len(model.classes_))
        found["predict_proba"] = graph.add(coupled, pairs, width=len(model.classes_))
    return found


def _binary(model: BaseEstimator, kernel: Value, graph: Graph) -> Outputs:
    margin = graph.add(composition.Negative(), _margin(model, kernel, graph), kind="answer")
    # libsvm predicts the first class if the margin, before the change of its sign, is above zero.
    below = labels.Above(model.classes_, float(np.nextafter(0, -1)))
    return {"predict": graph.add(below, margin, kind="answer"), "decision_function": margin}


def _several(model: BaseEstimator, kernel: Value, graph: Graph) -> Outputs:
    count = len(model.classes_)
    pairs = graph.add(_margins(model), kernel, width=count * (count - 1) // 2)
    first, second = np.triu_indices(count, 1)
    winner = graph.add(svm.Winner(np.eye(count)[first], np.eye(count)[second]), pairs)
    chosen = graph.add(labels.Names(model.classes_), winner, kind="answer")
    if model.decision_function_shape == "ovo":
        if model.break_ties:
            raise NotCompilable("break_ties with decision_function_shape='ovo' has no predict")
        return {"predict": chosen, "decision_function": pairs}
    confidences = graph.add(composition.Negative(), pairs)
    votes = graph.add(
        multiclass.Votes(count), graph.add(svm.Below(), pairs), confidences, width=count
    )
    if model.break_ties:
        chosen = graph.add(labels.Highest(model.classes_), votes, kind="answer")
    return {"predict": chosen, "decision_function": votes}


def _margins(model: BaseEstimator) -> svm.Margins:
    """Arrange the coefficients of each pair of classes in the order of libsvm's sums."""
    ends = np.cumsum(model._n_support)
    ranges = [np.arange(end - size, end) for size, end in zip(model._n_support, ends, strict=True)]
    places, coefficients = [], []
    for i, first in enumerate(ranges):
        for j in range(i + 1, len(ranges)):
            second, table = ranges[j], model._dual_coef_
            places.append(np.concatenate((first, second)))
            coefficients.append(np.concatenate((table[j - 1, first], table[i, second])))
    longest = max(map(len, places))
    return svm.Margins(
        np.stack(
            [np.pad(position, (0, longest - len(position)), mode="edge") for position in places]
        ),
        np.stack([np.pad(row, (0, longest - len(row))) for row in coefficients]),
        model._intercept_,
    )
