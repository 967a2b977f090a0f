"""Collects what the steps of an estimator tell about the columns of its input."""

from collections.abc import Sequence
from dataclasses import replace
from enum import IntEnum
from typing import Any

from modelmount_compiler.column_types import ANY, FLOAT, ColumnType, Null
from modelmount_compiler.frameworks.sklearn.columns import categories

# Positions in the input of the columns that a step takes; None for a computed column.
Places = Sequence[int | None]


class Rank(IntEnum):
    """How much a step tells; of two steps the higher one counts."""

    NOTHING = 0
    NUMBERS = 1
    FILLED = 2
    CATEGORIES = 3


class Evidence:
    """What is known of each column.

    Args:
        width: the number of columns of the input.
        names: their names, for errors.
    """

    def __init__(self, width: int, names: Sequence[str] | None) -> None:
        self._names = [repr(name) for name in names] if names else [str(i) for i in range(width)]
        self._found: list[tuple[Rank, ColumnType]] = [(Rank.NOTHING, ANY)] * width
        self._nulls: dict[int, Null] = {}

    def numbers(self, places: Places) -> None:
        """Note that a step takes these columns as numbers."""
        for place in places:
            self._note(place, Rank.NUMBERS, FLOAT)

    def learned(self, place: int | None, values: Any) -> None:
        """Note the fitted categories of a column."""
        if place is not None:
            found = categories.type_of(values, self._names[place])
            self._note(place, Rank.CATEGORIES, found)

    def filled(self, place: int | None, found: ColumnType, null: Null | None) -> None:
        """Note what an imputer tells: the type of a column, and its mark of a missing value."""
        self._note(place, Rank.FILLED, found)
        if place is not None and null is not None:
            self._nulls.setdefault(place, null)

    def typed(self, place: int | None, found: ColumnType) -> None:
        """Note a type that is known for certain."""
        self._note(place, Rank.CATEGORIES, found)

    def settled(self) -> tuple[ColumnType, ...]:
        """Return the type of each column."""
        return tuple(self._settled(place) for place in range(len(self._found)))

    def _settled(self, place: int) -> ColumnType:
        found = self._found[place][1]
        null = self._nulls.get(place, found.null)
        if found.null in (null, "refused"):
            return found
        if null == "nan" and found.null == "nat":
            return found
        dtype = "str" if found.kind == "string" and null == "nan" else found.dtype
        if null in ("none", "na") and found.kind in ("string", "float"):
            dtype = "object"
        return replace(found, null=null, dtype=dtype)

    def _note(self, place: int | None, rank: Rank, found: ColumnType) -> None:
        if place is not None and rank > self._found[place][0]:
            self._found[place] = (rank, found)
