"""Limits on memory, files and processes, which every Unix has.

https://man7.org/linux/man-pages/man2/getrlimit.2.html
"""

import contextlib
import os
import resource
import sys
from pathlib import Path

from confinement.limits import Limits

# Threads of libraries, and programs that this user runs elsewhere meanwhile.
THREADS = 512


def restrict(limits: Limits) -> None:
    """Lower this process's own limits."""
    _lower(resource.RLIMIT_DATA, limits.memory_bytes)
    _lower(resource.RLIMIT_FSIZE, limits.file_bytes)
    _lower(resource.RLIMIT_NOFILE, limits.open_files)
    _lower(resource.RLIMIT_CORE, 0)
    if sys.platform == "linux":
        _lower(resource.RLIMIT_MSGQUEUE, 0)
        # The kernel counts all threads of the user, wherever they are, and never root's.
        if os.getuid() != 0:
            _lower(resource.RLIMIT_NPROC, _threads_of(os.getuid()) + limits.processes + THREADS)


def _lower(kind: int, wanted: int) -> None:
    """Set both limits, which can't be raised again; a lower one stays."""
    _, most = resource.getrlimit(kind)
    value = wanted if most == resource.RLIM_INFINITY else min(wanted, most)
    resource.setrlimit(kind, (value, value))


def _threads_of(user: int) -> int:
    """Count the threads that a user's processes have."""
    found = 0
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError, ValueError):
            if process.stat().st_uid == user:
                stat = (process / "stat").read_text(encoding="utf-8", errors="replace")
                found += int(stat.rpartition(")")[2].split()[17])
    return found
