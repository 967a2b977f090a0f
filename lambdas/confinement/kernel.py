"""System calls that Python's library doesn't offer."""

import ctypes
import os
import sys
from typing import Any

PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_SET_CHILD_SUBREAPER = 36
PR_SET_NO_NEW_PRIVS = 38

_library: Any = ctypes.CDLL(None, use_errno=True)


class Unavailable(Exception):
    """This system has no such layer; the text says what is missing."""


def prctl(option: int, argument: int) -> None:
    """Set a flag of this process; https://man7.org/linux/man-pages/man2/prctl.2.html.

    Raises:
        Unavailable: this isn't Linux.
        OSError: the kernel refused.
    """
    need_linux()
    _checked(_library.prctl(option, *(ctypes.c_ulong(value) for value in (argument, 0, 0, 0))))


def system_call(number: int, *arguments: Any) -> int:
    """Make a system call by its number and return its result; raises as `prctl` does."""
    need_linux()
    passed = (ctypes.c_long(each) if isinstance(each, int) else each for each in arguments)
    return _checked(_library.syscall(ctypes.c_long(number), *passed))


def need_linux() -> None:
    """Raise `Unavailable` on another system."""
    if sys.platform != "linux":
        raise Unavailable(f"{sys.platform} has nothing of the kind")


def _checked(result: int) -> int:
    if result == -1:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return int(result)
