"""Finds out which columns had the categories that a LightGBM model lists.

A model lists the categories of all categorical columns of its data frame, ordered ones among them,
in the order of the columns and without their names. It names the columns that it splits by sets of
codes: unordered categories, or whatever `categorical_feature` named. Ordered categories became
numbers from 0.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import lightgbm

from modelmount_compiler.errors import ModelRejected

INFOS = re.compile(r"^feature_infos=(.*)$", re.MULTILINE)
CATEGORICAL = re.compile(r"^\[categorical_feature: ([\d,]+)\]$", re.MULTILINE)
FORCED = re.compile(r"^\[forcedbins_filename: (.+)\]$", re.MULTILINE)
TREE = re.compile(
    r"^split_feature=(.*)\n(?:.*\n)*?threshold=(.*)\ndecision_type=(.*)$", re.MULTILINE
)
# Thresholds that LightGBM puts on both sides of zero.
AROUND_ZERO = 2e-35
NAMED_AT_MOST = 5
MOST_CODES = 2**16

Categories = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Pairing:
    """The categories of a model's columns.

    Attributes:
        known: the categories of each column that had some, by position.
        no_numbers: columns whose unknown numbers are refused: the model may have been fitted on
            another column of these categories, and then these numbers would mean something.
        strict: columns whose unknown values are refused, for the same reason.
    """

    known: dict[int, Categories] = field(default_factory=dict)
    no_numbers: tuple[int, ...] = ()
    strict: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class _Column:
    """What a model tells of a column: whether it splits it by sets, and the range of its values."""

    by_sets: bool
    used: bool
    low: float = 0.0
    high: float = -1.0
    halves: bool = True

    def score(self, count: int) -> int | None:
        """Return how well so many categories suit it, the more the better; None for not at all."""
        if not self.used:  # it may have been anything
            return 3 + 6 * self.by_sets
        is_whole = self.low == int(self.low) and self.high == int(self.high)
        if not is_whole or self.low < 0 or self.high >= count or not self.halves:
            return None
        is_all = self.low == 0 and self.high == count - 1
        # Of ordered categories, few are never seen: they are no range of numbers.
        if not self.by_sets and 2 * (self.high + 1) < count:
            return None
        return 2 + 2 * is_all + 6 * self.by_sets


def pairing(booster: lightgbm.Booster) -> Pairing:
    """Return the categories of the columns of the data frame at the fit.

    Raises:
        ModelRejected: the model doesn't say which columns had them.
    """
    lists = [tuple(each) for each in booster.pandas_categorical or ()]
    if not lists:
        return Pairing()
    columns = _columns(booster.model_to_string(num_iteration=1))
    places = _Places(columns, [len(each) for each in lists])
    if not places.are_certain():
        places = _Places(_with_thresholds(columns, booster), [len(each) for each in lists])
    chosen = places.best()
    if chosen is None:
        raise ModelRejected(
            "UNSUPPORTED_CATEGORIES",
            f"It was fitted on {len(lists)} categorical columns of a data frame, and no columns of "
            "it can be these. Save it again with the booster that was fitted.",
        )
    return _checked(dict(zip(chosen, lists, strict=True)), lists, places, booster)


def codes(booster: lightgbm.Booster) -> dict[int, Categories]:
    """Return the codes of the columns that are split by sets of them."""
    columns = _columns(booster.model_to_string(num_iteration=1))
    found = ((i, column) for i, column in enumerate(columns) if column.by_sets and column.used)
    return {i: tuple(range(min(int(column.high) + 1, MOST_CODES))) for i, column in found}


def _checked(
    known: dict[int, Categories],
    lists: list[Categories],
    places: "_Places",
    booster: lightgbm.Booster,
) -> Pairing:
    """Return the pairing, if no other one is as likely or could read the same values otherwise."""
    no_numbers, strict, doubtful = [], [], []
    for column in range(len(places.columns)):
        if not places.columns[column].used:
            continue
        mine = known.get(column)
        others: list[tuple[Categories | None, int]] = [
            (lists[j], score) for j, score in places.possible(column) if lists[j] is not mine
        ]
        if mine is not None and (free := places.score_if_free(column)) is not None:
            others.append((None, free))
        for other, score in others:
            is_as_likely = score + 1 >= (places.best_score or 0) and not _same(mine, other)
            if is_as_likely or _differ(mine, other):
                doubtful.append(column)
        if mine is not None and others:
            (no_numbers if others[0][0] is None else strict).append(column)
    if doubtful:
        names = booster.feature_name()
        some = ", ".join(repr(names[column]) for column in sorted({*doubtful})[:NAMED_AT_MOST])
        raise ModelRejected(
            "UNSUPPORTED_CATEGORIES",
            f"It was fitted on {len(lists)} categorical columns of a data frame, and LightGBM "
            f"doesn't store which ones: {some} could be one of categories or one of numbers. Fit "
            "it on unordered categories that are texts, as df[name].astype(str).astype('category') "
            "makes them, or on numbers alone, as df[name].cat.codes gives them.",
        )
    return Pairing(known, tuple(no_numbers), tuple(strict))


def _same(mine: Categories | None, other: Categories | None) -> bool:
    """Whether the categories are their own codes, so that it doesn't matter where they were."""
    if mine is None or other is None:
        codes = enumerate(mine if mine is not None else other or ())
        return all(_number(value) == code for code, value in codes)
    return mine == other


def _differ(mine: Categories | None, other: Categories | None) -> bool:
    """Whether a value has one code by the first reading and another one by the second."""
    if mine is None or other is None:
        codes = enumerate(mine if mine is not None else other or ())
        return any(_number(value) not in (None, float(code)) for code, value in codes)
    places = {value: code for code, value in enumerate(mine)}
    return any(places.get(value, code) != code for code, value in enumerate(other))


def _number(value: Any) -> float | None:
    """Return the number as which a category would be read in a column of numbers."""
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


class _Places:
    """The ways to give lists of categories to columns, in order.

    Args:
        columns: what is known of the columns.
        counts: lengths of the lists.

    Attributes:
        best_score: of the most likely way; None if there is no way.
    """

    def __init__(self, columns: Sequence[_Column], counts: Sequence[int]) -> None:
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


def _columns(text: str) -> list[_Column]:
    infos, named = INFOS.search(text), CATEGORICAL.search(text)
    by_sets = {int(place) for place in named[1].split(",")} if named else set()
    each = infos[1].split(" ") if infos else []
    return [_column(info, by_sets=i in by_sets) for i, info in enumerate(each)]


def _column(info: str, *, by_sets: bool) -> _Column:
    """Read `none`, a range of numbers as `[0:2.5]`, or codes as `-1:2:0:1`; -1 is none of them."""
    if info == "none":
        return _Column(by_sets, used=False)
    values = [float(value) for value in info.strip("[]").split(":")]
    if not info.startswith("["):
        by_sets, values = True, [value for value in values if value >= 0] or [0.0]
    return _Column(by_sets, used=True, low=min(values), high=max(values))


def _with_thresholds(columns: list[_Column], booster: lightgbm.Booster) -> list[_Column]:
    """Return the columns with what the thresholds tell: between codes they are halves."""
    text = booster.model_to_string()
    if FORCED.search(text):
        return columns
    other = set()
    for found in TREE.finditer(text):
        splits = zip(*(part.split() for part in found.groups()), strict=True)
        for column, threshold, kind in splits:
            if not int(kind) & 1 and not _is_half(float(threshold)):
                other.add(int(column))
    return [
        _Column(c.by_sets, c.used, c.low, c.high, halves=i not in other)
        for i, c in enumerate(columns)
    ]


def _is_half(threshold: float) -> bool:
    if abs(threshold) <= AROUND_ZERO or math.isinf(threshold):
        return True
    doubled = 2 * threshold
    return abs(doubled - round(doubled)) <= 1e-9 * abs(doubled)
