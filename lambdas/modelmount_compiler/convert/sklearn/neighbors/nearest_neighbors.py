"""Converters of neighbor models; compiled, they compute the distances to all training rows."""

from typing import Any

import numpy as np
from sklearn import neighbors as models
from sklearn.base import BaseEstimator

from modelmount_compiler.convert import coercion
from modelmount_compiler.convert.graph import Graph, NotCompilable, Outputs, Value
from modelmount_compiler.convert.registry import converts
from modelmount_compiler.convert.sklearn.linear.linear_models import outlier
from modelmount_compiler.frameworks.sklearn import releases
from modelmount_compiler.program.operations.linear import linear_models
from modelmount_compiler.program.operations.neighbors import nearest_neighbors, neighbor_search
from modelmount_compiler.program.operations.outputs import composition, labels
from modelmount_compiler.signature import Method

METRICS = ("euclidean", "manhattan", "chebyshev")


def distances(model: BaseEstimator, graph: Graph, x: Value, order: Any = None) -> Value:
    """Add distances to all fitted rows, computed as by the model's own search.

    Args:
        model: the fitted neighbor model.
        graph: the graph to add to.
        x: the rows.
        order: order of the fitted rows; None for that of the fit.

    Raises:
        NotCompilable: the metric or the kind of rows has no compiled form.
    """
    name, metric, rows = type(model).__qualname__, model.effective_metric_, model._fit_X
    if metric not in METRICS:
        raise NotCompilable(f"{name} by the distance {metric!r}")
    if not isinstance(rows, np.ndarray) or rows.dtype != np.float64:
        raise NotCompilable(f"{name} fitted on rows that aren't dense and in double precision")
    brute = model._fit_method == "brute"
    if brute and not releases.has_own_search(rows, metric):
        raise NotCompilable(f"{name} without scikit-learn's own search")
    expanded = brute and metric == "euclidean"
    rows = rows if order is None else rows[order]
    points = np.ascontiguousarray(rows if expanded else rows.T)
    return graph.add(neighbor_search.Apart(points, metric, expanded), coercion.matrix(graph, x))


def closest(model: BaseEstimator, count: int, graph: Graph, x: Value) -> Value:
    """Add the search for the nearest fitted rows."""
    if model._fit_method == "brute" and model.effective_metric_ == "euclidean":
        search = neighbor_search.ClosestExpanded(int(count))
        return graph.add(search, distances(model, graph, x), kind="answer")
    tree = _tree(model._tree) if model._fit_method == "kd_tree" else None
    nearest = neighbor_search.Closest(int(count), model.effective_metric_, tree)
    rows = coercion.matrix(graph, x)
    return graph.add(nearest, distances(model, graph, x), rows, kind="answer")


def _tree(tree: models.KDTree) -> dict[str, Any]:
    """Return the arrays of a k-d tree that decide the order of the search."""
    _, places, nodes, bounds = (np.asarray(array) for array in tree.get_arrays())
    return {
        "places": places,
        "starts": np.ascontiguousarray(nodes["idx_start"]),
        "stops": np.ascontiguousarray(nodes["idx_end"]),
        "lower": np.ascontiguousarray(bounds[0]),
        "upper": np.ascontiguousarray(bounds[1]),
    }


def _weighted(model: BaseEstimator) -> bool:
    if model.weights not in ("uniform", "distance", None):
        raise NotCompilable(f"{type(model).__qualname__} with a function for weights")
    return bool(model.weights == "distance")


def _targets(model: BaseEstimator) -> list[tuple[Any, Any]]:
    """List, for each target, the training rows' class indices and the classes."""
    if not model.outputs_2d_:
        return [(model._y, model.classes_)]
    return list(zip(model._y.T, model.classes_, strict=True))


def _answer(model: BaseEstimator, values: list[Value], graph: Graph, together: Any) -> Value:
    return graph.add(together, *values, kind="answer") if model.outputs_2d_ else values[0]


@converts(models.KNeighborsClassifier)
def classification(model: models.KNeighborsClassifier, graph: Graph, x: Value) -> Outputs:
    """Convert a classifier by k neighbors: shares of the classes among them."""
    weighted = _weighted(model)
    near = closest(model, model.n_neighbors, graph, x)
    if weighted:
        near = graph.add(neighbor_search.Reached(), near, kind="answer")
    shares, names = [], []
    for label, classes in _targets(model):
        position, count = np.ascontiguousarray(label), len(classes)
        share = graph.add(nearest_neighbors.Votes(position, count, weighted), near, width=count)
        total = graph.add(nearest_neighbors.Totals(position, count), near) if weighted else share
        shares.append(share)
        names.append(graph.add(labels.Highest(classes), total, kind="answer"))
    return {
        "predict": _answer(model, names, graph, composition.Beside()),
        "predict_proba": _answer(model, shares, graph, composition.Each()),
    }


@converts(models.KNeighborsRegressor)
def regression(model: models.KNeighborsRegressor, graph: Graph, x: Value) -> Outputs:
    """Convert a regressor by k neighbors: the mean of their targets."""
    near = closest(model, model.n_neighbors, graph, x)
    mean = nearest_neighbors.Mean(_matrix(model._y), _weighted(model))
    return {"predict": _column(model, graph.add(mean, near), graph)}


def _matrix(y: Any) -> Any:
    return np.ascontiguousarray(y[:, None] if y.ndim == 1 else y, dtype=np.float64)


def _column(model: BaseEstimator, value: Value, graph: Graph) -> Value:
    return graph.add(linear_models.Column(), value, kind="answer") if model._y.ndim == 1 else value


@converts(models.RadiusNeighborsClassifier)
def radius_classification(
    model: models.RadiusNeighborsClassifier, graph: Graph, x: Value
) -> Outputs:
    """Convert a classifier by radius: shares of the classes within it."""
    order = _order(model)
    counts = _within(model, graph, x, order)
    shares, names = [], []
    for position, (label, classes) in enumerate(_targets(model)):
        alone = None if model.outlier_label_ is None else np.asarray(model.outlier_label_)[position]
        found = np.flatnonzero(classes == alone)
        code = -2 if alone is None else int(found[0]) if found.size else -1
        ballot = nearest_neighbors.Ballot(label[order], len(classes), code)
        share = graph.add(ballot, counts, width=len(classes))
        other = classes[:1] if alone is None else np.array([alone], dtype=classes.dtype)
        shares.append(share)
        names.append(graph.add(nearest_neighbors.Named(classes, other), share, kind="answer"))
    return {
        "predict": _answer(model, names, graph, composition.Beside()),
        "predict_proba": _answer(model, shares, graph, composition.Each()),
    }


@converts(models.RadiusNeighborsRegressor)
def radius_regression(model: models.RadiusNeighborsRegressor, graph: Graph, x: Value) -> Outputs:
    """Convert a regressor by radius: the mean of the targets within it."""
    if model._y.dtype.kind != "f":
        raise NotCompilable("RadiusNeighborsRegressor with whole numbers as targets")
    mean = nearest_neighbors.Average(_matrix(model._y))
    return {"predict": _column(model, graph.add(mean, _within(model, graph, x)), graph)}


def _order(model: BaseEstimator) -> Any:
    """Return the order in which a search within a radius visits the rows."""
    if model._fit_method == "brute":
        return np.arange(len(model._fit_X))
    return np.asarray(model._tree.get_arrays()[1])


def _within(model: BaseEstimator, graph: Graph, x: Value, order: Any = None) -> Value:
    squared, radius = model.effective_metric_ == "euclidean", float(model.radius)
    limit = radius * radius if squared else radius
    within = nearest_neighbors.Within(limit, squared, _weighted(model))
    return graph.add(within, distances(model, graph, x, order))


@converts(models.LocalOutlierFactor)
def local_outliers(model: models.LocalOutlierFactor, graph: Graph, x: Value) -> Outputs:
    """Convert the local outlier factor for new rows."""
    if not model.novelty:
        raise NotCompilable("LocalOutlierFactor without novelty=True answers no new rows")
    near = closest(model, model.n_neighbors_, graph, x)
    reach = np.ascontiguousarray(model._distances_fit_X_[:, model.n_neighbors_ - 1])
    factor = nearest_neighbors.Outlyingness(reach, model._lrd, float(model.offset_))
    margin = graph.add(factor, near, kind="answer")
    found: dict[Method, Value] = {"predict": outlier(graph, margin), "decision_function": margin}
    return found
