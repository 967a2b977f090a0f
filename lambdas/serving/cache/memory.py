"""What the process takes of memory, what a value holds of it, and giving it back."""

import functools
import gc
import mmap
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import BuiltinFunctionType, FunctionType, ModuleType
from typing import TypeVar

import numpy as np

T = TypeVar("T")
M_MMAP_THRESHOLD = -3
# Small enough for the arrays of a single tree; with smaller blocks 10 GB of them would come near
# the number of mappings that Linux allows a process (vm.max_map_count, 65,530).
LARGE_BYTES = 256 * 1024
STATM = Path("/proc/self/statm")
# What a value leads to and shares with all others.
SHARED = (type, ModuleType, FunctionType, BuiltinFunctionType, np.dtype)


def resident_bytes() -> int:
    """Return this process's resident memory in bytes; 0 where /proc doesn't tell."""
    try:
        pages = int(STATM.read_bytes().split()[1])
    except FileNotFoundError:
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


def held_bytes(value: object) -> int:
    """Add up all that can be reached from a value, once each; code doesn't count.

    An array counts with the whole of what it is a view of. A mapped file counts in full, since
    each of its pages is resident once it is touched. What C code holds unseen doesn't count.
    """
    total, seen, waiting = 0, set[int](), [value]
    while waiting:
        item = waiting.pop()
        if id(item) in seen or isinstance(item, SHARED):
            continue
        seen.add(id(item))
        total += len(item) if isinstance(item, mmap.mmap) else sys.getsizeof(item)
        waiting += gc.get_referents(item)
        if isinstance(item, np.ndarray):  # which the collector doesn't look into
            waiting += [item.base, *(item.flat if item.dtype.hasobject else ())]
        elif isinstance(item, memoryview):
            waiting.append(item.obj)
    return total


def trim() -> None:
    """Give freed memory back to the system: glibc keeps most of it otherwise.

    https://man7.org/linux/man-pages/man3/malloc_trim.3.html; other C libraries have no such
    function, and nothing is done.
    """
    _c_library("malloc_trim")(0)


@functools.cache
def return_large_blocks() -> None:
    """Have every block of `LARGE_BYTES` or more go back to the system as soon as it is freed.

    glibc does so too, but raises the bound to what was freed last, up to 32 MiB. From then on such
    blocks lie in the heaps of the threads that asked for them, where `trim` doesn't reach them all.
    See https://man7.org/linux/man-pages/man3/mallopt.3.html.
    """
    _c_library("mallopt")(M_MMAP_THRESHOLD, LARGE_BYTES)


def _c_library(function: str) -> Callable[..., object]:
    import ctypes  # noqa: PLC0415 (loaded by NumPy as a rule, and not needed before)

    return getattr(ctypes.CDLL(None), function, lambda *_: None)


class Limit:
    """What the process as a whole may take, by its resident memory."""

    def __init__(self, limit_bytes: int) -> None:
        self._limit = limit_bytes

    def __call__(self, growth: int) -> int:
        """Return the bytes past the limit once it has grown by so many; 0 or less is within."""
        return resident_bytes() + growth - self._limit


class Meter:
    """Measures how much resident memory grows, of what is done while nothing else is measured."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running = 0
        self._begun = 0

    def measure(self, do: Callable[[], T]) -> tuple[T, int | None]:
        """Return what `do` does, and the growth in bytes; None where another ran meanwhile."""
        with self._lock:
            self._begun += 1
            turn, is_alone = self._begun, not self._running
            self._running += 1
        before = resident_bytes()
        try:
            done = do()
        finally:
            growth = resident_bytes() - before
            with self._lock:
                self._running -= 1
                is_alone = is_alone and self._begun == turn
        return done, growth if is_alone else None
