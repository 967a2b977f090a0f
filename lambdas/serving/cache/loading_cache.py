"""Loaded values under a budget of bytes: the least recently used goes first, never one in use."""

import contextlib
import gc
import threading
from collections.abc import Callable, Hashable, Iterable, Iterator
from types import TracebackType
from typing import Generic, NamedTuple, TypeVar

from serving.cache import memory
from serving.cache.lru_entries import Entry, LruEntries

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Loaded(NamedTuple, Generic[V]):
    """A loaded value, and the bytes that it takes, as measured."""

    value: V
    size: int


class LoadingCache(Generic[K, V]):
    """Maps keys to loaded values, for many threads.

    However many ask for a key at once, it is loaded once and all get the same value or the same
    error; different keys load side by side. Room is made twice: before loading by an estimate, and
    after it by the measured size. The sum of sizes never passes the budget.

    Args:
        excess: returns how many bytes the process would be past its limit if it grew by so many,
            whatever the sizes say. As long as it would be, idle values are evicted.
        discard: called for each value that is dropped; nobody uses it any more.
    """

    def __init__(
        self,
        budget_bytes: int,
        excess: Callable[[int], int] = lambda _: 0,
        discard: Callable[[V], None] = lambda _: None,
    ) -> None:
        self._lock = threading.Lock()
        self._entries: LruEntries[K, V] = LruEntries(budget_bytes)
        self._excess = excess
        self._discard = discard

    def __contains__(self, key: K) -> bool:
        with self._lock:
            entry = self._entries.get(key)
            return entry is not None and entry.is_loaded

    @property
    def used_bytes(self) -> int:
        """The sum of the sizes of all values that are loaded or loading."""
        with self._lock:
            return self._entries.used_bytes

    def lease(self, key: K, size: int, load: Callable[[], Loaded[V]]) -> "Lease[V]":
        """Get the value of `key`, and keep it from eviction until the lease is released.

        Args:
            size: estimate of the bytes that the value takes, where it hasn't been loaded before.
            load: called when the value isn't there and no other caller is loading it yet.

        Raises:
            OverBudget: it is larger than the budget, or than what others in use leave.
            Exception: whatever loading it raises.
        """
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
                self._leave(entry)
                raise
        return Lease(self._lock, entry, is_new)

    @contextlib.contextmanager
    def hold(self, keys: Iterable[K]) -> Iterator[None]:
        """Keep those of the keys that are there from eviction."""
        with self._lock:
            entries = [entry for key in keys if (entry := self._entries.get(key)) is not None]
            for entry in entries:
                entry.users += 1
        try:
            yield
        finally:
            for entry in entries:
                self._leave(entry)

    def pin(self, key: K, is_pinned: bool = True) -> None:
        """Never evict the key, or allow that again; a key that isn't there is ignored."""
        with self._lock:
            entry = self._entries.get(key)
            if entry is not None:
                entry.is_pinned = is_pinned

    def drop(self, chosen: Callable[[K], bool]) -> bool:
        """Drop the chosen keys, unless one of them is in use; return whether they were dropped."""
        with self._lock:
            entries = self._entries.select(chosen)
            if any(entry.users for entry in entries.values()):
                return False
            dropped = [self._entries.remove(key) for key in entries]
            entries.clear()
        self._free(dropped)
        return True

    def _leave(self, entry: Entry[V]) -> None:
        with self._lock:
            entry.users -= 1

    def _fill(
        self, key: K, entry: Entry[V], evicted: list[Entry[V]], load: Callable[[], Loaded[V]]
    ) -> None:
        loaded = None
        try:
            self._free(evicted)
            self._relieve()
            loaded = load()
            with self._lock:
                evicted = self._entries.resize(key, entry, loaded.size)
            self._free(evicted)
            self._relieve()
        except BaseException as error:
            if loaded is not None:
                self._discard(loaded.value)
            del loaded  # the error's traceback would keep it
            with self._lock:
                self._entries.remove(key)
            memory.trim()
            entry.loaded.set_exception(error)
        else:
            entry.value, entry.is_loaded = loaded.value, True
            entry.loaded.set_result(None)

    def _free(self, entries: list[Entry[V]]) -> None:
        """Free the entries and their memory; no other reference to them may be left."""
        if not entries:
            return
        for entry in entries:
            if entry.is_loaded:
                self._discard(entry.value)
        del entry
        entries.clear()
        memory.trim()

    def _relieve(self) -> None:
        """Evict until the process is within its limit; raises `OverBudget` where it can't be."""
        if self._excess(self._entries.unloaded_bytes) <= 0:
            return
        gc.collect()  # a model in a cycle of references outlives its eviction
        memory.trim()
        while self._excess(self._entries.unloaded_bytes) > 0:
            with self._lock:
                evicted = [self._entries.evict_one()]
            self._free(evicted)


class Lease(Generic[V]):
    """A value in use; a class, since `contextlib` would take as long as all the rest.

    Attributes:
        value: the value.
        has_loaded: whether this lease set off its loading.
    """

    __slots__ = ("_entry", "_lock", "has_loaded", "value")

    def __init__(self, lock: threading.Lock, entry: Entry[V], has_loaded: bool) -> None:
        self._lock = lock
        self._entry = entry
        self.has_loaded = has_loaded
        self.value = entry.value

    def release(self) -> None:
        """Use the value no longer."""
        with self._lock:
            self._entry.users -= 1

    def __enter__(self) -> V:
        return self.value

    def __exit__(
        self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None
    ) -> None:
        self.release()
