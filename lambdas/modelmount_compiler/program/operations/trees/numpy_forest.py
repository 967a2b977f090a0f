"""The kernel's `Forest` in NumPy: a slower substitute if the kernel isn't installed.

`modelmount_kernel` documents the interface. The constants are those of its src/walk.h.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

MISSING_RIGHT = 1 << 31
CATEGORICAL = 1 << 30
UNKNOWN_RIGHT = 1 << 29
COLUMN = UNKNOWN_RIGHT - 1

MISSING_IS_ZERO = 1
ZERO_IS_MISSING = 2
TINY = float(np.float32(1e-35))

NODE = np.dtype([("value", "<f8"), ("word", "<u4"), ("child", "<u4")])
SMALL = 1 << 18  # nodes; smaller forests are checked as a whole, larger ones while they are walked
PAIRS = 65536  # pairs of a tree and a row that are walked at once, which takes some MB
DAMAGED = "the model's file is damaged: a node leads nowhere; upload the model again"


class Forest:
    """A forest of decision trees; see `modelmount_kernel`."""

    def __init__(  # noqa: PLR0913 (the kernel's)
        self,
        nodes: Array,
        trees: int,
        width: int,
        outputs: int,
        *,
        values: Array | None = None,
        targets: Array | None = None,
        categories: Array | None = None,
        cells: Array | None = None,
        single: bool = False,
        refuses_missing: bool = False,
        refuses_infinite: bool = False,
    ) -> None:
        self._nodes = nodes.view(NODE).reshape(-1)
        self._trees, self._width, self._outputs = trees, width, outputs
        self._values = values
        self._targets = np.zeros(trees, "u4") if targets is None else targets
        self._categories = categories
        self._cells = cells
        self._single = single
        self._refuses = (refuses_missing, refuses_infinite)
        for wrong, words in (
            (outputs < 1, "outputs: at least one is needed"),
            (trees > len(self._nodes), "trees: more than there are nodes"),
            (len(self._targets) != trees, "targets: one is needed for each tree"),
            (
                cells is not None and len(cells) != width,
                "cells: one code is needed for each column",
            ),
        ):
            if wrong:
                raise ValueError(words)
        if len(self._nodes) <= SMALL:
            _require(self._is_sound())

    def _is_sound(self) -> bool:
        """Whether every node is a leaf, or has a valid column and valid children."""
        plain = self._refuses[0] and self._categories is None
        word = self._nodes["word"]
        column = word & (0xFFFFFFFF if plain else COLUMN)
        child, count = self._nodes["child"].astype(np.int64), len(self._nodes)
        leads_on = (child > np.arange(count)) & (child + 1 < count)
        return bool(((word == self._width) | ((column < self._width) & leads_on)).all())

    def add(self, x: Array, out: Array) -> None:
        """Add the sums over all trees to `out`; see `modelmount_kernel`."""
        shapes = (len(out), self._width), (len(x), self._outputs)
        if (x.shape, out.shape) != shapes or x.dtype != np.float64:
            raise ValueError(
                f"x must be doubles of shape (n, {self._width}), "
                f"out numbers of shape (n, {self._outputs})"
            )
        rows = max(1, PAIRS // max(1, self._trees))
        for start in range(0, len(x), rows):
            cells = self._prepare(x[start : start + rows], start)
            self._sum(self._leaves(cells), out[start : start + rows])

    def _prepare(self, x: Array, first: int) -> Array:
        """Copy rows as the original sees them, with one more cell, which leaves read."""
        cells = np.zeros((len(x), self._width + 1))
        with np.errstate(over="ignore"):
            cells[:, :-1] = x.astype(np.float32) if self._single else x
        missing, infinite = np.isnan(cells), np.isinf(cells)
        for row, column in np.argwhere(
            (missing if self._refuses[0] else False) | (infinite if self._refuses[1] else False)
        )[:1]:
            problem = (
                "is missing (null or NaN); this model needs a number there"
                if missing[row, column]
                else "is infinite or too large; send a number below 3.4e38"
            )
            raise ValueError(f"row {first + row}, column {column} {problem}")
        if self._cells is not None:
            codes = np.append(self._cells, 0)
            cells[missing & (codes == MISSING_IS_ZERO)] = 0.0
            cells[(np.abs(cells) <= TINY) & (codes == ZERO_IS_MISSING)] = np.nan
        return cells

    def _leaves(self, cells: Array) -> Array:
        """Return the values of the reached leaves, shape (rows, trees)."""
        nodes = self._nodes
        at = np.tile(np.arange(self._trees), len(cells))
        row = np.repeat(np.arange(len(cells)), self._trees)
        active = np.arange(at.size)
        while active.size:
            node = at[active]
            inner = nodes["word"][node] != self._width
            active, node = active[inner], node[inner]
            column = nodes["word"][node] & COLUMN
            _require(bool((column < self._width).all()))
            following = nodes["child"][node] + self._right(node, cells[row[active], column])
            _require(bool(((following > node) & (following < len(nodes))).all()))
            at[active] = following
        return nodes["value"][at].reshape(len(cells), self._trees)

    def _right(self, node: Array, cell: Array) -> Array:
        """Return 1 for each cell that leads to the right child, else 0."""
        word, value = self._nodes["word"][node], self._nodes["value"][node]
        right = cell > value
        if self._categories is not None:
            for k in np.flatnonzero(word & CATEGORICAL):
                right[k] = self._in_set(value[k], cell[k], bool(word[k] & UNKNOWN_RIGHT))
        right |= np.isnan(cell) & (word >= MISSING_RIGHT)
        return right.astype(np.int64)

    def _in_set(self, at: float, cell: float, unknown: bool) -> bool:
        if np.isnan(cell):
            return False
        words = self._categories if self._categories is not None else np.empty(0, "u4")
        _require(0 <= at < len(words))
        found = words[int(at) :]
        if not -1.0 < cell < found[0]:
            return unknown
        category = int(cell)
        _require(1 + category // 32 < len(found))
        return bool(int(found[1 + category // 32]) >> category % 32 & 1)

    def _sum(self, leaves: Array, out: Array) -> None:
        """Add the leaves in the order of the trees, in the precision of `out`."""
        if self._values is not None:
            _require(bool(((leaves >= 0) & (leaves < len(self._values))).all()))
            for leaf in leaves.astype(np.int64).T:
                out += self._values[leaf].astype(out.dtype)
            return
        _require(bool((self._targets < self._outputs).all()))
        for leaf, target in zip(leaves.T, self._targets.tolist(), strict=True):
            out[:, target] += leaf.astype(out.dtype)


def _require(condition: bool) -> None:
    if not condition:
        raise ValueError(DAMAGED)
