"""Reads the trees in XGBoost's JSON format.

Source: doc/model.schema of XGBoost 3.2.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from modelmount_compiler.convert.boosting.category_sets import CategorySets
from modelmount_compiler.convert.graph import NotCompilable
from modelmount_compiler.convert.trees.flat_forest import Tree

Array = NDArray[Any]


def forest_of(
    booster: dict[str, Any], best: str | None, base: Array, sets: CategorySets
) -> tuple[list[Tree], Array]:
    """Return the trees, and the output that each tree adds to, uint32.

    Args:
        booster: the JSON of the gradient booster.
        best: the last round to use; None to use all rounds.
        base: initial sums, float32.
        sets: collects the sets of categories.
    """
    if booster["name"] not in ("gbtree", "dart"):
        raise NotCompilable(f"the booster {booster['name']} has no compiled form")
    model = booster.get("gbtree", booster)["model"]
    trees, targets = model["trees"], np.array(model["tree_info"], dtype=np.uint32)
    if best is not None:
        trees = trees[: _end_of(model, int(best), len(base))]
    flats = [_flat(tree, sets) for tree in trees]
    targets = targets[: len(trees)]
    for tree, weight, target in zip(flats, booster.get("weight_drop", ()), targets, strict=False):
        _drop(tree, np.float32(weight), base[target])
    return flats, targets


def _end_of(model: dict[str, Any], round_: int, outputs: int) -> int:
    """Return the number of trees up to the end of a round; before 2.0 each round has as many."""
    if "iteration_indptr" in model:
        return int(model["iteration_indptr"][round_ + 1])
    parallel = int(model["gbtree_model_param"]["num_parallel_tree"])
    return (round_ + 1) * max(parallel, 1) * outputs


def _flat(tree: dict[str, Any], sets: CategorySets) -> Tree:
    """Convert a tree; values below a threshold and categories outside of a set go left."""
    if tree["tree_param"]["size_leaf_vector"] not in ("0", "1"):
        raise NotCompilable("trees with several outputs each have no compiled form")
    left = np.array(tree["left_children"], dtype=np.int64)
    value = np.array(tree["split_conditions"], dtype=np.float32).astype(np.float64)
    inner = left >= 0
    value[inner] = np.nextafter(value[inner], -np.inf)
    categorical = inner & (np.array(tree["split_type"]) == 1)
    members = np.array(tree["categories"])
    for node, start, size in zip(
        tree["categories_nodes"],
        tree["categories_segments"],
        tree["categories_sizes"],
        strict=True,
    ):
        value[node] = sets.add_members(members[start : start + size])
    return Tree(
        left,
        np.array(tree["right_children"], dtype=np.int64),
        np.array(tree["split_indices"], dtype=np.int64),
        value,
        missing_right=inner & (np.array(tree["default_left"]) == 0),
        categorical=categorical if categorical.any() else None,
    )


def _drop(tree: Tree, weight: np.float32, base: np.float32) -> None:
    """Weight the leaves as the dart booster does: it adds the base and subtracts it again."""
    leaf = tree.left < 0
    values = tree.value[leaf].astype(np.float32)
    tree.value[leaf] = (values + base - base) * weight
