"""Converters of multivariate imputers, which use the other values of a row."""

import numpy as np
from sklearn.experimental import enable_iterative_imputer  # noqa: F401 (it registers the class)
from sklearn.impute import IterativeImputer, KNNImputer
from sklearn.linear_model import (
    ARDRegression,
    BayesianRidge,
    ElasticNet,
    HuberRegressor,
    Lasso,
    LinearRegression,
    Ridge,
    SGDRegressor,
)

from modelmount_compiler.convert.graph import Graph, NotCompilable, Outputs, Value
from modelmount_compiler.convert.registry import converts
from modelmount_compiler.convert.sklearn.preprocessing import imputation
from modelmount_compiler.frameworks.sklearn import releases
from modelmount_compiler.program.operations.preprocessing import columns, multivariate_imputation
from modelmount_compiler.program.operations.preprocessing.imputation import Fill

LINEAR = (
    ARDRegression,
    BayesianRidge,
    ElasticNet,
    HuberRegressor,
    Lasso,
    LinearRegression,
    Ridge,
    SGDRegressor,
)


@converts(KNNImputer)
def nearest(imputer: KNNImputer, graph: Graph, x: Value) -> Outputs:
    """Convert k-nearest imputation: the mean of the nearest training rows' values."""
    if imputer.metric != "nan_euclidean" or callable(imputer.weights):
        raise NotCompilable("KNNImputer has a metric or weights of its own")
    x = imputation.matrix(graph, x, imputer)
    lacks, valid = imputer._mask_fit_X, imputer._valid_mask
    rows = np.where(lacks, 0.0, imputer._fit_X).astype(np.float64)
    counts = np.maximum((~lacks).sum(axis=0), 1)
    means = np.where(valid, rows.sum(axis=0) / counts, 0.0)
    operation = multivariate_imputation.Donors(
        imputation.number(imputer),
        rows,
        lacks,
        means,
        imputer.n_neighbors,
        imputer.weights == "distance",
    )
    filled = graph.add(operation, x, width=x.width)
    if not valid.all() and getattr(imputer, "keep_empty_features", False):
        raise NotCompilable("KNNImputer keeps a column that had no value at fit")
    kept = valid.nonzero()[0]
    filled = graph.add(columns.Take(kept), filled, width=len(kept))
    return {"transform": imputation.indicated(graph, filled, x, imputer)}


@converts(IterativeImputer)
def iterative(imputer: IterativeImputer, graph: Graph, x: Value) -> Outputs:
    """Convert iterative imputation with linear models, in the order of the fit."""
    if imputer.sample_posterior:
        raise NotCompilable("IterativeImputer draws at random")
    if releases.had_empty_column(imputer):
        raise NotCompilable("IterativeImputer had a column without any value at fit")
    x = imputation.matrix(graph, x, imputer)
    first = imputer.initial_imputer_.statistics_.astype(np.float64)
    filled = graph.add(Fill(imputation.number(imputer), first), x, width=x.width)
    if imputer.n_iter_:
        filled = graph.add(_rounds(imputer, len(first)), x, filled, width=x.width)
    return {"transform": imputation.indicated(graph, filled, x, imputer)}


def _rounds(imputer: IterativeImputer, width: int) -> multivariate_imputation.Rounds:
    steps = imputer.imputation_sequence_
    weights = np.zeros((len(steps), width))
    for row, step in zip(weights, steps, strict=True):
        if type(step.estimator) not in LINEAR:
            raise NotCompilable(f"IterativeImputer uses {type(step.estimator).__qualname__}")
        row[step.neighbor_feat_idx] = step.estimator.coef_
    return multivariate_imputation.Rounds(
        imputation.number(imputer),
        np.array([step.feat_idx for step in steps], dtype=np.intp),
        weights,
        np.array([step.estimator.intercept_ for step in steps], dtype=np.float64),
        np.broadcast_to(imputer._min_value, width).astype(np.float64),
        np.broadcast_to(imputer._max_value, width).astype(np.float64),
    )
