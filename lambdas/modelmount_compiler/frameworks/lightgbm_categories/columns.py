"""What a LightGBM model tells of its columns: splits by sets, ranges of values, thresholds."""

import math
import re
from dataclasses import dataclass

import lightgbm

INFOS = re.compile(r"^feature_infos=(.*)$", re.MULTILINE)
CATEGORICAL = re.compile(r"^\[categorical_feature: ([\d,]+)\]$", re.MULTILINE)
FORCED = re.compile(r"^\[forcedbins_filename: (.+)\]$", re.MULTILINE)
TREE = re.compile(
    r"^split_feature=(.*)\n(?:.*\n)*?threshold=(.*)\ndecision_type=(.*)$", re.MULTILINE
)
# Thresholds that LightGBM puts on both sides of zero.
AROUND_ZERO = 2e-35


@dataclass(frozen=True, slots=True)
class Column:
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


def columns_of(text: str) -> list[Column]:
    """Return what the header and the parameters of a model's text tell of each column."""
    infos, named = INFOS.search(text), CATEGORICAL.search(text)
    by_sets = {int(place) for place in named[1].split(",")} if named else set()
    each = infos[1].split(" ") if infos else []
    return [_column(info, by_sets=i in by_sets) for i, info in enumerate(each)]


def _column(info: str, *, by_sets: bool) -> Column:
    """Read `none`, a range of numbers as `[0:2.5]`, or codes as `-1:2:0:1`; -1 is none of them."""
    if info == "none":
        return Column(by_sets, used=False)
    values = [float(value) for value in info.strip("[]").split(":")]
    if not info.startswith("["):
        by_sets, values = True, [value for value in values if value >= 0] or [0.0]
    return Column(by_sets, used=True, low=min(values), high=max(values))


def with_thresholds(columns: list[Column], booster: lightgbm.Booster) -> list[Column]:
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
        Column(c.by_sets, c.used, c.low, c.high, halves=i not in other)
        for i, c in enumerate(columns)
    ]


def _is_half(threshold: float) -> bool:
    if abs(threshold) <= AROUND_ZERO or math.isinf(threshold):
        return True
    doubled = 2 * threshold
    return abs(doubled - round(doubled)) <= 1e-9 * abs(doubled)
