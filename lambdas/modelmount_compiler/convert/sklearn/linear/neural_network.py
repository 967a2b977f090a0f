"""Converters of neural networks."""

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.neural_network import BernoulliRBM, MLPClassifier, MLPRegressor

from modelmount_compiler.convert.graph import Graph, NotCompilable, Outputs, Value
from modelmount_compiler.convert.registry import converts
from modelmount_compiler.convert.sklearn.linear import linear_models
from modelmount_compiler.program.operations.linear import linear_models as operations
from modelmount_compiler.program.operations.linear import neural_network
from modelmount_compiler.program.operations.outputs import composition, labels


def _layers(model: BaseEstimator, graph: Graph, x: Value) -> Value:
    x = linear_models.numbers(graph, x)
    if any(weights.dtype != np.float64 for weights in model.coefs_):
        raise NotCompilable(f"{type(model).__qualname__} was fitted in float32")
    inner = [model.activation] * (len(model.coefs_) - 1)
    stages = zip(model.coefs_, model.intercepts_, [*inner, model.out_activation_], strict=True)
    for weights, bias, activation in stages:
        x = graph.add(neural_network.Layer(weights, bias, activation), x, width=len(bias))
    return x


@converts(MLPRegressor)
def regression(model: MLPRegressor, graph: Graph, x: Value) -> Outputs:
    """Convert a multilayer perceptron: the values of the last layer."""
    value = _layers(model, graph, x)
    if model.n_outputs_ == 1:
        value = graph.add(operations.Column(), value, kind="answer")
    return {"predict": value}


@converts(MLPClassifier)
def classification(model: MLPClassifier, graph: Graph, x: Value) -> Outputs:
    """Convert a multilayer perceptron: probabilities of the last layer, and labels."""
    value = _layers(model, graph, x)
    binarizer = model._label_binarizer
    if binarizer.sparse_input_:
        raise NotCompilable("MLPClassifier was fitted on sparse labels")
    if binarizer.y_type_ == "multilabel-indicator":
        each = labels.EachAbove(0.5, "int64")
        return {"predict": graph.add(each, value, kind="answer"), "predict_proba": value}
    if model.n_outputs_ > 1:
        highest = labels.Highest(binarizer.classes_)
        return {"predict": graph.add(highest, value, kind="answer"), "predict_proba": value}
    positive = graph.add(composition.Pick(0), value, kind="answer")
    above = labels.Above(binarizer.classes_, 0.5)
    return {
        "predict": graph.add(above, positive, kind="answer"),
        "predict_proba": graph.add(operations.Pair(), positive, width=2),
    }


@converts(BernoulliRBM)
def boltzmann(model: BernoulliRBM, graph: Graph, x: Value) -> Outputs:
    """Convert a restricted Boltzmann machine: probabilities of its hidden units."""
    x = linear_models.numbers(graph, x)
    layer = neural_network.Layer(model.components_.T, model.intercept_hidden_, "logistic")
    return {"transform": graph.add(layer, x, width=len(model.components_))}
