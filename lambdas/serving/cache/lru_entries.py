"""Cache entries under a budget of bytes, in order of their last use. Callers hold a lock."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from serving.errors import OverBudget

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
# Measured sizes that are kept after an eviction: more than an ordinary repository has models.
MAX_MEASURED = 10_000


@dataclass(slots=True, eq=False)
class Entry(Generic[V]):
    """A value that is loaded, or being loaded.

    Attributes:
        size: bytes that it takes: estimated at first, and measured once it is loaded.
        unloaded_bytes: the part of the size that the process hasn't grown by yet.
        users: callers who use it now, or wait for it.
        value: set when `is_loaded` is.
        loaded: done when the value is loaded, or with the error that loading it raised.
    """

    size: int
    unloaded_bytes: int
    users: int = 0
    is_pinned: bool = False
    is_loaded: bool = False
    value: V = None  # type: ignore[assignment]
    loaded: Future[None] = field(default_factory=Future)


class LruEntries(Generic[K, V]):
    """Keys and their entries, whose sizes never add up to more than the budget.

    Attributes:
        used_bytes: sum of the sizes.
        unloaded_bytes: the part of that sum which the process hasn't grown by yet.
    """

    def __init__(self, budget_bytes: int) -> None:
        self._budget = budget_bytes
        self._entries: OrderedDict[K, Entry[V]] = OrderedDict()
        self._measured: dict[K, int] = {}
        self.used_bytes = 0
        self.unloaded_bytes = 0

    def get(self, key: K) -> Entry[V] | None:
        """Return the entry without counting that as a use."""
        return self._entries.get(key)

    def use(self, key: K) -> Entry[V] | None:
        """Return the entry, and count that as its latest use."""
        entry = self._entries.get(key)
        if entry is not None:
            self._entries.move_to_end(key)
        return entry

    def select(self, chosen: Callable[[K], bool]) -> dict[K, Entry[V]]:
        """Return the entries of the chosen keys."""
        return {key: entry for key, entry in self._entries.items() if chosen(key)}

    def add(self, key: K, estimate: int) -> tuple[Entry[V], list[Entry[V]]]:
        """Add an entry of the size last measured, or else of the estimate; return the evicted.

        Raises:
            OverBudget: there is no room for it; nothing is evicted.
        """
        size = self._measured.get(key, estimate)
        evicted = self._make_room(size)
        entry = self._entries[key] = Entry[V](size, unloaded_bytes=size)
        self.used_bytes += size
        self.unloaded_bytes += size
        return entry, evicted

    def resize(self, key: K, entry: Entry[V], size: int) -> list[Entry[V]]:
        """Replace the estimate by the measured size; returns and raises as `add` does."""
        self._remember(key, size)
        self.unloaded_bytes -= entry.unloaded_bytes
        entry.unloaded_bytes = 0
        evicted = self._make_room(size, instead_of=entry.size)
        self.used_bytes += size - entry.size
        entry.size = size
        return evicted

    def remove(self, key: K) -> Entry[V]:
        """Remove an entry, used or not."""
        entry = self._entries.pop(key)
        self.used_bytes -= entry.size
        self.unloaded_bytes -= entry.unloaded_bytes
        return entry

    def evict_one(self) -> Entry[V]:
        """Remove the least recently used; raises `OverBudget` where all are in use."""
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
        excess = self.used_bytes - instead_of + size - self._budget
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
        if len(self._measured) > MAX_MEASURED:
            del self._measured[next(iter(self._measured))]


def _is_idle(entry: Entry[V]) -> bool:
    return not entry.users and not entry.is_pinned
