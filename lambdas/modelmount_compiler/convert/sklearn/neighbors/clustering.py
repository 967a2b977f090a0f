"""Converters of clusterers that assign new rows to the nearest center."""

from typing import Any

import numpy as np
from sklearn import cluster
from sklearn.base import BaseEstimator

from modelmount_compiler.convert import coercion
from modelmount_compiler.convert.graph import Graph, NotCompilable, Outputs, Value
from modelmount_compiler.convert.registry import converts
from modelmount_compiler.program.operations.dot_products import vecdot
from modelmount_compiler.program.operations.neighbors import clustering
from modelmount_compiler.program.operations.outputs import labels


def doubles(model: BaseEstimator, points: Any) -> Any:
    """Return the array if it is in float64.

    Raises:
        NotCompilable: the array has another dtype, in which distances round differently.
    """
    if points.dtype != np.float64:
        raise NotCompilable(f"{type(model).__qualname__} was fitted in {points.dtype}")
    return points


@converts(cluster.KMeans, cluster.MiniBatchKMeans)
def k_means(model: BaseEstimator, graph: Graph, x: Value) -> Outputs:
    """Convert k-means: the nearest center, and distances to all centers."""
    x = coercion.matrix(graph, x)
    centers = doubles(model, model.cluster_centers_)
    position = graph.add(clustering.Cell(centers), x, kind="answer")
    distances = graph.add(clustering.Distances(centers), x, width=len(centers))
    return {"predict": position, "transform": distances}


@converts(cluster.BisectingKMeans)
def bisecting(model: cluster.BisectingKMeans, graph: Graph, x: Value) -> Outputs:
    """Convert bisecting k-means: the leaf that a row reaches, and distances to all centers."""
    x = coercion.matrix(graph, x)
    centers = doubles(model, model.cluster_centers_)
    pairs: list[Any] = []
    children: list[list[int]] = []
    _descend(model, model._bisecting_tree, pairs, children)
    shape = (-1, 2, centers.shape[1])
    tree = clustering.Bisection(np.array(pairs).reshape(shape), np.array(children).reshape(-1, 2))
    return {
        "predict": graph.add(tree, x, kind="answer"),
        "transform": graph.add(clustering.Distances(centers), x, width=len(centers)),
    }


def _descend(model: Any, node: Any, pairs: list[Any], children: list[list[int]]) -> int:
    """List the inner nodes from a node on; return its number, or -label - 1 for a leaf."""
    if node.left is None:
        return -int(node.label) - 1
    pair = np.vstack((node.left.center, node.right.center))
    if hasattr(model, "_X_mean"):
        pair += model._X_mean
    position = len(pairs)
    pairs.append(pair)
    children.append([0, 0])
    sides = (node.left, node.right)
    children[position] = [_descend(model, side, pairs, children) for side in sides]
    return position


@converts(cluster.Birch)
def birch(model: cluster.Birch, graph: Graph, x: Value) -> Outputs:
    """Convert Birch: the label of the nearest subcluster, and distances to all subclusters."""
    x = coercion.matrix(graph, x)
    centers = doubles(model, model.subcluster_centers_)
    points = np.ascontiguousarray(centers)
    position = graph.add(clustering.Nearest(points, model._subcluster_norms), x, kind="answer")
    label = labels.Names(model.subcluster_labels_)
    return {
        "predict": graph.add(label, position, kind="answer"),
        "transform": graph.add(clustering.Distances(centers), x, width=len(centers)),
    }


@converts(cluster.MeanShift, cluster.AffinityPropagation)
def centers_only(model: BaseEstimator, graph: Graph, x: Value) -> Outputs:
    """Convert a clusterer with centers alone: the index of the nearest one."""
    centers = getattr(model, "cluster_centers_", None)
    if centers is None or not len(centers):
        raise NotCompilable(f"{type(model).__qualname__} has no centers")
    points = doubles(model, centers)
    return {"predict": nearest(points, graph, coercion.matrix(graph, x))}


def nearest(points: Any, graph: Graph, x: Value) -> Value:
    """Add the index of the nearest point; norms are summed as in the neighbor search."""
    points = np.ascontiguousarray(points, dtype=np.float64)
    return graph.add(clustering.Nearest(points, vecdot(points, points)), x, kind="answer")
