"""Checks XGBoost's models in JSON or UBJSON: trees, their targets, categories and linear weights.

Source: doc/model.schema and src/tree/tree_model.cc of XGBoost 3.2.
"""

import json
import re
from typing import Any

import numpy as np

from modelmount_compiler.frameworks.soundness import damage, ubjson

# Arrays of a tree that have an entry for each node.
BY_NODE = (
    *("left_children", "right_children", "parents", "split_indices", "split_conditions"),
    *("default_left", "sum_hessian", "loss_changes", "split_type"),
)
JSON = re.compile(rb'\s*\{\s*"')
MOST_TARGETS = 1_000_000


def check(data: bytes) -> None:
    """Check the content of a model file, or what `Booster.save_raw` gives.

    Raises:
        ModelRejected: a number in it leads nowhere.
    """
    try:
        model = _parsed(data)["learner"]
        booster = model["gradient_booster"]
        name = booster["name"]
        about = model["learner_model_param"]
        width = int(about["num_feature"])
        outputs = max(int(about["num_class"]), 1) * max(int(about.get("num_target", 1)), 1)
        if not 0 <= width <= damage.LARGEST or not 0 < outputs <= MOST_TARGETS:
            raise damage.damaged("learner_model_param", f"has {width} columns, {outputs} outputs")
        _names(model, width)
        if name == "gblinear":
            weights = booster["model"]["weights"]
            damage.count(len(weights), (width + 1) * outputs, "the weights of gblinear")
            return
        if "weight_drop" in booster:
            trees = len(booster["gbtree"]["model"]["trees"])
            damage.count(len(booster["weight_drop"]), trees, "weight_drop")
        _forest(booster.get("gbtree", booster)["model"], width, outputs, model)
    except (LookupError, TypeError, ValueError, AttributeError, RecursionError) as error:
        what = f"can't be read ({type(error).__name__}: {error})"
        raise damage.damaged("the file of XGBoost", what) from error


def _parsed(data: bytes) -> Any:
    if JSON.match(data):
        return json.loads(data, object_pairs_hook=_without_duplicates)
    return ubjson.loads(data)


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name is given twice in one object")
    return found


def _names(model: dict[str, Any], width: int) -> None:
    for name in ("feature_names", "feature_types"):
        if len(model.get(name, ())):
            damage.count(len(model[name]), width, name)


def _forest(model: dict[str, Any], width: int, outputs: int, learner: dict[str, Any]) -> None:
    trees = model["trees"]
    damage.count(int(model["gbtree_model_param"]["num_trees"]), len(trees), "num_trees")
    targets = damage.whole(model["tree_info"], "tree_info")
    damage.count(len(targets), len(trees), "tree_info")
    damage.within(targets, 0, outputs, "tree_info")
    rounds = damage.whole(model.get("iteration_indptr", [0]), "iteration_indptr")
    damage.bounds(rounds, len(rounds) - 1, len(trees), "iteration_indptr")
    best = learner.get("attributes", {}).get("best_iteration")
    if best is not None and "iteration_indptr" in model:
        damage.within(
            damage.whole([int(best)], "best_iteration"), 0, len(rounds) - 1, "best_iteration"
        )
    for index, tree in enumerate(trees):
        _tree(tree, width, outputs, f"tree {index}")
    if "cats" in model:
        _known_categories(model["cats"], width)


def _tree(tree: dict[str, Any], width: int, outputs: int, where: str) -> None:
    about = tree["tree_param"]
    nodes = int(about["num_nodes"])
    vector = max(int(about["size_leaf_vector"]), 1)
    damage.within(damage.whole([vector], where), 1, outputs + 1, f"size_leaf_vector of {where}")
    left, right = (damage.whole(tree[f"{s}_children"], where) for s in ("left", "right"))
    columns = damage.whole(tree["split_indices"], where)
    for name in BY_NODE:
        if name in tree:
            damage.count(len(tree[name]), nodes, f"{name} of {where}")
    damage.count(len(tree["base_weights"]) % nodes if nodes else 1, 0, f"base_weights of {where}")
    inner = left != -1
    damage.tree(left, right, inner, where)
    damage.within(columns[inner], 0, width, f"a column in {where}")
    if vector > 1 and "leaf_weights" in tree:
        # A leaf of several outputs has the number of its weights in place of a child.
        sets = len(tree["leaf_weights"]) // vector
        damage.within(right[~inner], 0, sets, f"the weights of a leaf in {where}")
    _sets(tree, inner, f"the categories of {where}")


def _sets(tree: dict[str, Any], inner: damage.Array, where: str) -> None:
    """Check the sets of categories: each node by categories has one, inside the list."""
    if "categories_nodes" not in tree:
        return
    nodes, starts, sizes = (
        damage.whole(tree[f"categories_{name}"], where) for name in ("nodes", "segments", "sizes")
    )
    members = damage.whole(tree["categories"], where)
    kinds = damage.whole(tree.get("split_type", np.zeros(len(inner), np.int64)), where)
    damage.count(len(starts), len(nodes), where)
    damage.count(len(sizes), len(nodes), where)
    damage.within(nodes, 0, len(inner), where)
    damage.within(kinds, 0, 2, f"split_type of {where}")
    damage.within(starts, 0, len(members) + 1, where)
    damage.within(sizes, 0, len(members) + 1, where)
    damage.within(starts + sizes, 0, len(members) + 1, where)
    damage.within(members, 0, 2**24, where)
    if set(np.flatnonzero(inner & (kinds == 1)).tolist()) - set(nodes.tolist()):
        raise damage.damaged(where, "lack a node that splits by them")


def _known_categories(cats: dict[str, Any], width: int) -> None:
    where = "the categories of the data frame"
    segments = damage.whole(cats.get("feature_segments", ()), where)
    if len(segments):
        damage.bounds(segments, len(segments) - 1, int(segments[-1]), where)
        damage.count(len(segments), width + 1, where)
        places = damage.whole(cats.get("sorted_idx", ()), where)
        damage.count(len(places), int(segments[-1]), where)
    for column, known in enumerate(cats.get("enc", ())):
        size = int(segments[column + 1] - segments[column])
        offsets = damage.whole(known.get("offsets", ()), where)
        entries = len(known["values"])
        if "offsets" in known:
            entries = max(len(offsets) - 1, 0)
        if len(offsets):
            damage.bounds(offsets, entries, len(known["values"]), where)
        damage.count(entries, size, where)
        damage.within(places[segments[column] : segments[column + 1]], 0, max(size, 1), where)
