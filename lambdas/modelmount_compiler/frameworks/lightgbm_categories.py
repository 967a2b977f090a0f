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
TREE = re.compile(r"^split_feature=(.*)\n(?:.*\n)*?threshold=(.*)\ndecision_type=(.*)$", re.MULTILINE)
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
        if not self.used:
            return 0
        is_whole = self.low == int(self.low) and self.high == int(self.high)
        if not is_whole or self.low < 0 or self.high >= count or not self.halves:
            return None
        is_all = self.low == 0 and self.high == count - 1
        # Of ordered categories, few are never seen: they are no range of numbers.
        if not self.by_sets and 2 * (self.high + 1) < count:
            return None
        return 1 + is_all + 3 * self.by_sets


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
    """Return the pairing, if no other one could read the same values otherwise."""
    no_numbers, strict, doubtful = [], [], []
    for column in range(len(places.columns)):
        if not places.columns[column].used:
            continue
        mine = known.get(column)
        others = [lists[j] for j in places.possible(column) if lists[j] is not mine]
        if any(_differ(mine, other) for other in others):
            doubtful.append(column)
        may_be_numbers = mine is not None and places.may_be_free(column)
        if may_be_numbers and _differ(mine, None):
            doubtful.append(column)
        strict += [column] if mine is not None and others else []
        no_numbers += [column] if may_be_numbers else []
    if doubtful:
        names = booster.feature_name()
        some = ", ".join(repr(names[column]) for column in sorted({*doubtful})[:NAMED_AT_MOST])
        raise ModelRejected(
            "UNSUPPORTED_CATEGORIES",
            f"It was fitted on {len(lists)} categorical columns of a data frame, and LightGBM "
            f"doesn't store which ones: {some} could be one of categories or one of numbers. Fit "
            "it on categories that are texts, as df[name].astype(str).astype('category') makes "
            "them, or on numbers alone, as df[name].cat.codes gives them.",
        )
    return Pairing(known, tuple(no_numbers), tuple(strict))


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
    """

    def __init__(self, columns: Sequence[_Column], counts: Sequence[int]) -> None:
        self.columns, self._counts = columns, counts
        self._score = cache(lambda j, c: columns[c].score(counts[j]))
        width, n = len(columns), len(counts)
        # Whether the first j lists fit into the first c columns, and the rest into those from c on.
        self._first = [[j == 0 for j in range(n + 1)] for _ in range(width + 1)]
        self._rest = [[j == n for j in range(n + 1)] for _ in range(width + 1)]
        for c in range(width):
            for j in range(1, n + 1):
                here = self._first[c][j - 1] and self._score(j - 1, c) is not None
                self._first[c + 1][j] = self._first[c][j] or here
        for c in reversed(range(width)):
            for j in range(n):
                here = self._rest[c + 1][j + 1] and self._score(j, c) is not None
                self._rest[c][j] = self._rest[c + 1][j] or here

    def possible(self, column: int) -> list[int]:
        """Return the lists that the column could have."""
        return [
            j
            for j in range(len(self._counts))
            if self._first[column][j]
            and self._rest[column + 1][j + 1]
            and self._score(j, column) is not None
        ]

    def may_be_free(self, column: int) -> bool:
        """Whether the column could have none."""
        return any(
            self._first[column][j] and self._rest[column + 1][j]
            for j in range(len(self._counts) + 1)
        )

    def are_certain(self) -> bool:
        """Whether there is one way, as far as it matters."""
        used = [c for c, column in enumerate(self.columns) if column.used]
        return all(len(self.possible(c)) + self.may_be_free(c) == 1 for c in used)

    def best(self) -> tuple[int, ...] | None:
        """Return the columns of the most likely way; None if there is no way."""
        best: list[tuple[int, tuple[int, ...]] | None] = [(0, ())] + [None] * len(self._counts)
        for c in range(len(self.columns)):
            for j in reversed(range(len(self._counts))):
                before, score = best[j], self._score(j, c)
                if before is None or score is None:
                    continue
                found, after = (before[0] + score, (*before[1], c)), best[j + 1]
                if after is None or found[0] > after[0]:
                    best[j + 1] = found
        last = best[-1]
        return None if last is None else last[1]


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
