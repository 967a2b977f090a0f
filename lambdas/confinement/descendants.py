"""Ends every process that came of this one, whatever it did to hide.

A parent that called `protect` adopts those whose parent has ended, in whatever session they are.
"""

import contextlib
import os
import signal
import time
from collections.abc import Collection, Iterator
from pathlib import Path

SECONDS = 10.0
PAUSE = 0.002


class DescendantsLeft(Exception):
    """Processes didn't end in time: this environment isn't clean any more."""


def end_descendants(*, keep: Collection[int] = (), seconds: float = SECONDS) -> int:
    """Kill all descendants of this process, again until none is left, and return how many.

    Args:
        keep: processes that stay, with what came of them.

    Raises:
        DescendantsLeft: some outlived the time.
    """
    deadline = time.monotonic() + seconds
    ended: set[int] = set()
    while _has_children() and (found := list(descendants(os.getpid(), keep))):
        # Those that are stopped start no others while the rest is killed.
        for wanted in (signal.SIGSTOP, signal.SIGKILL):
            for pid in found:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.kill(pid, wanted)
        ended.update(found)
        for pid in found:
            _reap(pid)
        if time.monotonic() > deadline:
            raise DescendantsLeft(f"{len(found)} processes didn't end in {seconds:.0f} s")
        time.sleep(PAUSE)
    return len(ended)


def descendants(root: int, keep: Collection[int] = ()) -> Iterator[int]:
    """Yield the processes that came of `root`, zombies included; none where /proc is missing."""
    children: dict[int, list[int]] = {}
    for pid, parent in _parents():
        children.setdefault(parent, []).append(pid)
    waiting = [root]
    while waiting:
        for pid in children.get(waiting.pop(), ()):
            if pid not in keep:
                waiting.append(pid)
                yield pid


def _has_children() -> bool:
    """Whether there is any child, ended ones included; none is reaped. It reads no list."""
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return False
    return True


def _parents() -> Iterator[tuple[int, int]]:
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            stat = (folder / "stat").read_text(encoding="utf-8", errors="replace")
            # The name, in brackets, may hold brackets and spaces itself.
            yield int(folder.name), int(stat.rpartition(")")[2].split()[1])


def _reap(pid: int) -> None:
    """Take the status of an ended child, so that it isn't listed any more."""
    with contextlib.suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)
