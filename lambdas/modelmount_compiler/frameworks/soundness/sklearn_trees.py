"""Checks scikit-learn's trees: decision trees, histogram boosting, and trees of neighbours.

Sources: sklearn/tree/_tree.pyx, sklearn/ensemble/_hist_gradient_boosting/_predictor.pyx and
sklearn/neighbors/_binary_tree.pxi.tp of scikit-learn 1.9. None of them checks an index.
"""

from typing import Any

import numpy as np

from modelmount_compiler.frameworks.soundness import damage

LEAF = -1
BITSET_WORDS = 8  # of 32 bits, one for each category
CATEGORIES = 256


def decision_tree(tree: Any, where: str) -> None:
    """Check a `Tree`: its nodes, its columns and the shape of its values."""
    if not 0 < tree.node_count <= tree.capacity:  # or its arrays reach beyond its memory
        raise damage.damaged(where, f"claims {tree.node_count} nodes of {tree.capacity}")
    state = tree.__getstate__()
    nodes, values = state["nodes"], state["values"]
    shape = (tree.node_count, tree.n_outputs, tree.max_n_classes)
    if len(nodes) != tree.node_count or values.shape != shape:
        raise damage.damaged(where, f"has values of the shape {values.shape}, not {shape}")
    inner = nodes["left_child"] != LEAF
    left, right = (nodes[f"{side}_child"].astype(np.int64) for side in ("left", "right"))
    damage.tree(left, right, inner, where)
    columns = damage.whole(nodes["feature"][inner], f"a column in {where}")
    damage.within(columns, 0, tree.n_features, f"a column in {where}")


def histogram_boosting(model: Any, where: str) -> None:
    """Check the trees of an estimator of histogram boosting, and its categories."""
    if not hasattr(model, "_predictors"):  # not fitted: what a wrapper was made with
        return
    width = int(model.n_features_in_)
    mapper: Any = getattr(model, "_bin_mapper", None)
    flags = getattr(mapper, "is_categorical_", None)
    categorical = np.zeros(width, bool) if flags is None else np.asarray(flags, dtype=bool)
    columns = _columns(model, width)
    damage.count(len(categorical), columns, f"is_categorical_ of {where}")
    for column in np.flatnonzero(categorical):
        known = np.asarray(mapper.bin_thresholds_[column], dtype=np.float64)
        if not ((known >= 0) & (known < CATEGORIES)).all():
            raise damage.damaged(where, f"knows a category beyond {CATEGORIES - 1}")
    outputs = int(model.n_trees_per_iteration_)
    for round_, predictors in enumerate(model._predictors):
        damage.count(len(predictors), outputs, f"round {round_} of {where}")
        for predictor in predictors:
            _predictor(predictor, columns, categorical, f"a tree of round {round_} of {where}")


def _columns(model: Any, width: int) -> int:
    """Return how many columns the trees see: those of the encoded input."""
    if getattr(model, "_preprocessor", None) is None:
        return width
    return len(model._is_categorical_remapped)


def _predictor(predictor: Any, width: int, categorical: Any, where: str) -> None:
    nodes = predictor.nodes
    inner = nodes["is_leaf"] == 0
    left, right = nodes["left"].astype(np.int64), nodes["right"].astype(np.int64)
    damage.tree(left, right, inner, where)
    columns = nodes["feature_idx"][inner].astype(np.int64)
    damage.within(columns, 0, width, f"a column in {where}")
    by_set = inner & (nodes["is_categorical"] != 0)
    if not by_set.any():
        return
    sets = predictor.raw_left_cat_bitsets
    if sets.ndim != 2 or sets.shape[1] != BITSET_WORDS:
        raise damage.damaged(where, f"has sets of categories of the shape {sets.shape}")
    damage.within(nodes["bitset_idx"][by_set].astype(np.int64), 0, len(sets), f"a set in {where}")
    if not categorical[nodes["feature_idx"][by_set]].all():
        raise damage.damaged(where, "splits by categories in a column that has none")


def neighbor_tree(tree: Any, where: str) -> None:
    """Check a k-d tree or ball tree."""
    data, order, about, boxes, _, _, nodes, *_, metric, weights = tree.__getstate__()
    n = len(data)
    damage.count(len(order), n, f"the order of rows in {where}")
    damage.within(damage.whole(order, where), 0, n, f"a row in {where}")
    damage.count(len(about), nodes, f"the list of nodes of {where}")
    if boxes.ndim != 3 or boxes.shape[1:] != (nodes, data.shape[1]):
        raise damage.damaged(where, f"has bounds of the shape {boxes.shape}")
    starts, ends = (about[f"idx_{end}"].astype(np.int64) for end in ("start", "end"))
    damage.within(starts, 0, n + 1, f"the first row of a node of {where}")
    damage.within(ends, 0, n + 1, f"the last row of a node of {where}")
    if (starts > ends).any() or not nodes or starts[0] != 0 or ends[0] != n:
        raise damage.damaged(where, "has a node whose rows end before they begin")
    inner = np.flatnonzero(about["is_leaf"] == 0)
    damage.within(2 * inner + 2, 0, nodes, f"a child in {where}")
    if weights is not None:
        damage.count(len(weights), n, f"the weights of {where}")
    distance_metric(metric, data.shape[1], where)


def distance_metric(metric: Any, width: int, where: str) -> None:
    """Check what a metric holds for each column; the class says which of it is read."""
    name = type(metric).__name__
    _, vector, matrix, *_ = metric.__getstate__()
    if name.startswith("SEuclidean") or (name.startswith("Minkowski") and len(vector)):
        damage.count(len(vector), width, f"the weights of the metric of {where}")
    elif name.startswith("Mahalanobis"):
        damage.count(len(vector), width, f"the metric of {where}")
        if matrix.shape != (width, width):
            raise damage.damaged(where, f"has a metric of the shape {matrix.shape}")
    elif name.startswith("Haversine"):
        damage.count(width, 2, f"the data of {where}")
