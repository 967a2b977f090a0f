"""The facts about one transformer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np


@dataclass(frozen=True, slots=True)
class Facts:
    """What a fitted transformer of a table learned, by the position of the input's columns.

    Attributes:
        names: names of the columns at the fit; whole numbers where it was fitted on an array.
        given: for each column that it gives, the position that it came from as it was, or None.
        learned: the categories of the columns that it encodes.
        numbers: the columns that it takes as numbers, with the numbers at which it changes.
        filled: what it puts in place of missing values.
    """

    names: tuple[Any, ...]
    given: tuple[int | None, ...]
    learned: Mapping[int, Sequence[Any]] = field(default_factory=dict)
    numbers: Mapping[int, Sequence[float]] = field(default_factory=dict)
    filled: Mapping[int, Any] = field(default_factory=dict)


def came_from(names: Sequence[Any], given: Sequence[Any], changed: Sequence[Any]) -> list[Any]:
    """Return the position of each given column among the input's; None for changed and new ones."""
    places = {name: place for place, name in enumerate(names) if name not in set(changed)}
    return [places.get(name) for name in given]


def categories(values: Any, dtype: Any = None) -> Any:  # an array or a list
    """Return categories in the type of the column that they were learned from.

    Args:
        values: an index, a list or an array. Libraries add NaN to it, by which whole numbers became
            floats.
        dtype: the column's type, where the library keeps it.
    """
    present = [_plain(value) for value in values if not _is_missing(value)]
    kind = getattr(dtype, "kind", "O")
    if kind in "iub" and present:
        return np.array(present).astype(dtype)
    if kind == "f":
        return np.array(present, dtype=np.float64)
    types = set(map(type, present))
    if dtype is None and types in ({int}, {float}):  # pandas has no others of them
        return np.array(present)
    return present


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value


def _is_missing(value: Any) -> bool:
    return value is None or type(value).__name__ in ("NAType", "NaTType") or bool(value != value)  # noqa: PLR0124 (NaN)
