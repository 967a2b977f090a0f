"""Converters of naive Bayes classifiers."""

from typing import Any

import numpy as np
from sklearn import naive_bayes as models
from sklearn.base import BaseEstimator

from modelmount_compiler.convert import coercion
from modelmount_compiler.convert.graph import Graph, NotCompilable, Outputs, Value
from modelmount_compiler.convert.registry import converts
from modelmount_compiler.convert.sklearn.linear import linear_models
from modelmount_compiler.program.operations.linear import linear_models as operations
from modelmount_compiler.program.operations.linear import naive_bayes
from modelmount_compiler.program.operations.outputs import labels
from modelmount_compiler.program.operations.sparse import Positive


@converts(models.GaussianNB)
def gaussian(model: models.GaussianNB, graph: Graph, x: Value) -> Outputs:
    """Convert Gaussian naive Bayes: independent normal columns."""
    scales = np.array([-0.5 * np.sum(np.log(2.0 * np.pi * row)) for row in model.var_])
    joint = naive_bayes.GaussianLikelihood(
        model.theta_, model.var_, np.log(model.class_prior_), scales
    )
    return _posterior(model, graph.add(joint, coercion.matrix(graph, x)), graph)


@converts(models.MultinomialNB)
def multinomial(model: models.MultinomialNB, graph: Graph, x: Value) -> Outputs:
    """Convert multinomial naive Bayes: counts."""
    x = linear_models.numbers(graph, x)
    joint = linear_models.affine(graph, x, model.feature_log_prob_, model.class_log_prior_)
    return _posterior(model, joint, graph)


@converts(models.ComplementNB)
def complement(model: models.ComplementNB, graph: Graph, x: Value) -> Outputs:
    """Convert complement naive Bayes: counts in the other classes."""
    x = linear_models.numbers(graph, x)
    if len(model.classes_) == 1:
        joint = linear_models.affine(graph, x, model.feature_log_prob_, model.class_log_prior_)
    else:
        joint = graph.add(operations.Projection(model.feature_log_prob_.T), x)
    return _posterior(model, joint, graph)


@converts(models.BernoulliNB)
def bernoulli(model: models.BernoulliNB, graph: Graph, x: Value) -> Outputs:
    """Convert Bernoulli naive Bayes: presence and absence of features."""
    x = linear_models.numbers(graph, x)
    if model.binarize is not None:
        threshold = float(model.binarize)
        if x.kind == "sparse" and threshold < 0:
            raise NotCompilable("BernoulliNB of sparse rows with a negative threshold")
        above = Positive(threshold) if x.kind == "sparse" else naive_bayes.Binary(threshold)
        x = graph.add(above, x, kind=x.kind, width=x.width)
    absent = np.log(1 - np.exp(model.feature_log_prob_))
    bias = model.class_log_prior_ + absent.sum(axis=1)
    joint = linear_models.affine(graph, x, model.feature_log_prob_ - absent, bias)
    return _posterior(model, joint, graph)


@converts(models.CategoricalNB)
def categorical(model: models.CategoricalNB, graph: Graph, x: Value) -> Outputs:
    """Convert categorical naive Bayes: categories as integers."""
    tables: tuple[Any, ...] = tuple(model.feature_log_prob_)
    joint = naive_bayes.CategoricalLikelihood(tables, model.class_log_prior_)
    return _posterior(model, graph.add(joint, coercion.matrix(graph, x)), graph)


def _posterior(model: BaseEstimator, joint: Value, graph: Graph) -> Outputs:
    return {
        "predict": graph.add(labels.Highest(model.classes_), joint, kind="answer"),
        "predict_proba": graph.add(naive_bayes.Posterior(), joint, width=len(model.classes_)),
    }
