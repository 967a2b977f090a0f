"""Kills a process with its descendants, in whatever session they are."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

IMPORT_ROOT = Path(__file__).parent.parent  # the folder from which `python -m local.…` works


def kill_tree(root: int) -> None:
    """Kills a living process that leads its group, with the group and all descendants."""
    for pid in (root, *descendants(root, parents())):
        kill_group(pid)
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def kill_group(pid: int) -> None:
    """Kills the rest of a process group, which may outlive its leader."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def descendants(root: int, parent_of: Mapping[int, int]) -> list[int]:
    """Returns children, their children, and so on."""
    found = [pid for pid, parent in parent_of.items() if parent == root]
    return found + [below for pid in found for below in descendants(pid, parent_of)]


def parents() -> dict[int, int]:
    """Returns the parent's id by process id, of all processes that aren't zombies."""
    if sys.platform == "linux":
        # Not `ps`: slim Linux images have none.
        return dict(filter(None, map(_linux_parent, Path("/proc").glob("[0-9]*"))))
    command = ["/bin/ps", "-A", "-o", "pid=,ppid=,stat="]
    listed = subprocess.run(  # noqa: S603 a fixed command
        command, capture_output=True, text=True, check=True
    ).stdout
    rows = [line.split() for line in listed.splitlines()]
    return {int(pid): int(parent) for pid, parent, state, *_ in rows if state[0] != "Z"}


def _linux_parent(folder: Path) -> tuple[int, int] | None:
    try:
        stat = (folder / "stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    # The name, in brackets, may hold brackets and spaces itself.
    state, parent, *_ = stat.rpartition(")")[2].split()
    return None if state == "Z" else (int(folder.name), int(parent))
