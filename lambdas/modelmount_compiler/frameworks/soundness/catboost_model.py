"""Checks CatBoost's models in its own format: trees, splits, leaves and positions of features.

Source: catboost/libs/model/flatbuffers/model.fbs and features.fbs, and the evaluator of
CatBoost 1.2.10.
"""

import struct
from typing import Any

import numpy as np

from modelmount_compiler.frameworks.soundness import catboost_tables, damage
from modelmount_compiler.frameworks.soundness.flatbuffers import Table, root

MAGIC = b"CBM1"
TREES = 1  # of the outermost table
APPROX_DIMENSION, SPLITS, SIZES, STARTS = 0, 1, 2, 3
CATEGORICAL, FLOATS, ONE_HOTS, CTRS = 4, 5, 6, 7
LEAVES, WEIGHTS, STEPS, LEAF_OF_NODE, TEXTS, ESTIMATED = 8, 9, 10, 11, 12, 13
INDEX, FLAT_INDEX = 0, 1  # of a categorical or text feature
STEP = "<u2,<u2"
BY_CLASS = (0, 1)  # kinds of statistics that count each class
DEEPEST = 16
MOST_OUTPUTS = 1_000_000
MOST_FEATURES = 10_000_000


def check(data: bytes) -> None:
    """Check the content of a file, or what a model serializes itself to.

    Raises:
        ModelRejected: a number in it leads nowhere.
    """
    try:
        core, rest = _parts(data)
        trees = root(core).table(TREES)
        if trees is None:
            raise damage.damaged("the file of CatBoost", "has no trees")
        _features(trees, rest)
        splits, sizes = trees.numbers(SPLITS, "<i4"), trees.numbers(SIZES, "<i4").astype(np.int64)
        damage.within(splits.astype(np.int64), 0, _binary_features(trees), "a split")
        damage.within(sizes, 0, len(splits) + 1, "the size of a tree")
        starts = np.concatenate(([0], np.cumsum(sizes)))
        damage.count(len(splits), int(starts[-1]), "the list of splits")
        told = trees.numbers(STARTS, "<i4").astype(np.int64)
        if len(told) and not np.array_equal(told, starts[:-1]):
            raise damage.damaged("the list of trees", "doesn't say where each begins")
        outputs = int(trees.number(APPROX_DIMENSION, "i"))
        damage.within(np.array([outputs]), 1, MOST_OUTPUTS, "the number of outputs")
        if len(trees.numbers(STEPS, STEP)):
            _asymmetric(trees, starts, outputs)
        else:
            damage.within(sizes, 0, DEEPEST + 1, "the depth of a tree")
            leaves = int((1 << sizes).sum())
            _leaves(trees, leaves, outputs)
    except (ValueError, struct.error, OverflowError, RecursionError) as error:
        what = f"can't be read ({error})"
        raise damage.damaged("the file of CatBoost", what) from error


def _parts(data: bytes) -> tuple[bytes, bytes]:
    """Return the buffer of the trees, and what follows."""
    if data[:4] != MAGIC:
        raise ValueError("it isn't in the format cbm")
    size = int.from_bytes(data[4:8], "little")
    if size > len(data) - 8:
        raise ValueError("it ends too early")
    return data[8 : 8 + size], data[8 + size :]


def _leaves(trees: Table, leaves: int, outputs: int) -> None:
    damage.count(len(trees.numbers(LEAVES, "<f8")), leaves * outputs, "the list of leaves")
    weights = len(trees.numbers(WEIGHTS, "<f8"))
    if weights:
        damage.count(weights, leaves, "the weights of leaves")


def _asymmetric(trees: Table, starts: Any, outputs: int) -> None:
    """Check trees of nodes that say how far away their children are; 0 ends a walk."""
    steps, leaf = trees.numbers(STEPS, STEP), trees.numbers(LEAF_OF_NODE, "<u4").astype(np.int64)
    nodes = int(starts[-1])
    damage.count(len(steps), nodes, "the list of nodes")
    damage.count(len(leaf), nodes, "the leaves of nodes")
    places = np.arange(nodes)
    ends = np.repeat(starts[1:], np.diff(starts))
    for side in ("f0", "f1"):
        if (places + steps[side] >= ends).any():
            raise damage.damaged("a node", "leads out of its tree")
    last = (steps["f0"] == 0) | (steps["f1"] == 0)
    values = len(trees.numbers(LEAVES, "<f8"))
    damage.within(leaf[last], 0, values - outputs + 1, "a leaf")
    if (np.diff(starts) == 0).any():
        raise damage.damaged("a tree", "has no nodes")


def _binary_features(trees: Table) -> int:
    """Return how many comparisons trees choose from."""
    total = sum(len(feature.numbers(3, "<f4")) for feature in trees.tables(FLOATS))
    total += sum(len(feature.numbers(1, "<i4")) for feature in trees.tables(ONE_HOTS))
    total += sum(len(feature.numbers(1, "<f4")) for feature in trees.tables(CTRS))
    return total + sum(len(feature.numbers(3, "<f4")) for feature in trees.tables(ESTIMATED))


def _features(trees: Table, rest: bytes) -> None:
    """Check that features have positions of their own, and that others name them."""
    floats = _positions(trees.tables(FLOATS), 1, "numeric features")
    categorical = _positions(trees.tables(CATEGORICAL), INDEX, "categorical features")
    _positions(trees.tables(TEXTS), INDEX, "text features")
    flat = [f.number(2, "i", -1) for f in trees.tables(FLOATS)]
    for field in (CATEGORICAL, TEXTS):
        flat += [f.number(FLAT_INDEX, "i", -1) for f in trees.tables(field)]
    damage.within(np.array(flat, dtype=np.int64), 0, MOST_FEATURES, "the column of a feature")
    if len(set(flat)) != len(flat):
        raise damage.damaged("the list of features", "names one column twice")
    for feature in trees.tables(ONE_HOTS):
        place = np.array([feature.number(0, "i", -1)])
        damage.within(place, 0, categorical, "a feature of known categories")
    ctrs = trees.tables(CTRS)
    tables = catboost_tables.check(rest, floats, categorical) if ctrs else {}
    for feature in ctrs:
        _statistics(feature, tables, floats, categorical)


def _positions(features: list[Table], field: int, where: str) -> int:
    """Check that the features' numbers are 0, 1, 2, …; return how many there are."""
    found = [feature.number(field, "i", -1) for feature in features]
    if found != list(range(len(found))):
        raise damage.damaged(f"the list of {where}", "isn't in order")
    return len(found)


def _statistics(feature: Table, tables: dict[bytes, int], floats: int, categorical: int) -> None:
    """Check that a statistic of categories has its table, and is of a class that is counted."""
    ctr = feature.table(0)
    base = None if ctr is None else ctr.table(0)
    key, kind = catboost_tables.combination(base, floats, categorical)
    if ctr is None or key not in tables:
        raise damage.damaged(catboost_tables.WHERE, "isn't in the file")
    if kind in BY_CLASS:
        border = np.array([ctr.number(1, "i")])
        damage.within(border, 0, tables[key], f"a class of {catboost_tables.WHERE}")
