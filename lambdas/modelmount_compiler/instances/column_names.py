"""Finds the model's columns under the names that a caller gives them.

Two names are the same if they are equal in Unicode's normal form NFC. So are a blank and the
underscore that LightGBM writes in its place. A name that could be two columns is neither.
"""

import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from modelmount_compiler.suggestions import suggestion

MOST_NAMED = 20


def canonical(name: str) -> str:
    """Return a form that is equal for all spellings of a name."""
    return _normal(name).replace(" ", "_")


def positions(given: Sequence[str], columns: Sequence[str]) -> dict[str, int]:
    """Return the position among the given names of each column that is found there."""
    exact = {name: place for place, name in enumerate(given)}
    found = {name: exact[name] for name in columns if name in exact}
    taken = set(found.values())
    left = {place: name for name, place in exact.items() if place not in taken}
    lacking = [name for name in columns if name not in found]
    for form in (_normal, canonical):
        here, there = _unique(left.items(), form), _unique(enumerate(lacking), form)
        for spelt, place in here.items():
            if spelt in there:
                found[lacking[there[spelt]]] = place
                del left[place]
        lacking = [name for name in lacking if name not in found]
    return found


def in_order(record: dict[str, Any], columns: Sequence[str]) -> list[Any]:
    """Return a record's values in the order of the columns; None for one that isn't there."""
    given = list(record)
    places = positions(given, columns)
    return [record[given[places[name]]] if name in places else None for name in columns]


def fault(given: Sequence[str], columns: Sequence[str], optional: Sequence[str] = ()) -> str | None:
    """Return what is wrong with the given names, or None."""
    found = positions(given, columns)
    taken = {given[place] for place in found.values()}
    missing = [name for name in columns if name not in found and name not in optional]
    unknown = [name for name in given if name not in taken]
    twice = [name for name, count in Counter(given).items() if count > 1]
    groups = {"lacks": missing, "has unknown": unknown, "has twice": twice}
    faults = [f"{what} {_listed(names)}" for what, names in groups.items() if names]
    if not faults:
        return None
    meant = suggestion(unknown[0], missing or columns) if unknown else ""
    takes = _listed(columns, quoted=False)
    return f"{' and '.join(faults)}; this model takes the columns {takes}.{meant}"


def _normal(name: str) -> str:
    return unicodedata.normalize("NFC", name)


def _unique(names: Iterable[tuple[int, str]], form: Callable[[str], str]) -> dict[str, int]:
    """Return the place of each form that one name alone has."""
    found: dict[str, int | None] = {}
    for place, name in names:
        spelt = form(name)
        found[spelt] = None if spelt in found else place
    return {spelt: place for spelt, place in found.items() if place is not None}


def _listed(names: Sequence[str], *, quoted: bool = True) -> str:
    shown = [repr(name) if quoted else name for name in names[:MOST_NAMED]]
    more = len(names) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")
