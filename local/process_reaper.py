"""Ends what this run started when the run itself is killed outright.

A process of its own, told over a pipe which processes live. However the run ends, the kernel
closes the pipe, and what is still on the list is killed. This works on Linux and macOS alike, and
reaches what a function started, which PR_SET_PDEATHSIG does not.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Iterable

from local.processes import IMPORT_ROOT, kill_tree


class ProcessReaper:
    """The run's end of the pipe."""

    def __init__(self) -> None:
        reader, writer = os.pipe()
        self._pipe = os.fdopen(writer, "w", buffering=1)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "local.process_reaper"],
            cwd=IMPORT_ROOT,
            stdin=reader,
            # Ctrl-C in a terminal reaches the whole foreground group: not the watchdog.
            start_new_session=True,
        )
        os.close(reader)

    def watch(self, pid: int) -> None:
        """This process must not outlive the run, nor what it starts."""
        self._pipe.write(f"+{pid}\n")

    def release(self, pid: int) -> None:
        """This process has ended."""
        self._pipe.write(f"-{pid}\n")

    def close(self) -> None:
        """End the watch; what is still listed is killed."""
        self._pipe.close()
        self._process.wait()


def unreleased(lines: Iterable[str]) -> set[int]:
    """The processes that were announced and never released."""
    living: set[int] = set()
    for line in lines:
        (living.add if line[0] == "+" else living.discard)(int(line[1:]))
    return living


def main() -> None:
    """Read until the pipe closes, then kill."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    for pid in unreleased(sys.stdin):
        kill_tree(pid)


if __name__ == "__main__":
    main()
