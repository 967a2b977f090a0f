"""Loaded models under a budget of bytes: least recently used goes first, never one in use."""

import contextlib
import gc
import threading
from collections.abc import Callable, Hashable, Iterable, Iterator
from types import TracebackType
from typing import Generic, NamedTuple, TypeVar

from serving.cache import memory
from serving.cache.entries import Entries, Entry

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Loaded(NamedTuple, Generic[V]):
    """What was loaded, and the bytes that it takes, as measured."""

    value: V
    size: int


class Cache(Generic[K, V]):
    """Maps keys to loaded values, for many threads.

    However many ask for a key at once, it is loaded once and all get the same value or the same
    error; different keys load side by side. Room is made before loading, by an estimate, and again
    after it, by what was measured: the sum of sizes never passes the budget.

    Args:
        excess: how far past its limit the process would be if it grew by so many bytes, whatever
            the sizes say. While it would be, what is idle is evicted.
    """

    def __init__(self, budget_bytes: int, excess: Callable[[int], int] = lambda _: 0) -> None:
        self._lock = threading.Lock()
        self._entries: Entries[K, V] = Entries(budget_bytes)
        self._excess = excess

    def __contains__(self, key: K) -> bool:
        with self._lock:
            entry = self._entries.get(key)
            return entry is not None and entry.is_loaded

    @property
    def used_bytes(self) -> int:
        """Sum of the sizes of what is loaded or loading."""
        with self._lock:
            return self._entries.used

    def lease(self, key: K, size: int, load: Callable[[], Loaded[V]]) -> "Lease[K, V]":
        """Give the value of `key` and keep it from eviction while it is used.

        `load` is called when the value isn't there and nobody is loading it yet; `size` estimates
        what that takes, where it hasn't been loaded before.

        Raises:
            OverBudget: it is larger than the budget, or than what others in use leave.
            Exception: whatever loading it raises.
        """
        return Lease(self, key, size, load)

    @contextlib.contextmanager
    def hold(self, keys: Iterable[K]) -> Iterator[None]:
        """Keep from eviction those of the keys that are there."""
        with self._lock:
            entries = [entry for key in keys if (entry := self._entries.get(key)) is not None]
            for entry in entries:
                entry.users += 1
        try:
            yield
        finally:
            for entry in entries:
                self.leave(entry)

    def pin(self, key: K, is_pinned: bool = True) -> None:
        """Never evict the key, used or not, or do so again; nothing happens if it isn't there."""
        with self._lock:
            entry = self._entries.get(key)
            if entry is not None:
                entry.is_pinned = is_pinned

    def drop(self, chosen: Callable[[K], bool]) -> bool:
        """Let go of the chosen keys, unless one of them is in use; return whether it was done."""
        with self._lock:
            entries = self._entries.select(chosen)
            if any(entry.users for entry in entries.values()):
                return False
            dropped = [self._entries.remove(key) for key in entries]
            entries.clear()
        _free(dropped)
        return True

    def enter(self, key: K, size: int, load: Callable[[], Loaded[V]]) -> Entry[V]:
        """Begin to use an entry, which is loaded if it has to be; raises as `lease` does."""
        evicted: list[Entry[V]] = []
        with self._lock:
            entry = self._entries.use(key)
            is_new = entry is None
            if entry is None:
                entry, evicted = self._entries.add(key, size)
            entry.users += 1
        if not entry.is_loaded:
            if is_new:
                self._fill(key, entry, evicted, load)
            try:
                entry.loaded.result()
            except BaseException:
                self.leave(entry)
                raise
        return entry

    def leave(self, entry: Entry[V]) -> None:
        """Use the entry no longer."""
        with self._lock:
            entry.users -= 1

    def _fill(
        self, key: K, entry: Entry[V], evicted: list[Entry[V]], load: Callable[[], Loaded[V]]
    ) -> None:
        loaded = None
        try:
            _free(evicted)
            self._relieve()
            loaded = load()
            with self._lock:
                evicted = self._entries.settle(key, entry, loaded.size)
            _free(evicted)
            self._relieve()
        except BaseException as error:
            del loaded  # which the error's traceback would keep
            with self._lock:
                self._entries.remove(key)
            memory.trim()
            entry.loaded.set_exception(error)
        else:
            entry.value, entry.is_loaded = loaded.value, True
            entry.loaded.set_result(None)

    def _relieve(self) -> None:
        """Evict by what the process really takes; raises `OverBudget` where that doesn't do."""
        if self._excess(self._entries.growth) <= 0:
            return
        gc.collect()  # a model in a cycle of references outlives its eviction
        memory.trim()
        while self._excess(self._entries.growth) > 0:
            with self._lock:
                evicted = [self._entries.evict_one()]
            _free(evicted)


class Lease(Generic[K, V]):
    """A value in use; a class, since `contextlib` would take as long as all the rest."""

    __slots__ = ("_arguments", "_cache", "_entry")

    def __init__(
        self, cache: Cache[K, V], key: K, size: int, load: Callable[[], Loaded[V]]
    ) -> None:
        self._cache = cache
        self._arguments = key, size, load

    def __enter__(self) -> V:
        self._entry = entry = self._cache.enter(*self._arguments)
        return entry.value

    def __exit__(
        self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None
    ) -> None:
        self._cache.leave(self._entry)


def _free(entries: list[Entry[V]]) -> None:
    """Let go of entries, which nobody else may hold, and of their memory."""
    if entries:
        entries.clear()
        memory.trim()
