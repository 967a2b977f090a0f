"""Reads the trees in CatBoost's JSON format.

Source: https://catboost.ai/docs/en/concepts/save_model (`json`), checked with CatBoost 1.2.10.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from modelmount_compiler.convert.graph import NotCompilable
from modelmount_compiler.convert.trees.flat_forest import Tree
from modelmount_compiler.convert.trees.leaves import Leaves

Array = NDArray[Any]

DEEPEST = 12  # of a symmetric tree, which becomes 4,095 splits
MISSING = {"AsIs": False, "AsFalse": False, "AsTrue": True}


class Features:
    """The columns of the features that trees split on, and the direction of missing values.

    Args:
        info: `features_info` of the model's JSON.
    """

    def __init__(self, info: dict[str, Any]) -> None:
        others = set(info) - {"float_features"}
        if others:
            raise NotCompilable(f"{', '.join(sorted(others))} have no compiled form")
        found = sorted(info["float_features"], key=lambda f: f["feature_index"])
        self.columns = np.array([f["flat_feature_index"] for f in found])
        self.missing_right = np.array([MISSING[f["nan_value_treatment"]] for f in found])


def symmetric(tree: dict[str, Any], features: Features, leaves: Leaves) -> Tree:
    """Convert a tree in which all nodes of a level share one split; the last one is the root's.

    The split at position i decides bit i of the leaf's number.
    """
    splits = (tree["splits"] or [])[::-1]
    depth = len(splits)
    if depth > DEEPEST:
        raise NotCompilable(f"symmetric trees of depth {depth}, of which {DEEPEST} is the most")
    feature, border = _read(splits)
    inner, n = 2**depth - 1, 2 ** (depth + 1) - 1
    level = np.log2(np.arange(1, inner + 1)).astype(np.int64)
    left = np.where(np.arange(n) < inner, 2 * np.arange(n) + 1, -1)
    column, value = np.zeros(n, dtype=np.int64), np.zeros(n)
    missing = np.zeros(n, dtype=bool)
    column[:inner] = features.columns[feature[level]]
    missing[:inner] = features.missing_right[feature[level]]
    content = np.zeros((n, leaves.outputs))
    content[inner:] = np.reshape(tree["leaf_values"], (-1, leaves.outputs))
    value = leaves.add(left < 0, content)
    value[:inner] = border[level]
    return Tree(left, np.where(left < 0, -1, left + 1), column, value, missing_right=missing)


def asymmetric(tree: dict[str, Any], features: Features, leaves: Leaves) -> Tree:
    """Convert a tree of nested nodes; parents get numbers before their children."""
    nodes = [tree]
    left = []
    for node in nodes:
        left.append(len(nodes) if "split" in node else -1)
        if "split" in node:
            nodes += [node["left"], node["right"]]
    children = np.array(left)
    inner = children >= 0
    feature, border = _read([node["split"] for node in nodes if "split" in node])
    column, missing = np.zeros(len(nodes), dtype=np.int64), inner.copy()
    column[inner], missing[inner] = features.columns[feature], features.missing_right[feature]
    content = np.zeros((len(nodes), leaves.outputs))
    content[~inner] = [np.ravel(node["value"]) for node in nodes if "split" not in node]
    value = leaves.add(~inner, content)
    value[inner] = border
    return Tree(children, np.where(inner, children + 1, -1), column, value, missing_right=missing)


def _read(splits: list[dict[str, Any]]) -> tuple[Array, Array]:
    """Return the feature and the border of each split; a value above the border goes right."""
    kinds = {split["split_type"] for split in splits} - {"FloatFeature"}
    if kinds:
        raise NotCompilable(f"splits of the kind {', '.join(sorted(kinds))} have no compiled form")
    feature = np.array([split["float_feature_index"] for split in splits], dtype=np.int64)
    border = np.array([split["border"] for split in splits], dtype=np.float32)
    return feature, border.astype(np.float64)
