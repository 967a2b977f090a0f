"""What a check raises, and the checks that all formats share."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from modelmount_compiler.errors import ModelRejected

Array = NDArray[Any]
LARGEST = 2**31 - 1  # of what the libraries index with 32 bits


def damaged(where: str, what: str) -> ModelRejected:
    """Return the refusal of a model in which a part isn't what it must be."""
    return ModelRejected(
        "CORRUPT_FILE",
        f"The model is damaged: {where} {what}. Answers from it could be anything, so it isn't "
        "served. Save the model once more, and upload that file.",
    )


def whole(values: ArrayLike, where: str) -> Array:
    """Return whole numbers as int64, shape (n,); raises `ModelRejected` for anything else."""
    try:
        found = np.asarray(values)
        if found.ndim != 1 or (found.size and found.dtype.kind not in "iub"):
            raise damaged(where, "doesn't hold whole numbers")
        if found.dtype == np.uint64 and found.size and int(found.max()) >= 2**63:
            raise damaged(where, "holds numbers that are too large")
        return found.astype(np.int64)
    except (TypeError, ValueError, OverflowError) as error:
        raise damaged(where, "doesn't hold whole numbers") from error


def within(values: Array, low: int, high: int, where: str) -> None:
    """Require low <= value < high of all values."""
    outside = values[(values < low) | (values >= high)]
    if outside.size:
        allowed = f"{low} to {high - 1} are there" if high > low else "there are none"
        raise damaged(where, f"names {int(outside[0])}, but {allowed}")


def count(found: int, wanted: int, where: str) -> None:
    """Require a number of entries."""
    if found != wanted:
        raise damaged(where, f"has {found} entries, not {wanted}")


def bounds(values: Array, entries: int, total: int, where: str) -> None:
    """Require boundaries of so many parts of a list: from 0, never less, up to its length."""
    count(len(values), entries + 1, where)
    if values[0] != 0 or (np.diff(values) < 0).any() or values[-1] > total:
        raise damaged(where, f"doesn't divide a list of {total} into parts")


def tree(left: Array, right: Array, inner: Array, where: str) -> None:
    """Require that every walk from node 0 ends in a leaf.

    Args:
        left: index of each node's left child, shape (nodes,); of leaves anything.
        right: index of the right child.
        inner: whether a node has children.
    """
    nodes = len(inner)
    if not nodes:
        raise damaged(where, "has no nodes")
    children = np.concatenate((left[inner], right[inner]))
    within(children, 1, nodes, f"a child in {where}")
    parents = np.bincount(children, minlength=nodes)
    if (parents > 1).any():
        node = int(np.argmax(parents > 1))
        raise damaged(where, f"leads to node {node} by more than one way")
