"""Finds rows on both sides of a model's decision boundaries, by bisection."""

import time
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from modelmount_compiler.verify.probes.row_sampler import Rows, RowSampler

Labels = NDArray[Any]
Table = NDArray[np.float64]
Indices = NDArray[np.intp]
# Returns the original's labels of some rows, shape (n,) or (n, outputs); None if it gives none.
Label = Callable[[Rows], Labels | None]

PAIRS = 64
POOL = 256
# Bisection from 1e6 to adjacent floats takes 75 steps; only values near zero need more.
STEPS = 80


def find(sampler: RowSampler, label: Label, rng: np.random.Generator, deadline: float) -> Rows:
    """Return rows on both sides of decision boundaries, and rows one float away from them.

    Pairs of rows with different labels are bisected until no float lies between them.
    The two rows of a pair differ in columns of numbers alone.

    Args:
        sampler: draws the rows to begin with.
        label: returns labels of rows.
        rng: draws the pairs.
        deadline: end of the search, on the clock `time.monotonic`.
    """
    numeric = sampler.numeric_columns
    rows = sampler.typical(POOL) + sampler.near_stored_rows(POOL)
    table = np.array([[row[i] for i in numeric] for row in rows], dtype=np.float64)
    left = rng.integers(0, len(rows), 4 * PAIRS)
    right = rng.integers(0, len(rows), 4 * PAIRS)
    pairs = _RowPairs([rows[i] for i in left], numeric, label)
    kept = pairs.differing(table[left], table[right])[:PAIRS]
    if not len(kept):
        return []
    pairs = _RowPairs([rows[i] for i in left[kept]], numeric, label)
    a, b = pairs.bisect(table[left[kept]], table[right[kept]], deadline)
    sides = (a, b, _to_next_float(a, rng), _to_next_float(b, rng))
    return [row for side in sides for row in pairs.rows(side)]


class _RowPairs:
    """Pairs of rows that differ in columns of numbers alone."""

    def __init__(self, templates: Rows, numeric: list[int], label: Label) -> None:
        self._templates = templates
        self._numeric = numeric
        self._label = label

    def rows(self, table: Table, of: Indices | None = None) -> Rows:
        """Return rows with these numbers, for all pairs or those at the positions `of`."""
        chosen = range(len(table)) if of is None else of.tolist()
        rows = []
        for i, values in zip(chosen, table.tolist(), strict=True):
            row = list(self._templates[i])
            for column, value in zip(self._numeric, values, strict=True):
                row[column] = value
            rows.append(row)
        return rows

    def differing(self, a: Table, b: Table) -> Indices:
        """Return the positions of the pairs whose rows have different labels."""
        first, second = self._label(self.rows(a)), self._label(self.rows(b))
        if first is None or second is None:
            return np.empty(0, dtype=np.intp)
        return _differ(first, second).nonzero()[0]

    def bisect(self, a: Table, b: Table, deadline: float) -> tuple[Table, Table]:
        """Bisect each pair; its rows keep different labels."""
        a, b = a.copy(), b.copy()
        open_ = np.arange(len(a))
        first = self._label(self.rows(a))
        for _ in range(STEPS):
            middle = a[open_] / 2 + b[open_] / 2
            between = ((middle != a[open_]) & (middle != b[open_])).any(axis=1)
            open_, middle = open_[between], middle[between]
            if not len(open_) or time.monotonic() > deadline:
                break
            labels = self._label(self.rows(middle, open_))
            if labels is None or first is None:
                break
            differs = _differ(first[open_], labels)
            b[open_[differs]] = middle[differs]
            a[open_[~differs]] = middle[~differs]
        return a, b


def _to_next_float(side: Table, rng: np.random.Generator) -> Table:
    """Move one number of each row to the next float, up or down."""
    rows = np.arange(len(side))
    columns = rng.integers(0, side.shape[1], len(side))
    ways = rng.choice([-np.inf, np.inf], len(side))
    moved = side.copy()
    moved[rows, columns] = np.nextafter(side[rows, columns], ways)
    return moved


def _differ(a: Labels, b: Labels) -> NDArray[np.bool_]:
    differs: NDArray[np.bool_] = (a != b).reshape(len(a), -1).any(axis=1)
    return differs
