"""Converters of feature selectors."""

import numpy as np
from sklearn import feature_selection as selectors
from sklearn.base import BaseEstimator

from modelmount_compiler.convert import coercion
from modelmount_compiler.convert.graph import Graph, NotCompilable, Outputs, Value
from modelmount_compiler.convert.registry import convert, converts
from modelmount_compiler.frameworks.sklearn import releases
from modelmount_compiler.program.operations import sparse
from modelmount_compiler.program.operations.preprocessing import feature_selection


@converts(
    selectors.GenericUnivariateSelect,
    selectors.SelectFdr,
    selectors.SelectFpr,
    selectors.SelectFromModel,
    selectors.SelectFwe,
    selectors.SelectKBest,
    selectors.SelectPercentile,
    selectors.SequentialFeatureSelector,
    selectors.VarianceThreshold,
)
def select(model: BaseEstimator, graph: Graph, x: Value) -> Outputs:
    """Convert a feature selector: the selected columns."""
    return {"transform": selected(model, graph, x)}


@converts(selectors.RFE, selectors.RFECV)
def recursive(model: BaseEstimator, graph: Graph, x: Value) -> Outputs:
    """Convert recursive elimination: the selected columns, and the estimator on them."""
    columns = selected(model, graph, x)
    return {**convert(model.estimator_, graph, columns), "transform": columns}


def selected(model: BaseEstimator, graph: Graph, x: Value) -> Value:
    """Add the selection of columns by the mask that every selector has."""
    columns = np.flatnonzero(model.get_support())
    if not len(columns):
        raise NotCompilable(f"{type(model).__qualname__} chose no column")
    names = None if x.names is None else tuple(x.names[position] for position in columns)
    if x.kind == "sparse":
        places = np.full(len(model.get_support()), -1)
        places[columns] = np.arange(len(columns))
        kept = sparse.Select(places, len(columns))
        return graph.add(kept, x, kind="sparse", width=len(columns))
    allows_nan = releases.allows_missing(model)
    x = coercion.numbers(graph, x) if allows_nan else coercion.matrix(graph, x)
    return graph.add(feature_selection.Choice(columns), x, width=len(columns), names=names)
