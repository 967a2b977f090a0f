"""Converter of learned dictionaries."""

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.decomposition import DictionaryLearning, MiniBatchDictionaryLearning

from modelmount_compiler.convert import inputs
from modelmount_compiler.convert.graph import Graph, NotCompilable, Outputs, Value
from modelmount_compiler.convert.registry import converts
from modelmount_compiler.program.operations.linear import linear
from modelmount_compiler.program.operations.preprocessing import scaling


@converts(DictionaryLearning, MiniBatchDictionaryLearning)
def dictionary(model: BaseEstimator, graph: Graph, x: Value) -> Outputs:
    """How much of each atom is in a row: soft-thresholded products with the atoms."""
    name = type(model).__qualname__
    if model.transform_algorithm != "threshold":
        raise NotCompilable(f"{name} finds codes by {model.transform_algorithm}")
    if model.split_sign or model.positive_code:
        raise NotCompilable(f"{name} has split_sign or positive_code")
    if model.components_.dtype != np.float64:
        raise NotCompilable(f"{name} was fitted in {model.components_.dtype}")
    distance = model.alpha if model.transform_alpha is None else model.transform_alpha
    width = len(model.components_)
    products = linear.Projection(model.components_.T)
    value = graph.add(products, inputs.matrix(graph, x), width=width)
    return {"transform": graph.add(scaling.SoftThreshold(float(distance)), value, width=width)}
