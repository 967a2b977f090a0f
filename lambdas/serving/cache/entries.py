"""Entries under a budget of bytes, in order of their last use. Not for several threads at once."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from serving.errors import OverBudget

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
# Sizes of what was evicted that are remembered: more than an ordinary repository has models.
REMEMBERED = 10_000


@dataclass(slots=True, eq=False)
class Entry(Generic[V]):
    """What is loaded, or being loaded.

    Attributes:
        size: bytes it takes: as estimated, and once it is loaded as measured.
        growth: bytes of the size that are still to come.
        users: how many use it now, or wait for it.
        value: there when `is_loaded`.
    """

    size: int
    growth: int
    users: int = 0
    is_pinned: bool = False
    is_loaded: bool = False
    value: V = None  # type: ignore[assignment]
    loaded: Future[None] = field(default_factory=Future)


class Entries(Generic[K, V]):
    """Keys and their entries, whose sizes never add up to more than the budget.

    Attributes:
        used: sum of the sizes.
        growth: bytes that are still to come of what is being loaded.
    """

    def __init__(self, budget_bytes: int) -> None:
        self._budget = budget_bytes
        self._entries: OrderedDict[K, Entry[V]] = OrderedDict()
        self._measured: dict[K, int] = {}
        self.used = 0
        self.growth = 0

    def get(self, key: K) -> Entry[V] | None:
        """Look without using."""
        return self._entries.get(key)

    def use(self, key: K) -> Entry[V] | None:
        """Look, and count as the latest use."""
        entry = self._entries.get(key)
        if entry is not None:
            self._entries.move_to_end(key)
        return entry

    def select(self, chosen: Callable[[K], bool]) -> dict[K, Entry[V]]:
        """Look at the chosen keys."""
        return {key: entry for key, entry in self._entries.items() if chosen(key)}

    def add(self, key: K, estimate: int) -> tuple[Entry[V], list[Entry[V]]]:
        """Reserve room by the size last measured, or else the estimate; return what had to go.

        Raises:
            OverBudget: there is no such room; nothing goes.
        """
        size = self._measured.get(key, estimate)
        evicted = self._make_room(size)
        entry = self._entries[key] = Entry[V](size, growth=size)
        self.used += size
        self.growth += size
        return entry, evicted

    def settle(self, key: K, entry: Entry[V], size: int) -> list[Entry[V]]:
        """Replace the estimate by what was measured; return and raise as `add` does."""
        self._remember(key, size)
        self.growth -= entry.growth
        entry.growth = 0
        evicted = self._make_room(size, instead_of=entry.size)
        self.used += size - entry.size
        entry.size = size
        return evicted

    def remove(self, key: K) -> Entry[V]:
        """Take out an entry, used or not."""
        entry = self._entries.pop(key)
        self.used -= entry.size
        self.growth -= entry.growth
        return entry

    def evict_one(self) -> Entry[V]:
        """Take out the least recently used; raises `OverBudget` where all are in use."""
        key = next((key for key, entry in self._entries.items() if _is_idle(entry)), None)
        if key is None:
            raise OverBudget("All memory of this process is in use; try again soon.")
        return self.remove(key)

    def _make_room(self, size: int, instead_of: int = 0) -> list[Entry[V]]:
        if size > self._budget:
            raise OverBudget(
                f"The model needs {size} bytes of memory, and this deployment has {self._budget} "
                "for models. Raise the setting memory_mb."
            )
        excess = self.used - instead_of + size - self._budget
        victims = []
        for key, entry in self._entries.items() if excess > 0 else ():
            if _is_idle(entry):
                victims.append(key)
                excess -= entry.size
                if excess <= 0:
                    break
        if excess > 0:
            raise OverBudget(
                "All memory for models is in use or kept by the setting preload; try again soon."
            )
        return [self.remove(key) for key in victims]

    def _remember(self, key: K, size: int) -> None:
        self._measured[key] = size
        if len(self._measured) > REMEMBERED:
            del self._measured[next(iter(self._measured))]


def _is_idle(entry: Entry[V]) -> bool:
    return not entry.users and not entry.is_pinned
