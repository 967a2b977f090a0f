"""Reads the trees in LightGBM's text format.

Source: src/io/tree.cpp (Tree::ToString) and include/LightGBM/tree.h of LightGBM 4.7.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from modelmount_compiler.convert.boosting.category_sets import CategorySets
from modelmount_compiler.convert.graph import NotCompilable
from modelmount_compiler.convert.trees.flat_forest import Tree
from modelmount_compiler.program.operations.trees.numpy_forest import (
    MISSING_IS_ZERO,
    TINY,
    ZERO_IS_MISSING,
)

Array = NDArray[Any]

# Bits of a node's decision_type.
CATEGORICAL, DEFAULT_LEFT = 1, 2
MISSING_SHIFT, MISSING_MASK = 2, 3
NONE, ZERO, NAN = 0, 1, 2
CELLS = {NONE: MISSING_IS_ZERO, ZERO: ZERO_IS_MISSING, NAN: 0}


class MissingTypes:
    """Collects from all nodes which values count as missing in each column.

    Args:
        width: number of columns of the input.
    """

    def __init__(self, width: int) -> None:
        self._missing = np.full(width, -1)

    def add(self, columns: Array, missing: Array) -> None:
        """Add the missing types of some nodes' columns; raises `NotCompilable` if they differ."""
        for column, kind in set(zip(columns.tolist(), missing.tolist(), strict=True)):
            if self._missing[column] not in (-1, kind):
                raise NotCompilable(f"trees differ in what is missing in column {column}")
            self._missing[column] = kind

    def cells(self) -> Array | None:
        """Return the kernel's codes for columns with special values; None if there are none."""
        codes = np.array([CELLS.get(kind, 0) for kind in self._missing], dtype=np.uint8)
        return codes if codes.any() else None


def sections(text: str) -> tuple[dict[str, str], list[dict[str, str]]]:
    """Split a model's text into its header and its trees, as dictionaries."""
    body = text.partition("\nend of trees")[0]
    header, *trees = body.split("\nTree=")
    return _pairs(header), [_pairs(tree) for tree in trees]


def _pairs(section: str) -> dict[str, str]:
    pairs = (line.partition("=") for line in section.splitlines())
    return {name: value for name, _, value in pairs}


def flat(tree: dict[str, str], missing_types: MissingTypes, sets: CategorySets) -> Tree:
    """Convert a tree; inner nodes come first, then the leaves, which LightGBM calls -1, -2, …"""
    if tree.get("is_linear", "0") != "0":
        raise NotCompilable("trees with linear models in their leaves have no compiled form")
    leaves = _numbers(tree, "leaf_value")
    inner = int(tree["num_leaves"]) - 1
    left, right = (_children(_whole(tree, f"{side}_child"), inner) for side in ("left", "right"))
    column, kind = _whole(tree, "split_feature"), _whole(tree, "decision_type")
    threshold = _numbers(tree, "threshold")
    categorical = (kind & CATEGORICAL) > 0
    missing = kind >> MISSING_SHIFT & MISSING_MASK
    missing_types.add(column[~categorical], missing[~categorical])
    places = threshold[categorical].astype(np.int64)
    threshold = _around_zero(threshold)
    if len(places):
        threshold[categorical] = _sets(tree, places, sets)
    goes_right = (missing != NONE) & ((kind & DEFAULT_LEFT) == 0) | categorical
    none = np.zeros(len(leaves), dtype=np.int64)
    flags = np.concatenate((categorical, none.astype(bool)))
    return Tree(
        np.concatenate((left, none - 1)),
        np.concatenate((right, none - 1)),
        np.concatenate((column, none)),
        np.concatenate((threshold, leaves)),
        missing_right=np.concatenate((goes_right, none.astype(bool))),
        categorical=flags if flags.any() else None,
        unknown_right=flags if flags.any() else None,
    )


def _around_zero(threshold: Array) -> Array:
    """Adjust thresholds near zero, because LightGBM rounds values up to 1e-35 to 0."""
    near = np.abs(threshold) <= TINY
    below = np.nextafter(-TINY, -np.inf)
    return np.where(near, np.where(threshold < 0, below, TINY), threshold)


def _sets(tree: dict[str, str], chosen: Array, sets: CategorySets) -> list[int]:
    """Return the start of each node's set; it holds the categories outside of LightGBM's set."""
    bounds, words = _whole(tree, "cat_boundaries"), _whole(tree, "cat_threshold")
    return [sets.add(~words[bounds[k] : bounds[k + 1]].astype(np.uint32)) for k in chosen]


def _children(found: Array, inner: int) -> Array:
    return np.where(found < 0, inner + ~found, found)


def _whole(tree: dict[str, str], name: str) -> Array:
    return np.array(tree.get(name, "").split(), dtype=np.int64)


def _numbers(tree: dict[str, str], name: str) -> Array:
    return np.array(tree.get(name, "").split(), dtype=np.float64)
