"""Converters of linear models: an affine map, and a link function."""

from typing import Any

import numpy as np
from sklearn import linear_model as models
from sklearn.base import BaseEstimator
from sklearn.svm import LinearSVC, LinearSVR

from modelmount_compiler.convert import coercion
from modelmount_compiler.convert.graph import Graph, NotCompilable, Outputs, Value
from modelmount_compiler.convert.registry import converts
from modelmount_compiler.program.operations.linear import linear_models
from modelmount_compiler.program.operations.outputs import labels
from modelmount_compiler.program.program import Operation

BELOW_ZERO = float(np.nextafter(0, -1))  # `x > BELOW_ZERO` means `x >= 0`


def numbers(graph: Graph, x: Value) -> Value:
    """Return `x` as a checked matrix, dense or sparse, which can be multiplied by weights."""
    return coercion.matrix(graph, x, accepts_sparse=True)


def affine(graph: Graph, x: Value, coef: Any, intercept: Any) -> Value:  # arrays or numbers
    """Add x @ coef.T + intercept, for `coef` of shape (outputs, k); (k,) gives shape (n,)."""
    weights = np.asarray(coef, dtype=np.float64).T
    bias = np.atleast_1d(np.asarray(intercept, dtype=np.float64))
    operation = linear_models.Affine(weights, bias)
    if weights.ndim == 1:
        return graph.add(operation, x, kind="answer")
    return graph.add(operation, x, width=weights.shape[1])


def dense(coef: Any) -> Any:  # an array or a sparse matrix
    """Return coefficients as a dense array; `sparsify` can have made them sparse."""
    return coef.toarray() if hasattr(coef, "toarray") else coef


@converts(
    models.ARDRegression,
    models.BayesianRidge,
    models.ElasticNet,
    models.ElasticNetCV,
    models.HuberRegressor,
    models.Lars,
    models.LarsCV,
    models.Lasso,
    models.LassoCV,
    models.LassoLars,
    models.LassoLarsCV,
    models.LassoLarsIC,
    models.LinearRegression,
    LinearSVR,
    models.MultiTaskElasticNet,
    models.MultiTaskElasticNetCV,
    models.MultiTaskLasso,
    models.MultiTaskLassoCV,
    models.OrthogonalMatchingPursuit,
    models.OrthogonalMatchingPursuitCV,
    models.PassiveAggressiveRegressor,
    models.QuantileRegressor,
    models.Ridge,
    models.RidgeCV,
    models.SGDRegressor,
    models.TheilSenRegressor,
)
def regression(model: BaseEstimator, graph: Graph, x: Value) -> Outputs:
    """Convert linear regression: predictions of shape (n,), or (n, targets) for many targets."""
    return {"predict": affine(graph, numbers(graph, x), dense(model.coef_), model.intercept_)}


@converts(models.PoissonRegressor, models.GammaRegressor, models.TweedieRegressor)
def generalized(model: BaseEstimator, graph: Graph, x: Value) -> Outputs:
    """Convert a generalized linear model: an affine map, and the inverse link function."""
    value = affine(graph, numbers(graph, x), model.coef_, model.intercept_)
    link = type(model._base_loss.link).__name__
    if link == "LogLink":
        value = graph.add(linear_models.Exponential(), value, kind="answer")
    elif link != "IdentityLink":
        raise NotCompilable(f"{type(model).__qualname__} has the link {link}")
    return {"predict": value}


@converts(models.LogisticRegression, models.LogisticRegressionCV)
def logistic(model: BaseEstimator, graph: Graph, x: Value) -> Outputs:
    """Convert logistic regression: margins and their softmax, or one margin and its sigmoid."""
    outputs = margins(model, graph, x)
    binary = len(model.classes_) == 2
    return _probabilities(
        outputs, linear_models.Sigmoid() if binary else linear_models.Softmax(), graph
    )


@converts(models.SGDClassifier)
def stochastic(model: models.SGDClassifier, graph: Graph, x: Value) -> Outputs:
    """Convert `SGDClassifier`: margins, and probabilities for losses that have them."""
    outputs = margins(model, graph, x)
    if model.loss == "modified_huber":
        return _probabilities(outputs, linear_models.Ramp(), graph)
    if model.loss in ("log_loss", "log"):  # its name before 1.3
        binary = len(model.classes_) == 2
        link = linear_models.Sigmoid() if binary else linear_models.Sigmoids()
        return _probabilities(outputs, link, graph)
    return outputs


@converts(models.Perceptron, models.PassiveAggressiveClassifier, LinearSVC)
def margins(model: BaseEstimator, graph: Graph, x: Value) -> Outputs:
    """Convert a linear classifier: labels and margins, (n, classes) or (n,) for two classes."""
    coef = np.asarray(dense(model.coef_))
    if coef.ndim == 1 or coef.shape[0] == 1:
        margin = affine(graph, numbers(graph, x), coef.ravel(), model.intercept_)
        chosen = graph.add(labels.Above(model.classes_), margin, kind="answer")
    else:
        margin = affine(graph, numbers(graph, x), coef, model.intercept_)
        chosen = graph.add(labels.Highest(model.classes_), margin, kind="answer")
    return {"predict": chosen, "decision_function": margin}


def _probabilities(outputs: Outputs, link: Operation, graph: Graph) -> Outputs:
    """Add probabilities, which an inverse link function computes from margins."""
    return {**outputs, "predict_proba": graph.add(link, outputs["decision_function"])}


@converts(models.RidgeClassifier, models.RidgeClassifierCV)
def ridge_classifier(model: BaseEstimator, graph: Graph, x: Value) -> Outputs:
    """Convert a ridge classifier; fitted on an indicator matrix, it gives several labels."""
    binarizer = model._label_binarizer
    if binarizer.sparse_input_:
        raise NotCompilable(f"{type(model).__qualname__} was fitted on sparse labels")
    if not binarizer.y_type_.startswith("multilabel"):
        return margins(model, graph, x)
    margin = affine(graph, numbers(graph, x), model.coef_, model.intercept_)
    chosen = graph.add(labels.EachAbove(0.0, "int64"), margin, kind="answer")
    return {"predict": chosen, "decision_function": margin}


@converts(models.SGDOneClassSVM)
def one_class(model: models.SGDOneClassSVM, graph: Graph, x: Value) -> Outputs:
    """Convert the one-class SVM: the signed distance to outliers, and its sign."""
    margin = affine(graph, numbers(graph, x), model.coef_, -np.asarray(model.offset_))
    return {"predict": outlier(graph, margin, "int32"), "decision_function": margin}


def outlier(graph: Graph, margin: Value, dtype: str = "int64") -> Value:
    """Add labels of outlier detection: 1 if a margin is at least zero, otherwise -1."""
    classes = np.array([-1, 1], dtype=dtype)
    return graph.add(labels.Above(classes, BELOW_ZERO), margin, kind="answer")
