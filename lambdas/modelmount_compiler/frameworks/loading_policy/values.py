"""Stand-ins for what loading a file would make."""

from collections.abc import Iterator
from typing import Any

from modelmount_compiler.frameworks.loading_policy.globals import Global

PLAIN = (type(None), bool, int, float, complex, str, bytes, bytearray)
CONTAINERS = (list, tuple, set, frozenset, dict)


class Made:
    """Stands for an object. It accepts items as a list, dict or set does.

    Attributes:
        made_of: the name of its class.
        given: what it was made with, when that stays inside it.
        state: what it got as its state.
        items: what was put into it.
    """

    __slots__ = ("given", "has_state", "items", "made_of", "state")

    def __init__(self, made_of: str, given: object = ()) -> None:
        self.made_of = made_of
        self.given = given
        self.state: Any = None
        self.has_state = False
        self.items: list[object] | None = None

    def append(self, item: object) -> None:
        """Note an item."""
        if self.items is None:
            self.items = []
        self.items.append(item)

    add = append

    def extend(self, items: list[object]) -> None:
        """Note several items."""
        for item in items:
            self.append(item)

    def __setitem__(self, key: object, value: object) -> None:
        """Note a pair."""
        self.extend([key, value])


def parts(value: Any) -> Iterator[Any]:
    """Yield what lies in containers at any depth: plain values, `Global` and `Made` objects."""
    waiting, visited = [value], set()
    while waiting:
        each = waiting.pop()
        if not isinstance(each, CONTAINERS):
            yield each
        elif id(each) not in visited:
            visited.add(id(each))
            if isinstance(each, dict):
                waiting.extend(each.keys())
                waiting.extend(each.values())
            else:
                waiting.extend(each)


def is_plain(value: Any) -> bool:
    """Whether a value is a text, number or the like, or a container of these."""
    return all(isinstance(part, PLAIN) for part in parts(value))


def name_of(value: object) -> str | None:
    """Return the name of a function or class; None for all else."""
    return str(value) if isinstance(value, Global) else None
