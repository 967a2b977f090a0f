"""Converters of scikit-learn's decision trees and forests."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import is_classifier
from sklearn.ensemble import (
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
    RandomTreesEmbedding,
)
from sklearn.tree import (
    DecisionTreeClassifier,
    DecisionTreeRegressor,
    ExtraTreeClassifier,
    ExtraTreeRegressor,
)

from modelmount_compiler.convert.graph import Graph, NotCompilable, Outputs, Value
from modelmount_compiler.convert.registry import converts
from modelmount_compiler.convert.trees.flat_forest import Tree, tree_sum
from modelmount_compiler.convert.trees.leaves import Leaves
from modelmount_compiler.frameworks.sklearn import releases
from modelmount_compiler.program.operations.linear import linear_models
from modelmount_compiler.program.operations.outputs import labels
from modelmount_compiler.program.operations.trees import tree_ensembles

Array = NDArray[Any]

TREES = (DecisionTreeClassifier, DecisionTreeRegressor, ExtraTreeClassifier, ExtraTreeRegressor)
SHARES_FROM = (1, 4)  # the release since which the nodes of a tree hold shares
FORESTS = (
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)


@converts(*TREES, *FORESTS)
def mean_of_trees(model: Any, graph: Graph, x: Value) -> Outputs:
    """Convert a tree or a forest: the mean of the leaves' class shares or values."""
    members = getattr(model, "estimators_", [model])
    value = mean(graph, x, model.n_features_in_, members, leaf_values)
    if not is_classifier(model):
        one = graph.add(linear_models.Column(), value, kind="answer")
        return {"predict": one if model.n_outputs_ == 1 else value}
    if model.n_outputs_ == 1:
        best = graph.add(labels.Highest(model.classes_), value, kind="answer")
        return {"predict": best, "predict_proba": value}
    classes, widths = tuple(model.classes_), tuple(int(n) for n in model.n_classes_)
    return {
        "predict": graph.add(tree_ensembles.HighestOfBlocks(classes), value, kind="answer"),
        "predict_proba": graph.add(tree_ensembles.Blocks(widths), value, kind="answer"),
    }


@converts(RandomTreesEmbedding)
def embedding(model: RandomTreesEmbedding, graph: Graph, x: Value) -> Outputs:
    """Convert a tree embedding: one column for each leaf, which is one if a row reaches it."""
    categories = model.one_hot_encoder_.categories_
    ends = np.cumsum([len(leaves) for leaves in categories])
    flats = []
    for member, leaves, end in zip(model.estimators_, categories, ends, strict=True):
        tree = member.tree_
        columns = np.searchsorted(leaves, np.arange(tree.node_count)) + end - len(leaves)
        flats.append(flat(tree, columns, missing=True))
    n, width = len(flats), int(ends[-1])
    targets = np.arange(n, dtype=np.uint32)
    checks = refusals(model.estimators_[0])
    columns = tree_sum(
        graph, x, flats, model.n_features_in_, np.zeros(n), targets=targets, **checks
    )
    return {"transform": graph.add(tree_ensembles.OneHotLeaves(width), columns, width=width)}


def mean(
    graph: Graph,
    x: Value,
    width: int,
    members: Sequence[Any],
    content: Callable[[Any], Array],
    columns: Iterable[Array | None] | None = None,
) -> Value:
    """Add the mean of the leaves that a row reaches in several fitted trees.

    Args:
        graph: the graph to add to.
        x: the input.
        width: number of columns of `x`.
        members: estimators with a tree each.
        content: returns the contents of a member's nodes, shape (nodes, outputs).
        columns: the columns of each member; see `flat`.
    """
    checks = refusals(members[0])
    leaves = Leaves(content(members[0]).shape[1])
    flats = []
    for member, chosen in zip(members, columns or [None] * len(members), strict=True):
        tree = member.tree_
        values = leaves.add(tree.children_left < 0, content(member))
        flats.append(flat(tree, values, missing=not checks["refuses_missing"], columns=chosen))
    start, n = np.zeros(leaves.outputs), float(len(members))
    return tree_sum(graph, x, flats, width, start, divisor=n, values=leaves.table(), **checks)


def refusals(tree: Any) -> dict[str, bool]:
    """Return the options of `TreeSum` that check the input as a fitted tree does."""
    allows_missing = releases.allows_missing(tree)
    return {"single": True, "refuses_missing": not allows_missing, "refuses_infinite": True}


def leaf_values(model: Any) -> Array:
    """Return the values or class shares of each node, with all outputs side by side."""
    value = model.tree_.value
    if not is_classifier(model):
        return np.asarray(value[:, :, 0])
    counts = np.atleast_1d(model.n_classes_)
    return np.concatenate([_shares(value[:, k, :n]) for k, n in enumerate(counts)], axis=1)


def _shares(value: Array) -> Array:
    """Return the shares of the classes; before 1.4 trees hold weighted counts of rows.

    Raises:
        NotCompilable: a share is equal to another one's, where the counts weren't.
    """
    if releases.RELEASE >= SHARES_FROM:
        return value
    total = value.sum(axis=1)[:, None]
    total[total == 0.0] = 1.0
    shares: NDArray[Any] = value / total
    if (shares.argmax(axis=1) != value.argmax(axis=1)).any():
        raise NotCompilable("a tree whose classes differ by less than a rounding")
    return shares


def flat(tree: Any, values: Array, *, missing: bool, columns: Array | None = None) -> Tree:
    """Convert a tree of scikit-learn.

    Args:
        tree: the tree.
        values: values of the leaves, shape (nodes,).
        missing: whether NaN has a direction.
        columns: the input columns that the tree was fitted on; None for all.
    """
    leaf = tree.children_left < 0
    seen = np.where(leaf, 0, tree.feature)
    return Tree(
        left=tree.children_left,
        right=tree.children_right,
        column=seen if columns is None else columns[seen],
        value=np.where(leaf, values, tree.threshold),
        missing_right=releases.missing_right(tree) if missing else None,
    )
