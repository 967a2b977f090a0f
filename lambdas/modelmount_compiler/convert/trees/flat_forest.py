"""Packs trees of any library into the flat nodes that `modelmount_kernel` walks."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from modelmount_compiler.convert import coercion
from modelmount_compiler.convert.graph import Graph, NotCompilable, Value
from modelmount_compiler.program.operations.trees import tree_ensembles
from modelmount_compiler.program.operations.trees.numpy_forest import (
    CATEGORICAL,
    COLUMN,
    MISSING_RIGHT,
    NODE,
    UNKNOWN_RIGHT,
)

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Tree:
    """One tree; all arrays have the shape (nodes,), and node 0 is the root.

    Attributes:
        left: index of the left child; negative in a leaf.
        right: index of the right child.
        column: the column that an inner node compares.
        value: threshold of an inner node, above which a row goes right. For a categorical node,
            the start of its set; for a leaf, its number. See `modelmount_kernel`.
        missing_right: whether missing values go right at an inner node.
        categorical: whether an inner node splits by a set of categories.
        unknown_right: whether unknown categories go right at an inner node.
    """

    left: Array
    right: Array
    column: Array
    value: Array
    missing_right: Array | None = None
    categorical: Array | None = None
    unknown_right: Array | None = None


def tree_sum(
    graph: Graph,
    x: Value,
    forest: Sequence[Tree],
    width: int,
    start: Array,
    **options: Any,
) -> Value:
    """Add a `TreeSum` to a graph.

    Args:
        graph: the graph to add to.
        x: the input; `TreeSum` checks it, so it isn't checked here.
        forest: the trees.
        width: number of columns of `x`.
        start: initial sums, shape (outputs,).
        options: the other fields of `TreeSum`.
    """
    start = np.asarray(start).reshape(1, -1)
    operation = tree_ensembles.TreeSum(pack(forest, width), len(forest), width, start, **options)
    return graph.add(operation, coercion.numbers(graph, x), width=start.shape[1])


def pack(forest: Sequence[Tree], width: int) -> Array:
    """Return the nodes of a forest over `width` columns: uint64, shape (nodes, 2).

    Siblings lie side by side, and pairs of siblings in the order of their parents. So a tree that
    was stored depth first keeps its subtrees together, and a walk to a leaf reads few pages.
    """
    if width >= COLUMN:
        raise NotCompilable(f"trees over {width} columns")
    pairs = sum(int((tree.left >= 0).sum()) for tree in forest)
    first = len(forest) + len(forest) % 2  # keeps pairs within cache lines
    nodes = np.zeros(first + 2 * pairs, dtype=NODE)
    nodes["word"][len(forest) : first] = width
    for t, tree in enumerate(forest):
        first = _place(_parents_first(tree), nodes, t, first, width)
    return nodes[:first].view(np.uint64).reshape(-1, 2)


def _place(tree: Tree, nodes: Array, root: int, first: int, width: int) -> int:
    """Write a tree's root, and its other nodes from `first` on; return the next free index."""
    inner = tree.left >= 0
    n = int(inner.sum())
    place = np.zeros(len(inner), dtype=np.int64)
    place[tree.left[inner]] = first + 2 * np.arange(n)
    place[tree.right[inner]] = place[tree.left[inner]] + 1
    place[0] = root
    nodes["value"][place] = tree.value
    nodes["word"][place] = np.where(inner, _words(tree), width)
    nodes["child"][place[inner]] = place[tree.left[inner]]
    return first + 2 * n


def _words(tree: Tree) -> Array:
    words = tree.column.astype(np.uint32)
    flags = ((tree.missing_right, MISSING_RIGHT), (tree.categorical, CATEGORICAL))
    for flag, bit in (*flags, (tree.unknown_right, UNKNOWN_RIGHT)):
        if flag is not None:
            words |= np.where(flag, np.uint32(bit), np.uint32(0))
    return words


def _parents_first(tree: Tree) -> Tree:
    """Return the tree with each node after its parent, and without unreachable nodes."""
    inner = np.flatnonzero(tree.left >= 0)
    children = np.concatenate((tree.left[inner], tree.right[inner]))
    ordered = (children > np.concatenate((inner, inner))).all()
    if ordered and len(children) == len(tree.left) - 1:
        return tree
    order = _breadth_first(tree)
    place = np.full(len(tree.left), -1)
    place[order] = np.arange(len(order))
    left, right = (np.where(c >= 0, place[c], -1)[order] for c in (tree.left, tree.right))
    rest = (tree.missing_right, tree.categorical, tree.unknown_right)
    flags = [None if flag is None else flag[order] for flag in rest]
    return Tree(left, right, tree.column[order], tree.value[order], *flags)


def _breadth_first(tree: Tree) -> Array:
    level = np.zeros(1, dtype=np.int64)
    levels = []
    while level.size:
        levels.append(level)
        inner = level[tree.left[level] >= 0]
        level = np.stack((tree.left[inner], tree.right[inner]), axis=1).reshape(-1)
    return np.concatenate(levels)
