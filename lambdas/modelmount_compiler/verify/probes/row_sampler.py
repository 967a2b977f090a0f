"""Samples rows for a model: typical rows, rows on decision paths, and rows with edge cases."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from modelmount_compiler.convert.graph import NotCompilable
from modelmount_compiler.signature import Signature
from modelmount_compiler.verify.probes.column_origins import Origins, Vector
from modelmount_compiler.verify.probes.column_samplers import (
    CategorySampler,
    ColumnSampler,
    NumberSampler,
    TextSampler,
)
from modelmount_compiler.verify.probes.critical_values import CriticalValues
from modelmount_compiler.verify.probes.decision_paths import DecisionPaths

Row = list[Any]
Rows = list[Row]
Accepts = Callable[[Rows], bool]

STRINGS = ("", "a", "B")
MOST_EXAMPLES = 256
TRIAL_ROWS = 16  # in one call


class RowSampler:
    """Samples rows of values in the order of the model's columns.

    Args:
        estimator: the original.
        signature: the original's inputs.
        accepts: whether the original answers some rows.
        rng: draws the rows.
        examples: instances that the uploader gave.

    Attributes:
        columns: the sampler of each column.

    Raises:
        NotCompilable: no rows were found that the model accepts.
    """

    def __init__(
        self,
        estimator: object,
        signature: Signature,
        accepts: Accepts,
        rng: np.random.Generator,
        examples: Sequence[Any] = (),
    ) -> None:
        self._rng = rng
        self._uses_stored_rows = False
        if not signature.n_features:
            raise NotCompilable("the model doesn't say how many values it takes")
        rows = [_values(instance, signature) for instance in examples[:MOST_EXAMPLES]]
        self._critical = CriticalValues(estimator, signature.n_features, rng, rows)
        self.columns = [self._column_sampler(i) for i in range(signature.n_features)]
        self._choose_columns(accepts, strings=signature.dtype == "any")

    @property
    def numeric_columns(self) -> list[int]:
        """Positions of the columns of numbers."""
        return [i for i, column in enumerate(self.columns) if isinstance(column, NumberSampler)]

    def typical(self, n: int) -> Rows:
        """Return rows of learned values, and of values next to critical ones."""
        if self._uses_stored_rows:
            return self.near_stored_rows(n)
        drawn = [column.typical(n) for column in self.columns]
        return [list(row) for row in zip(*drawn, strict=True)]

    def near_stored_rows(self, n: int) -> Rows:
        """Return rows that the model stores, such as neighbors, and rows close to them."""
        if not self._critical.stored_rows:
            return []
        stored = np.concatenate(self._critical.stored_rows)
        rows = stored[self._rng.integers(0, len(stored), n)]
        rows[::2] += self._rng.normal(size=rows[::2].shape) * stored.std(axis=0) / 50
        found: Rows = rows.tolist()
        return found

    def on_decision_paths(self, n: int) -> Rows:
        """Return rows that each follow a random path of a tree, with values at its thresholds."""
        rows = self.typical(n)
        if self._critical.trees:
            for row in rows:
                trees = self._critical.trees
                tree, origins = trees[self._rng.integers(len(trees))]
                self._follow_path(tree, origins, row)
        return rows

    def on_many_scales(self, n: int) -> Rows:
        """Return rows whose numbers range over many scales; other columns hold typical values."""
        scales: Vector = 10.0 ** self._rng.integers(-3, 7, n).astype(np.float64)
        scales[: n // 16] = 1e30
        return self.scaled(scales)

    def scaled(self, scales: Vector) -> Rows:
        """Return a row for each scale; its numbers are normal, multiplied by the scale."""
        n = len(scales)
        drawn = [
            column.scaled(scales) if isinstance(column, NumberSampler) else column.typical(n)
            for column in self.columns
        ]
        return [list(row) for row in zip(*drawn, strict=True)]

    def constant(self) -> Rows:
        """Return rows whose numbers are all the same, and rows of small integers."""
        numeric = self.numeric_columns
        fills: list[Any] = [0, 0.0, -0.0, 1, -1.0, True, False, 255, 1e-300]
        rows = self.typical(len(fills) + 16)
        for row, fill in zip(rows, fills, strict=False):
            for i in numeric:
                row[i] = fill
        for row in rows[len(fills) :]:
            for i in numeric:
                row[i] = int(self._rng.integers(-9, 10))
        return rows

    def with_missing_values(self, n: int) -> Rows:
        """Return rows that lack some values; the first row lacks all of them."""
        rows = self.typical(n)
        holes = self._rng.random((n, len(self.columns))) < self._rng.choice([0.1, 0.5], (n, 1))
        holes[0] = True
        holes[np.arange(1, n), self._rng.integers(0, len(self.columns), n - 1)] = True
        return [
            [None if hole else value for value, hole in zip(row, gone, strict=True)]
            for row, gone in zip(rows, holes.tolist(), strict=True)
        ]

    def with_edge_case(self, most: int) -> Rows:
        """Return at most so many rows; each has an edge case in one column."""
        columns = enumerate(self.columns)
        pairs = [(i, value) for i, column in columns for value in column.edge_cases()]
        chosen = self._rng.permutation(len(pairs))[:most]
        rows = self.typical(len(chosen))
        for row, pair in zip(rows, chosen, strict=True):
            i, value = pairs[pair]
            row[i] = value
        return rows

    def _follow_path(self, tree: DecisionPaths, origins: Origins, row: Row) -> None:
        """Set the values of a row that a random path of a tree asks for."""
        for feature, value in tree.sample_values(self._rng).items():
            origin = origins[feature] if feature < len(origins) else None
            if origin is not None and isinstance(self.columns[origin.column], NumberSampler):
                cell = float(origin.inverse(np.array([value]))[0])
                row[origin.column] = None if np.isnan(cell) else cell

    def _column_sampler(self, i: int) -> ColumnSampler:
        critical = self._critical
        if i in critical.vocabularies:
            return TextSampler(critical.vocabularies[i], self._rng)
        if critical.categories.get(i):
            return CategorySampler(critical.categories[i], self._rng)
        return NumberSampler(critical.numbers.get(i, np.empty(0)), self._rng)

    def _choose_columns(self, accepts: Accepts, *, strings: bool) -> None:
        """Try other values if the model refuses the likely ones: no signs, strings, stored rows."""
        critical, likely = self._critical, self.columns
        tries = [likely, [_without_sign(column) for column in likely]]
        if strings:
            learned = {*critical.vocabularies, *critical.categories, *critical.numbers}
            texts = CategorySampler(STRINGS, self._rng)
            tries.append([c if i in learned else texts for i, c in enumerate(likely)])
        for self.columns in tries:
            if accepts(self.typical(TRIAL_ROWS)):
                return
        self.columns, self._uses_stored_rows = likely, bool(critical.stored_rows)
        if not self._uses_stored_rows or not accepts(self.typical(TRIAL_ROWS)):
            raise NotCompilable("no rows were found that the model takes")


def _without_sign(column: ColumnSampler) -> ColumnSampler:
    return column.without_sign() if isinstance(column, NumberSampler) else column


def _values(instance: Any, signature: Signature) -> Row:
    """Return the values of an example in column order; none if it doesn't fit the model."""
    if isinstance(instance, dict):
        return [instance.get(name) for name in signature.columns or ()]
    return instance if isinstance(instance, list) else []
