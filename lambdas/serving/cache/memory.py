"""Memory: of the process, of a single value, and the return of freed memory to the system."""

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
# Objects that all values share.
SHARED = (type, ModuleType, FunctionType, BuiltinFunctionType, np.dtype)


def resident_bytes() -> int:
    """Return this process's resident memory in bytes; 0 where /proc doesn't tell."""
    try:
        pages = int(STATM.read_bytes().split()[1])
    except FileNotFoundError:
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


def held_bytes(value: object) -> int:
    """Return the bytes of all objects that a value refers to, each counted once; code isn't.

    An array counts with the whole buffer that it is a view of. A mapped file counts in full,
    since each of its pages is resident once it is touched. Memory that C code hides isn't counted.
    """
    total, seen, waiting = 0, set[int](), [value]
    while waiting:
        item = waiting.pop()
        if id(item) in seen or isinstance(item, SHARED):
            continue
        seen.add(id(item))
        total += len(item) if isinstance(item, mmap.mmap) else sys.getsizeof(item)
        waiting += gc.get_referents(item)
        if isinstance(item, np.ndarray):  # the collector doesn't look into arrays
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

    By default glibc raises this bound to the size of the last freed block, up to 32 MiB. From then
    on such blocks lie in the heaps of their threads, where `trim` doesn't reach them all.
    See https://man7.org/linux/man-pages/man3/mallopt.3.html.
    """
    _c_library("mallopt")(M_MMAP_THRESHOLD, LARGE_BYTES)


def _c_library(function: str) -> Callable[..., object]:
    import ctypes  # noqa: PLC0415 (loaded by NumPy as a rule, and not needed before)

    return getattr(ctypes.CDLL(None), function, lambda *_: None)


class Limit:
    """A limit on the resident memory of the process."""

    def __init__(self, limit_bytes: int) -> None:
        self._limit = limit_bytes

    def __call__(self, growth: int) -> int:
        """Return the bytes past the limit after a growth by so many; 0 or less is within it."""
        return resident_bytes() + growth - self._limit


class Meter:
    """Measures the growth of resident memory by calls that don't overlap."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running = 0
        self._begun = 0

    def measure(self, do: Callable[[], T]) -> tuple[T, int | None]:
        """Return the result of `do`, and the growth in bytes; None if another call overlapped."""
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
