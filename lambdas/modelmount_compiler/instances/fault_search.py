"""Finds the row and the column over which a model refuses a batch, by asking about parts of it.

The search takes the first row at fault, and the first column that can't stay as it is. It is
bounded by the number of calls and by time. What it doesn't find, it doesn't name.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from modelmount_compiler.instances.batches import Rows, Table

MOST_CALLS = 40
MOST_SECONDS = 1.0
MOST_SOUND = 5  # rows that are tried as sound ones


@dataclass(slots=True)
class Search:
    """Asks a model about parts of a batch, until its bounds are reached.

    Args:
        ask: calls the model, and raises what it raises.
    """

    ask: Callable[[Rows], Any]
    calls: int = 0
    ends: float = field(default_factory=lambda: time.monotonic() + MOST_SECONDS)

    def refuses(self, batch: Rows) -> bool:
        """Whether the model raises an error; raises `Exhausted`."""
        self.calls += 1
        if self.calls > MOST_CALLS or time.monotonic() > self.ends:
            raise Exhausted
        try:
            self.ask(batch)
        except MemoryError:
            raise Exhausted from None
        except Exception:
            return True
        return False

    def row(self, batch: Rows) -> int | None:
        """Return the first row that the model refuses by itself; None if there is none."""
        low, high = 0, len(batch)
        if high == 1:
            return 0
        while high - low > 1:
            middle = (low + high) // 2
            if self.refuses(part(batch, low, middle)):
                high = middle
            else:
                low = middle
        return low if self.refuses(part(batch, low, high)) else None

    def cell(self, row: Rows, sound: list[Any]) -> int | str | None:
        """Return the first value of a row that the model refuses; None if there is none.

        Args:
            row: a batch of this one row.
            sound: batches of one row that the model may answer.
        """
        names = _places(row)
        for other in sound[:MOST_SOUND] if names else ():
            if self.refuses(other):
                continue
            # With the first `low` values of the row it is answered, with the first `high` it isn't.
            low, high = 0, len(names)
            while high - low > 1:
                middle = (low + high) // 2
                if self.refuses(_mixed(row, other, names[:middle])):
                    high = middle
                else:
                    low = middle
            found: int | str = names[low]
            return found
        return None


class Exhausted(Exception):
    """The search has reached its bounds."""


def part(batch: Rows, begin: int, end: int) -> Rows:
    """Return some rows of a batch."""
    if isinstance(batch, Table):
        return Table(batch.columns, batch.rows[begin:end])
    return batch[begin:end]


def value_at(row: Rows, place: int | str) -> Any:
    """Return a value of a batch of one row."""
    if isinstance(row, Table):
        return row.rows[0][row.columns.index(str(place))]
    value = row[0][place]
    return value.item() if isinstance(value, np.generic) else value


def sound_rows(batch: Rows, row: int, probes: list[Any]) -> Iterator[Rows]:
    """Yield rows that may be sound, as batches of the batch's form: its own others, then probes."""
    others = [i for i in (0, len(batch) - 1) if i != row]
    yield from (part(batch, i, i + 1) for i in dict.fromkeys(others))
    one = part(batch, row, row + 1)
    for probe in probes:
        with_form = _in_form(one, probe)
        if with_form is not None:
            yield with_form


def _in_form(row: Rows, probe: Any) -> Rows | None:
    """Return a probe's values in the form of a batch of one row, or None."""
    if isinstance(row, np.ndarray):
        fits = isinstance(probe, list) and len(probe) == row.shape[1]
        return _as_array(probe) if fits else None
    if isinstance(row, Table):
        values = probe[: len(row.columns)] if isinstance(probe, list) else []
        return Table(row.columns, [values]) if len(values) == len(row.columns) else None
    if isinstance(row[0], dict) and isinstance(probe, list):
        fits = len(row[0]) == len(probe)
        return [dict(zip(row[0], probe, strict=True))] if fits else None
    if isinstance(row[0], list) and isinstance(probe, list):
        return [probe] if len(probe) in (0, len(row[0])) else None
    return [probe] if type(probe) is type(row[0]) else None


def _as_array(probe: list[Any]) -> NDArray[Any] | None:
    return np.array([probe], dtype=np.float64) if isinstance(probe[0], int | float) else None


def _places(row: Rows) -> list[Any]:
    if isinstance(row, Table):
        return list(row.columns)
    first = row[0]
    if isinstance(first, dict):
        return list(first)
    is_row = isinstance(first, list) or (isinstance(first, np.ndarray) and first.ndim == 1)
    return list(range(len(first))) if is_row else []


def _mixed(row: Rows, sound: Rows, kept: list[Any]) -> Rows:
    """Return a sound row with the first values of another one of the same form."""
    count = len(kept)
    if isinstance(row, Table) or isinstance(sound, Table):
        tables = [each.rows if isinstance(each, Table) else each for each in (row, sound)]
        columns = row.columns if isinstance(row, Table) else ()
        return Table(columns, [[*tables[0][0][:count], *tables[1][0][count:]]])
    if isinstance(row, np.ndarray):
        return np.concatenate([row[:, :count], np.asarray(sound)[:, count:]], axis=1)
    if isinstance(row[0], dict):
        return [sound[0] | {name: row[0][name] for name in kept}]
    return [[*row[0][:count], *sound[0][count:]]]
