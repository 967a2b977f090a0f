"""Asks a fitted encoder about every category, to write its answers into tables.

An encoder replaces each category by numbers or by another category, whatever the other columns
hold. So all that it can answer is found by one question for each category of each column, one for
a missing value, and some for unknown ones.
"""

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from modelmount_compiler.convert.graph import NotCompilable, Value
from modelmount_compiler.frameworks.third_party import Facts
from modelmount_compiler.instances import typed_batches

Array = NDArray[Any]
UNKNOWN_TEXTS = ("\0 no category at all \0", "\1 another one \1")
Transform = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Answers:
    """What an encoder answers about one column, while the others stay as they are.

    Attributes:
        values: its categories.
        known: the answers to them, an array of objects of shape (categories, outputs).
        missing: the answer to a missing value, shape (outputs,); None where it is refused.
        unknown: the answer to an unknown category likewise.
    """

    values: list[Any]
    known: Array
    missing: Array | None
    unknown: Array | None

    def varies(self, output: int, base: Any) -> bool:
        """Whether an output depends on the column."""
        found = [*self.known[:, output]]
        found += [each[output] for each in (self.missing, self.unknown) if each is not None]
        return any(not _same(value, base) for value in found)


class Trial:
    """Asks one encoder.

    Args:
        facts: what it learned.
        x: its input in the program.
        transform: calls it, and returns a data frame.

    Attributes:
        base: the answer to a row of first categories.
        by_column: the answers by encoded column.
    """

    def __init__(self, facts: Facts, x: Value, transform: Transform) -> None:
        self._facts, self._x, self._transform = facts, x, transform
        self._values = {place: _values(known) for place, known in facts.learned.items()}
        self._row = [self._default(place) for place in range(len(facts.names))]
        base = self._ask([self._row])
        if base is None:
            raise NotCompilable("an encoder refuses its own categories")
        self.base = base[0]
        self.by_column = {place: self._answers(place) for place in facts.learned}

    def _default(self, place: int) -> Any:
        if values := self._values.get(place):
            return values[0]
        kind = "float" if self._x.types is None else self._x.types[place].kind
        defaults: dict[str, Any] = {"string": "a", "category": "a", "integer": 1, "boolean": True}
        return defaults.get(kind, 1.0)

    def _answers(self, place: int) -> Answers:
        values = self._values[place]
        known = self._ask([self._with(place, value) for value in values])
        if known is None:
            raise NotCompilable("an encoder refuses its own categories")
        unknown = [self._ask([self._with(place, value)]) for value in _unknown(values)]
        if any((each is None) != (unknown[0] is None) for each in unknown):
            raise NotCompilable("an encoder refuses some unknown categories, and takes others")
        first = None if unknown[0] is None else unknown[0][0]
        for each in unknown[1:]:
            if each is not None and first is not None and not _all_same(each[0], first):
                raise NotCompilable("an encoder tells unknown categories from one another")
        gap = self._ask([self._with(place, self._gap(place))])
        return Answers(values, known, None if gap is None else gap[0], first)

    def _gap(self, place: int) -> Any:
        types = self._x.types
        return None if types is not None and types[place].null == "none" else float("nan")

    def _with(self, place: int, value: Any) -> list[Any]:
        return [*self._row[:place], value, *self._row[place + 1 :]]

    def _ask(self, rows: Sequence[list[Any]]) -> Array | None:
        """Return the answers to some rows as objects; None where they are refused."""
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            try:
                answer = self._transform(self._batch(rows))
            except (ArithmeticError, LookupError, TypeError, ValueError):
                return None
        if len(answer) != len(rows) or answer.shape[1] != len(self._facts.given):
            raise NotCompilable("an encoder that gives other rows or columns than it takes")
        columns = [answer.iloc[:, i].astype(object).tolist() for i in range(answer.shape[1])]
        found = np.empty(answer.shape, dtype=object)
        for i, column in enumerate(columns):
            found[:, i] = column
        return found

    def _batch(self, rows: Sequence[list[Any]]) -> Any:
        import pandas as pd  # noqa: PLC0415 (models of plain numbers don't need it)

        names = self._facts.names
        if not all(isinstance(name, str) for name in names):
            if self._x.kind == "matrix":
                return np.array(rows, dtype=np.float64)
            array = np.empty((len(rows), len(names)), dtype=object)
            array[:] = [list(row) for row in rows]
            return array
        if self._x.types is not None:
            return typed_batches.frame(rows, self._x.types, names)
        columns = {i: pd.Series([row[i] for row in rows]) for i in range(len(names))}
        frame = pd.DataFrame(columns)
        frame.columns = pd.Index(names)
        return frame


def _values(known: Sequence[Any]) -> list[Any]:
    found = known.tolist() if isinstance(known, np.ndarray) else list(known)
    if not all(isinstance(value, str | int | float | bool) for value in found):
        raise NotCompilable("categories that JSON hasn't")
    return list(dict.fromkeys(found))


def _unknown(values: Sequence[Any]) -> list[Any]:
    """Return values of the same type that aren't among the categories."""
    if values and all(isinstance(value, int | float) for value in values):
        beyond = max(abs(value) for value in values)
        is_whole = all(isinstance(value, int) for value in values)
        return [int(beyond) + 7, -int(beyond) - 9] if is_whole else [beyond + 7.5, -beyond - 9.25]
    return [text for text in UNKNOWN_TEXTS if text not in values]


def _same(one: Any, other: Any) -> bool:
    return bool(one == other) or (_is_gap(one) and _is_gap(other))


def _is_gap(value: Any) -> bool:
    return value is None or (isinstance(value, float) and value != value)  # noqa: PLR0124 (NaN)


def _all_same(one: Array, other: Array) -> bool:
    return all(_same(a, b) for a, b in zip(one, other, strict=True))
