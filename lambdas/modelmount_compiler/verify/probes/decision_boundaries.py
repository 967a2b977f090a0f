"""Pairs of rows that differ by next to nothing, and in their label."""

import time
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from modelmount_compiler.verify.probes.row_sampler import Rows, Sampler

Labels = NDArray[Any]
Table = NDArray[np.float64]
Indices = NDArray[np.intp]
# The original's labels of some rows, of shape (n,) or (n, outputs); None where it gives none.
Label = Callable[[Rows], Labels | None]

PAIRS = 64
POOL = 256
# From 1e6 down to adjacent floats takes 75 steps; more are needed only next to zero.
STEPS = 80


def find(sampler: Sampler, label: Label, rng: np.random.Generator, deadline: float) -> Rows:
    """Return rows on both sides of where the label changes, and rows one float away from them.

    Pairs of rows with different labels are halved until nothing lies between them, or the time
    is up. All columns but those of numbers are the same in a pair.

    Args:
        deadline: of `time.monotonic`.
    """
    numeric = sampler.numeric
    rows = sampler.ordinary(POOL) + sampler.remembered(POOL)
    table = np.array([[row[i] for i in numeric] for row in rows], dtype=np.float64)
    left = rng.integers(0, len(rows), 4 * PAIRS)
    right = rng.integers(0, len(rows), 4 * PAIRS)
    pairs = _Pairs([rows[i] for i in left], numeric, label)
    kept = pairs.differing(table[left], table[right])[:PAIRS]
    if not len(kept):
        return []
    pairs = _Pairs([rows[i] for i in left[kept]], numeric, label)
    a, b = pairs.halve(table[left[kept]], table[right[kept]], deadline)
    sides = (a, b, _nudged(a, rng), _nudged(b, rng))
    return [row for side in sides for row in pairs.rows(side)]


class _Pairs:
    """Pairs of rows that differ in columns of numbers alone."""

    def __init__(self, templates: Rows, numeric: list[int], label: Label) -> None:
        self._templates = templates
        self._numeric = numeric
        self._label = label

    def rows(self, table: Table, of: Indices | None = None) -> Rows:
        """Return the rows of all pairs, or of some, with these numbers."""
        chosen = range(len(table)) if of is None else of.tolist()
        rows = []
        for i, values in zip(chosen, table.tolist(), strict=True):
            row = list(self._templates[i])
            for column, value in zip(self._numeric, values, strict=True):
                row[column] = value
            rows.append(row)
        return rows

    def differing(self, a: Table, b: Table) -> Indices:
        """Return which pairs have two labels."""
        first, second = self._label(self.rows(a)), self._label(self.rows(b))
        if first is None or second is None:
            return np.empty(0, dtype=np.intp)
        return _differ(first, second).nonzero()[0]

    def halve(self, a: Table, b: Table, deadline: float) -> tuple[Table, Table]:
        """Move each pair together, keeping its labels apart."""
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


def _nudged(side: Table, rng: np.random.Generator) -> Table:
    """Move one number of each row to the next float."""
    rows = np.arange(len(side))
    columns = rng.integers(0, side.shape[1], len(side))
    ways = rng.choice([-np.inf, np.inf], len(side))
    nudged = side.copy()
    nudged[rows, columns] = np.nextafter(side[rows, columns], ways)
    return nudged


def _differ(a: Labels, b: Labels) -> NDArray[np.bool_]:
    apart: NDArray[np.bool_] = (a != b).reshape(len(a), -1).any(axis=1)
    return apart
