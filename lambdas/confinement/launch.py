"""Runs a Python module confined, and ends with it all that it started.

    python -P -m confinement.launch MODULE [ARGUMENT …]     or: -c CODE [ARGUMENT …]

Two processes: this one only waits, and adopts what the module's process leaves behind. It ends
when that process and all its descendants have, and its exit status is that process's. SIGTERM
makes it end them at once. `LIMITS_VARIABLE` has the limits, `PARENT_VARIABLE` the process that it
ends with, `HELD_VARIABLE` a descriptor to which it writes which layers hold.
"""

import contextlib
import os
import runpy
import signal
import sys
from types import FrameType
from typing import Any

from confinement.confine import confine, end_with_parent
from confinement.descendants import DescendantsLeft, end_descendants
from confinement.kernel import Unavailable
from confinement.limits import Limits
from confinement.protection import protect

LIMITS_VARIABLE = "CONFINEMENT_LIMITS"
PARENT_VARIABLE = "CONFINEMENT_PARENT"
HELD_VARIABLE = "CONFINEMENT_HELD_FD"
# What Python's interpreter says when it can't go on.
FAILED = 70


def main(arguments: list[str]) -> None:
    """Start the module's process, wait for its end, and end as it did."""
    limits = Limits.loads(os.environ.pop(LIMITS_VARIABLE))
    parent = int(os.environ.pop(PARENT_VARIABLE))
    held_to = int(os.environ.pop(HELD_VARIABLE))
    with contextlib.suppress(Unavailable):
        end_with_parent(parent)
    protect()
    signal.signal(signal.SIGTERM, _stop)
    own = os.getpid()
    child = os.fork()
    if child == 0:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        _run(arguments, limits, own, held_to)
    status = _wait(child)
    with contextlib.suppress(DescendantsLeft):
        end_descendants()
    _end_as(status)


class _Stopped(Exception):
    """The parent wants an end."""


def _stop(_signal: int, _frame: FrameType | None) -> None:
    raise _Stopped


def _wait(child: int) -> int:
    """Return the child's status; when this process is told to stop, kill the child before."""
    try:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    except _Stopped:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        os.kill(child, signal.SIGKILL)
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _end_as(status: int) -> None:
    """End with the same exit code, or by the same signal."""
    if status < 0:
        with contextlib.suppress(OSError):  # SIGKILL has no handler to be set
            signal.signal(-status, signal.SIG_DFL)
        os.kill(os.getpid(), -status)
    os._exit(status if status >= 0 else FAILED)


def _run(arguments: list[str], limits: Limits, parent: int, held_to: int) -> None:
    """Confine this process and run the module in it."""
    with os.fdopen(held_to, "w") as told:
        told.write(str(confine(limits, parent=parent)))
    name, sys.argv = arguments[0], arguments
    if name == "-c":
        sys.argv = ["-c", *arguments[2:]]
        own: dict[str, Any] = {"__name__": "__main__"}
        exec(compile(arguments[1], "<string>", "exec"), own)  # noqa: S102 (as `python -c`)
    else:
        runpy.run_module(name, run_name="__main__", alter_sys=True)
    sys.exit(0)


if __name__ == "__main__":
    main(sys.argv[1:])
