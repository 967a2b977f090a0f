"""Converters of scikit-learn's histogram gradient boosting."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, is_classifier
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

from modelmount_compiler.convert import coercion
from modelmount_compiler.convert.graph import Graph, Outputs, Value
from modelmount_compiler.convert.registry import convert, converts
from modelmount_compiler.convert.sklearn.preprocessing import column_transformer
from modelmount_compiler.convert.sklearn.trees.boosting import several_classes, two_classes
from modelmount_compiler.convert.trees.flat_forest import Tree, tree_sum
from modelmount_compiler.program.operations.linear import linear_models
from modelmount_compiler.program.operations.preprocessing import category_codes

Array = NDArray[Any]

BITS = 256  # in a set of categories


@converts(HistGradientBoostingClassifier, HistGradientBoostingRegressor)
def histogram_boosting(model: BaseEstimator, graph: Graph, x: Value) -> Outputs:
    """Convert histogram boosting: a baseline plus leaves, and the loss's link function."""
    start = np.asarray(model._baseline_prediction).reshape(-1)
    bitsets, bitset_of = model._bin_mapper.make_known_categories_bitsets()
    sets: list[Array] = []
    flats = [
        _flat(predictor, bitsets, bitset_of, sets)
        for iteration in model._predictors
        for predictor in iteration
    ]
    options = {
        "targets": np.tile(np.arange(len(start), dtype=np.uint32), len(model._predictors)),
        "categories": np.concatenate(sets) if sets else None,
    }
    raw = tree_sum(graph, _encoded(model, graph, x), flats, model._n_features, start, **options)
    if is_classifier(model):
        answers = several_classes if len(start) > 1 else two_classes
        return answers(graph, raw, model.classes_)
    value = graph.add(linear_models.Column(), raw, kind="answer")
    if type(model._loss.link).__name__ == "LogLink":
        value = graph.add(linear_models.Exponential(), value, kind="answer")
    return {"predict": value}


def _encoded(model: Any, graph: Graph, x: Value) -> Value:
    """Add the encoded columns; categorical ones come first, as in the model."""
    if model.is_categorical_ is None:
        return x
    if not hasattr(model, "_preprocessor"):  # before 1.4 categories are codes
        places = tuple(np.flatnonzero(model.is_categorical_).tolist())
        matrix = coercion.numbers(graph, x)
        return graph.add(category_codes.Bytes(places), matrix, width=matrix.width)
    encoder = model._preprocessor.named_transformers_["encoder"]
    chosen, rest = (np.flatnonzero(m) for m in (model.is_categorical_, ~model.is_categorical_))
    blocks = []
    if len(chosen):
        codes = convert(encoder, graph, column_transformer.select(graph, x, chosen.tolist()))
        blocks.append(codes["transform"])
    if len(rest):
        blocks.append(coercion.numbers(graph, column_transformer.select(graph, x, rest.tolist())))
    return coercion.concatenate(graph, blocks)


def _flat(predictor: Any, bitsets: Array, bitset_of: Array, sets: list[Array]) -> Tree:
    """Convert a tree, and append its sets of categories to `sets`."""
    nodes = predictor.nodes
    leaf, categorical = nodes["is_leaf"] != 0, nodes["is_categorical"] != 0
    missing_right = nodes["missing_go_to_left"] == 0
    value = np.where(leaf, nodes["value"], nodes["num_threshold"])
    for k in np.flatnonzero(categorical & ~leaf):
        left = predictor.raw_left_cat_bitsets[nodes["bitset_idx"][k]]
        unknown = np.uint32(0xFFFFFFFF if missing_right[k] else 0)
        right = ~left & (bitsets[bitset_of[nodes["feature_idx"][k]]] | unknown)
        value[k] = sum(map(len, sets))
        sets.append(np.concatenate(([np.uint32(BITS)], right)).astype(np.uint32))
    return Tree(
        left=np.where(leaf, -1, nodes["left"].astype(np.int64)),
        right=nodes["right"].astype(np.int64),
        column=nodes["feature_idx"],
        value=value,
        missing_right=missing_right,
        categorical=categorical,
        unknown_right=categorical & missing_right,
    )
