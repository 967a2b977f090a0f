"""The ways to give lists of categories to columns."""

from collections.abc import Sequence
from functools import cache

from modelmount_compiler.frameworks.lightgbm_categories.columns import Column


class Places:
    """The ways to give lists of categories to columns, in order.

    Args:
        columns: what is known of the columns.
        counts: lengths of the lists.

    Attributes:
        best_score: of the most likely way; None if there is no way.
    """

    def __init__(self, columns: Sequence[Column], counts: Sequence[int]) -> None:
        self.columns, self._counts = columns, counts
        self._score = cache(lambda j, c: columns[c].score(counts[j]))
        width, n = len(columns), len(counts)
        # Best scores of the first j lists in the first c columns, and of the rest in those from c.
        self._first: list[list[int | None]] = [[0] + [None] * n for _ in range(width + 1)]
        self._rest: list[list[int | None]] = [[None] * n + [0] for _ in range(width + 1)]
        for c in range(width):
            for j in range(1, n + 1):
                here = _sum(self._first[c][j - 1], self._score(j - 1, c))
                self._first[c + 1][j] = _larger(self._first[c][j], here)
        for c in reversed(range(width)):
            for j in range(n):
                here = _sum(self._rest[c + 1][j + 1], self._score(j, c))
                self._rest[c][j] = _larger(self._rest[c + 1][j], here)
        self.best_score = self._first[width][n]

    def possible(self, column: int) -> list[tuple[int, int]]:
        """Return the lists that the column could have, with the best score of such a way."""
        found = []
        for j in range(len(self._counts)):
            around = _sum(self._first[column][j], self._rest[column + 1][j + 1])
            score = _sum(around, self._score(j, column))
            found += [] if score is None else [(j, score)]
        return found

    def score_if_free(self, column: int) -> int | None:
        """Return the best score of a way in which the column has none; None if there is none."""
        best: int | None = None
        for j in range(len(self._counts) + 1):
            best = _larger(best, _sum(self._first[column][j], self._rest[column + 1][j]))
        return best

    def are_certain(self) -> bool:
        """Whether there is one way, as far as it matters."""
        used = [c for c, column in enumerate(self.columns) if column.used]
        ways = (len(self.possible(c)) + (self.score_if_free(c) is not None) for c in used)
        return all(count == 1 for count in ways)

    def best(self) -> tuple[int, ...] | None:
        """Return the columns of the most likely way; None if there is no way."""
        if self.best_score is None:
            return None
        chosen, j = [], len(self._counts)
        for c in reversed(range(len(self.columns))):
            if j and self._first[c + 1][j] != self._first[c][j]:
                chosen.append(c)
                j -= 1
        return tuple(reversed(chosen))


def _sum(a: int | None, b: int | None) -> int | None:
    return None if a is None or b is None else a + b


def _larger(a: int | None, b: int | None) -> int | None:
    return max((each for each in (a, b) if each is not None), default=None)
