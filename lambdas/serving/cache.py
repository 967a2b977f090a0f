"""Loaded models under a budget of bytes: least recently used goes first, never one in use."""

import contextlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from serving.errors import ModelUnavailable

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


@dataclass(slots=True)
class _Entry(Generic[V]):
    size: int
    users: int = 0
    loaded: Future[V] = field(default_factory=Future)


class Cache(Generic[K, V]):
    """Maps keys to loaded values, for many threads.

    However many ask for a key at once, it is loaded once and all get the same value or the same
    error; different keys load side by side. Room is made before loading, by the size that the
    caller states, so that the sum of sizes never passes the budget.
    """

    def __init__(self, budget_bytes: int) -> None:
        self._budget = budget_bytes
        self._lock = threading.Lock()
        self._entries: OrderedDict[K, _Entry[V]] = OrderedDict()

    def __contains__(self, key: K) -> bool:
        with self._lock:
            entry = self._entries.get(key)
            return entry is not None and entry.loaded.done()

    def drop(self, chosen: Callable[[K], bool]) -> bool:
        """Let go of the chosen keys, unless one of them is in use; return whether it was done."""
        with self._lock:
            keys = [key for key in self._entries if chosen(key)]
            if any(self._entries[key].users for key in keys):
                return False
            for key in keys:
                del self._entries[key]
            return True

    @property
    def used_bytes(self) -> int:
        """Sum of the sizes of what is loaded or loading."""
        with self._lock:
            return self._sum()

    @contextlib.contextmanager
    def lease(self, key: K, size: int, load: Callable[[], V]) -> Iterator[V]:
        """Give the value of `key`, of `size` bytes, and keep it from eviction while it is used.

        `load` is called when the value isn't there and nobody is loading it yet.

        Raises:
            ModelUnavailable: it is larger than the budget, or than what others in use leave.
            Exception: whatever loading it raises.
        """
        entry, is_mine = self._enter(key, size)
        try:
            if is_mine:
                self._fill(key, entry, load)
            yield entry.loaded.result()
        finally:
            with self._lock:
                entry.users -= 1

    def _enter(self, key: K, size: int) -> tuple[_Entry[V], bool]:
        with self._lock:
            entry = self._entries.get(key)
            is_mine = entry is None
            if entry is None:
                self._make_room(size)
                entry = self._entries[key] = _Entry(size)
            self._entries.move_to_end(key)
            entry.users += 1
            return entry, is_mine

    def _fill(self, key: K, entry: _Entry[V], load: Callable[[], V]) -> None:
        try:
            entry.loaded.set_result(load())
        except BaseException as error:
            with self._lock:
                self._entries.pop(key, None)
            entry.loaded.set_exception(error)

    def _make_room(self, size: int) -> None:
        if size > self._budget:
            raise ModelUnavailable(
                f"The model needs {size} bytes of memory, and this deployment has {self._budget} "
                "for models. Raise the setting memory_mb."
            )
        idle = [key for key, entry in self._entries.items() if not entry.users]
        while self._sum() + size > self._budget:
            if not idle:
                raise ModelUnavailable("All memory for models is in use; try again soon.")
            del self._entries[idle.pop(0)]

    def _sum(self) -> int:
        return sum(entry.size for entry in self._entries.values())
