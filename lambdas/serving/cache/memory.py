"""Memory: of the process, of a single value, and the return of freed memory to the system."""

import functools
import gc
import mmap
import os
import sys
from collections.abc import Callable
from pathlib import Path
from types import BuiltinFunctionType, FunctionType, ModuleType

import numpy as np

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
    """A limit on the resident memory of the process.

    Args:
        others: returns the memory of other processes that counts, too.
        let_go: called past the limit: ends what nobody uses, and returns whether there was any.
    """

    def __init__(
        self,
        limit_bytes: int,
        others: Callable[[], int] = lambda: 0,
        let_go: Callable[[], bool] = lambda: False,
    ) -> None:
        self._limit = limit_bytes
        self._others = others
        self._let_go = let_go

    def __call__(self, growth: int) -> int:
        """Return the bytes past the limit after a growth by so many; 0 or less is within it."""
        excess = self._excess(growth)
        return self._excess(growth) if excess > 0 and self._let_go() else excess

    def _excess(self, growth: int) -> int:
        return resident_bytes() + self._others() + growth - self._limit
