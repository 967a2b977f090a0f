"""Rows for a model: as learned, along the paths of its trees, far outside, and odd ones."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from modelmount_compiler.convert.graph import NotCompilable
from modelmount_compiler.signature import Signature
from modelmount_compiler.verify.probes.column_origins import Lenses, Vector
from modelmount_compiler.verify.probes.column_samplers import Categories, Column, Numbers, Texts
from modelmount_compiler.verify.probes.critical_values import Landmarks
from modelmount_compiler.verify.probes.decision_paths import Branches

Row = list[Any]
Rows = list[Row]
Accepts = Callable[[Rows], bool]

STRINGS = ("", "a", "B")
MOST_EXAMPLES = 256
TRIED = 16  # rows in one call


class Sampler:
    """Draws rows of values in the order of the model's columns.

    Args:
        accepts: whether the original answers some rows, for columns of which nothing is known.
        examples: instances of the uploader's.

    Raises:
        NotCompilable: it can't be told what the model takes.
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
        self._keeps_to_memory = False
        if not signature.n_features:
            raise NotCompilable("the model doesn't say how many values it takes")
        rows = [_row(instance, signature) for instance in examples[:MOST_EXAMPLES]]
        self._marks = Landmarks(estimator, signature.n_features, rng, rows)
        self.columns = [self._column(i) for i in range(signature.n_features)]
        self._settle(accepts, strings=signature.dtype == "any")

    @property
    def numeric(self) -> list[int]:
        """Positions of the columns of numbers."""
        return [i for i, column in enumerate(self.columns) if isinstance(column, Numbers)]

    def ordinary(self, n: int) -> Rows:
        """Return rows with values as learned, or next to where something changes."""
        if self._keeps_to_memory:
            return self.remembered(n)
        drawn = [column.draw(n) for column in self.columns]
        return [list(row) for row in zip(*drawn, strict=True)]

    def remembered(self, n: int) -> Rows:
        """Return rows that the model itself holds, such as neighbours, and rows close to them."""
        if not self._marks.examples:
            return []
        memory = np.concatenate(self._marks.examples)
        rows = memory[self._rng.integers(0, len(memory), n)]
        rows[::2] += self._rng.normal(size=rows[::2].shape) * memory.std(axis=0) / 50
        found: Rows = rows.tolist()
        return found

    def on_paths(self, n: int) -> Rows:
        """Return rows that each reach a leaf of some tree along the very edges of its splits."""
        rows = self.ordinary(n)
        if self._marks.trees:
            for row in rows:
                tree, lenses = self._marks.trees[self._rng.integers(len(self._marks.trees))]
                self._follow(tree, lenses, row)
        return rows

    def wide(self, n: int) -> Rows:
        """Return rows of numbers on many scales; other columns hold what they ordinarily do."""
        scales: Vector = 10.0 ** self._rng.integers(-3, 7, n).astype(np.float64)
        scales[: n // 16] = 1e30
        drawn = [
            column.wide(scales) if isinstance(column, Numbers) else column.draw(n)
            for column in self.columns
        ]
        return [list(row) for row in zip(*drawn, strict=True)]

    def plain(self) -> Rows:
        """Return rows of one value, and of whole numbers and booleans."""
        numeric = self.numeric
        fills: list[Any] = [0, 0.0, -0.0, 1, -1.0, True, False, 255, 1e-300]
        rows = self.ordinary(len(fills) + 16)
        for row, fill in zip(rows, fills, strict=False):
            for i in numeric:
                row[i] = fill
        for row in rows[len(fills) :]:
            for i in numeric:
                row[i] = int(self._rng.integers(-9, 10))
        return rows

    def missing(self, n: int) -> Rows:
        """Return rows with nothing in a few places; the first has nothing anywhere."""
        rows = self.ordinary(n)
        holes = self._rng.random((n, len(self.columns))) < self._rng.choice([0.1, 0.5], (n, 1))
        holes[0] = True
        holes[np.arange(1, n), self._rng.integers(0, len(self.columns), n - 1)] = True
        return [
            [None if hole else value for value, hole in zip(row, gone, strict=True)]
            for row, gone in zip(rows, holes.tolist(), strict=True)
        ]

    def odd(self, most: int) -> Rows:
        """Return up to so many rows with one value that isn't what its column ordinarily holds."""
        pairs = [(i, value) for i, column in enumerate(self.columns) for value in column.odd()]
        chosen = self._rng.permutation(len(pairs))[:most]
        rows = self.ordinary(len(chosen))
        for row, pair in zip(rows, chosen, strict=True):
            i, value = pairs[pair]
            row[i] = value
        return rows

    def _follow(self, tree: Branches, lenses: Lenses, row: Row) -> None:
        """Set what a row needs to go down one way of a tree."""
        for feature, edge in tree.edges(self._rng).items():
            lens = lenses[feature] if feature < len(lenses) else None
            if lens is not None and isinstance(self.columns[lens.source], Numbers):
                row[lens.source] = float(lens.back(np.array([edge]))[0])

    def _column(self, i: int) -> Column:
        marks = self._marks
        numbers = marks.numbers.get(i, np.empty(0))
        if i in marks.words:
            return Texts(marks.words[i], self._rng)
        if marks.categories.get(i):
            return Categories(marks.categories[i], numbers, self._rng)
        return Numbers(numbers, self._rng)

    def _settle(self, accepts: Accepts, *, strings: bool) -> None:
        """Try what else to send where the model refuses what seemed likely."""
        likely = self.columns
        tries = [likely, [_positive(column) for column in likely]]
        if strings:
            known = {*self._marks.words, *self._marks.categories, *self._marks.numbers}
            texts = Categories(STRINGS, np.empty(0), self._rng)
            tries.append([c if i in known else texts for i, c in enumerate(likely)])
        for self.columns in tries:
            if accepts(self.ordinary(TRIED)):
                return
        self.columns, self._keeps_to_memory = likely, bool(self._marks.examples)
        if not self._keeps_to_memory or not accepts(self.ordinary(TRIED)):
            raise NotCompilable("no rows were found that the model takes")


def _positive(column: Column) -> Column:
    return column.positive() if isinstance(column, Numbers) else column


def _row(instance: Any, signature: Signature) -> Row:  # noqa: ANN401 (an instance)
    """Return an example's values in the order of the columns; none if it isn't of this model."""
    if isinstance(instance, dict):
        return [instance.get(name) for name in signature.columns or ()]
    return instance if isinstance(instance, list) else []
