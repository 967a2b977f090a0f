"""Counts the file-system calls of a process, and kills or fails the n-th of them.

Python's profiler is told of each call of a built-in function before it is made. There the process
can be killed, or an exception raised in the call's place. The code under test stays as it is.
"""

import fcntl
import io
import os
import signal
import sys
import threading
from collections.abc import Callable
from types import FrameType, ModuleType, TracebackType
from typing import Any

MAKING = ("mkdir", "rmdir", "rename", "replace", "link", "symlink", "unlink", "remove")
FILLING = ("open", "write", "pwrite", "flush", "truncate", "ftruncate", "fsync", "lockf")
WRITING = frozenset(MAKING + FILLING)
READING = frozenset(("stat", "lstat", "readlink", "listdir", "scandir", "read", "preadv"))
_MODULES = (os.open.__self__, io.open.__self__, fcntl)  # type: ignore[attr-defined]  # of built-ins


class SystemCalls:
    """Counts the calls made in a `with` block, in all its threads, and acts just before one."""

    def __init__(
        self, names: frozenset[str], at: int = 0, act: Callable[[], None] = lambda: None
    ) -> None:
        self._names = names
        self._at = at
        self._act = act
        self.made: list[str] = []

    def __enter__(self) -> "SystemCalls":
        threading.setprofile(self._see)
        sys.setprofile(self._see)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        sys.setprofile(None)
        threading.setprofile(None)

    def _see(self, frame: FrameType, event: str, function: Any) -> None:
        if event == "c_call" and function.__name__ in self._names and _is_on_files(function):
            self.made.append(function.__name__)
            if len(self.made) == self._at:
                self._act()


def _is_on_files(function: Any) -> bool:
    owner = getattr(function, "__self__", None)
    return owner in _MODULES if isinstance(owner, ModuleType) else isinstance(owner, io.IOBase)


def kill() -> None:
    """End this process as the kernel does: at once and without cleaning up."""
    os.kill(os.getpid(), signal.SIGKILL)


def fail(number: int) -> Callable[[], None]:
    """Return a function that raises the operating system's error of this number."""

    def act() -> None:
        raise OSError(number, os.strerror(number))

    return act
