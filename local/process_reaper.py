"""Kills the run's child processes if the run itself is killed.

The reaper is a process of its own, and reads from a pipe which processes live. The kernel closes
the pipe however the run ends, and the reaper kills the processes that are left. This works on
Linux and macOS alike, and reaches descendants too, which PR_SET_PDEATHSIG does not.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Iterable

from local.processes import IMPORT_ROOT, kill_tree


class ProcessReaper:
    """The run's end of the pipe to the reaper."""

    def __init__(self) -> None:
        reader, writer = os.pipe()
        self._pipe = os.fdopen(writer, "w", buffering=1)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "local.process_reaper"],
            cwd=IMPORT_ROOT,
            stdin=reader,
            # Ctrl-C in a terminal reaches the whole foreground group: not the reaper.
            start_new_session=True,
        )
        os.close(reader)

    def watch(self, pid: int) -> None:
        """Registers a process that must not outlive the run, nor its descendants."""
        self._pipe.write(f"+{pid}\n")

    def release(self, pid: int) -> None:
        """Unregisters a process that has ended."""
        self._pipe.write(f"-{pid}\n")

    def close(self) -> None:
        """Ends the reaper, which kills the processes still registered."""
        self._pipe.close()
        self._process.wait()


def unreleased(lines: Iterable[str]) -> set[int]:
    """Returns the processes that were registered and never released."""
    living: set[int] = set()
    for line in lines:
        (living.add if line[0] == "+" else living.discard)(int(line[1:]))
    return living


def main() -> None:
    """Reads until the pipe closes, then kills."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    for pid in unreleased(sys.stdin):
        kill_tree(pid)


if __name__ == "__main__":
    main()
