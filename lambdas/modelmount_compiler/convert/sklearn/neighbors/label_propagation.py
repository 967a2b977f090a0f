"""Converters of label propagation, which learns from labels of a few rows."""

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.semi_supervised import LabelPropagation, LabelSpreading

from modelmount_compiler.convert import coercion
from modelmount_compiler.convert.graph import Graph, NotCompilable, Outputs, Value
from modelmount_compiler.convert.registry import converts
from modelmount_compiler.convert.sklearn.neighbors.clustering import doubles
from modelmount_compiler.convert.sklearn.neighbors.nearest_neighbors import closest
from modelmount_compiler.program.operations.neighbors import label_propagation
from modelmount_compiler.program.operations.outputs import labels


@converts(LabelPropagation, LabelSpreading)
def spread(model: BaseEstimator, graph: Graph, x: Value) -> Outputs:
    """Convert label propagation: shares of the classes, weighted by nearness of fitted rows."""
    shares = np.ascontiguousarray(model.label_distributions_)
    if model.kernel == "rbf":
        points = doubles(model, model.X_)
        norms = np.einsum("ij,ij->i", points, points)
        operation = label_propagation.Radial(points, norms, float(model.gamma), shares)
        value = graph.add(operation, coercion.matrix(graph, x), width=len(model.classes_))
    elif model.kernel == "knn":
        near = closest(model.nn_fit, model.n_neighbors, graph, x)
        value = graph.add(label_propagation.Nearest(shares), near, width=len(model.classes_))
    else:
        raise NotCompilable(f"{type(model).__qualname__} with a kernel of its own")
    highest = graph.add(labels.Highest(model.classes_), value, kind="answer")
    return {"predict": highest, "predict_proba": value}
