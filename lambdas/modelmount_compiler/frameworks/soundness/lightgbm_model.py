"""Checks LightGBM's text models: trees, their columns, categories and linear leaves.

Source: src/io/tree.cpp (the constructor from text) and src/boosting/gbdt_model_text.cpp of
LightGBM 4.7.
"""

import numpy as np

from modelmount_compiler.frameworks.soundness import damage

CATEGORICAL = 1  # a bit of a node's decision_type
MANY_CLASSES = ("multiclass", "multiclassova")
Section = dict[str, str]


def check(data: bytes) -> None:
    """Check a model's text in UTF-8, of a file or of `Booster.model_to_string`.

    Raises:
        ModelRejected: a number in it leads nowhere.
    """
    try:
        if b"\0" in data:
            raise damage.damaged("the file of LightGBM", "isn't a text")
        text = data.decode(errors="surrogateescape").replace("\r\n", "\n")
        body = text.partition("\nend of trees")[0]
        header, *trees = body.split("\nTree=")
        about = _pairs(header)
        width, each = _header(about, len(trees))
        if "tree_sizes" in about:
            _sizes(data, [int(size) for size in about["tree_sizes"].split()], len(trees))
        for index, tree in enumerate(trees):
            _tree(_pairs(tree), width, f"tree {index}")
        if each and len(trees) % each:
            raise damage.damaged("the file", f"has {len(trees)} trees, {each} for each round")
    except (LookupError, ValueError, OverflowError) as error:
        what = f"can't be read ({type(error).__name__}: {error})"
        raise damage.damaged("the file of LightGBM", what) from error


def _sizes(data: bytes, sizes: list[int], trees: int) -> None:
    """Check where trees begin: LightGBM aborts the process over one that begins elsewhere."""
    damage.count(len(sizes), trees, "tree_sizes")
    start = data.find(b"\nTree=") + 1
    for index, size in enumerate(sizes):
        if size <= 0 or not data.startswith(b"Tree=%d\n" % index, start):
            raise damage.damaged("tree_sizes", f"doesn't say where tree {index} begins")
        start += size
    if trees and not data.startswith(b"end of trees", start):
        raise damage.damaged("tree_sizes", "doesn't say where the last tree ends")


def _header(header: Section, trees: int) -> tuple[int, int]:
    """Return the number of columns, and of trees in each round."""
    width = int(header["max_feature_idx"]) + 1
    classes, each = int(header["num_class"]), int(header["num_tree_per_iteration"])
    if width < 1 or classes < 1 or each < 1 or max(width, classes, each) > damage.LARGEST:
        raise damage.damaged("the header", f"has {width} columns and {classes} classes")
    if each > max(trees, 1) and trees:
        raise damage.damaged("the header", f"has {each} trees for each round, of {trees}")
    damage.count(len(header["feature_names"].split()), width, "feature_names")
    objective, *options = header.get("objective", "").split() or [""]
    told = [option.partition(":")[2] for option in options if option.startswith("num_class:")]
    if objective in MANY_CLASSES and told:
        damage.count(int(told[0]), classes, "the classes of the objective")
        damage.count(each, classes, "num_tree_per_iteration")
    elif classes != each and objective != "custom":
        raise damage.damaged("the header", f"has {each} trees for each round of {classes} classes")
    return width, each


def _pairs(section: str) -> Section:
    found: Section = {}
    for line in section.splitlines():
        name, sign, value = line.partition("=")
        if sign and name in found:
            raise ValueError(f"{name!r:.80} is given twice")
        found[name] = value
    return found


def _tree(tree: Section, width: int, where: str) -> None:
    for value in tree.values():  # or the parser throws where nothing catches it
        np.array(value.split(), dtype=np.float64)
    leaves = int(tree["num_leaves"])
    inner = leaves - 1
    if not 0 < leaves <= damage.LARGEST:
        raise damage.damaged(where, f"has {leaves} leaves")
    if inner:
        left, right = (_whole(tree, f"{side}_child", inner, where) for side in ("left", "right"))
        # Inner nodes come first, then the leaves, which are -1, -2, … in the file.
        none = np.zeros(leaves, dtype=np.int64)
        left, right = (
            np.concatenate((np.where(side < 0, inner + ~side, side), none))
            for side in (left, right)
        )
        damage.tree(left, right, np.arange(inner + leaves) < inner, where)
        columns = _whole(tree, "split_feature", inner, where)
        damage.within(columns, 0, width, f"a column in {where}")
        _categories(tree, inner, where)
        damage.count(len(tree["threshold"].split()), inner, f"threshold of {where}")
    damage.count(len(tree["leaf_value"].split()), leaves, f"leaf_value of {where}")
    if int(tree.get("is_linear", "0")):
        _linear_leaves(tree, leaves, width, where)


def _whole(tree: Section, name: str, size: int, where: str) -> damage.Array:
    found = np.array(tree[name].split(), dtype=np.int64)
    damage.count(len(found), size, f"{name} of {where}")
    return found


def _categories(tree: Section, inner: int, where: str) -> None:
    kinds = _whole(tree, "decision_type", inner, where) if "decision_type" in tree else None
    by_set = np.zeros(inner, bool) if kinds is None else (kinds & CATEGORICAL) > 0
    sets = int(tree["num_cat"])
    if sets < 0 or (sets == 0 and by_set.any()):
        raise damage.damaged(where, "splits by categories, and has none")
    if sets:
        members = np.array(tree["cat_threshold"].split(), dtype=np.int64)
        bounds = _whole(tree, "cat_boundaries", sets + 1, where)
        damage.bounds(bounds, sets, len(members), f"cat_boundaries of {where}")
        chosen = np.array(tree["threshold"].split(), dtype=np.float64)[by_set]
        if not np.isfinite(chosen).all():
            raise damage.damaged(where, "names a set of categories that isn't a number")
        damage.within(chosen.astype(np.int64), 0, sets, f"a set in {where}")


def _linear_leaves(tree: Section, leaves: int, width: int, where: str) -> None:
    sizes = _whole(tree, "num_features", leaves, where)
    if (sizes < 0).any():
        raise damage.damaged(where, "has a leaf of fewer than no columns")
    columns = _whole(tree, "leaf_features", int(sizes.sum()), where)
    damage.within(columns, 0, width, f"a column of a leaf in {where}")
    damage.count(len(tree["leaf_coeff"].split()), int(sizes.sum()), f"leaf_coeff of {where}")
    damage.count(len(tree["leaf_const"].split()), leaves, f"leaf_const of {where}")
