"""Starts a module confined and waits for its end, from the parent's side."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile

from confinement.descendants import descendants
from confinement.environment import child_environment
from confinement.launch import HELD_VARIABLE, LIMITS_VARIABLE, PARENT_VARIABLE
from confinement.limits import Limits
from confinement.protection import protect

# How long a launcher may take to end what it started, before it is killed itself.
ENDING_SECONDS = 10.0
KEPT_OUTPUT = 8192
LAUNCHER = ("-m", "confinement.launch")


@dataclass(frozen=True, slots=True)
class Ended:
    """How a confined process ended.

    Attributes:
        exit_code: its exit code, a signal's number below 0, or None where its time ran out.
        output: the end of what it printed.
        held: which layers held, in a line for a log.
    """

    exit_code: int | None
    output: bytes
    held: str


def run_confined(
    arguments: Sequence[str],
    limits: Limits,
    *,
    home: Path,
    seconds: float,
    python: Path | None = None,
    pass_fds: Sequence[int] = (),
    **environment: str,
) -> Ended:
    """Run an interpreter with `arguments`, confined, until all that came of it has ended.

    Args:
        arguments: a module's name and its arguments, or `-c`, code and its arguments.
        home: its working, home and temporary folder; `limits` say whether it may write there.
        python: the interpreter; this process's own if None.
        pass_fds: descriptors that it inherits besides its output.
        environment: variables that it gets besides the allowed ones.
    """
    protect()
    # Its output goes to a file, whose size is bounded; a pipe would fill this process's memory.
    with TemporaryFile() as output, TemporaryFile() as held:
        more = {
            LIMITS_VARIABLE: limits.dumps(),
            PARENT_VARIABLE: str(os.getpid()),
            HELD_VARIABLE: str(held.fileno()),
        }
        launcher = subprocess.Popen(  # noqa: S603 (our interpreters, our own arguments)
            [str(python or sys.executable), "-P", *LAUNCHER, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=home,
            env=child_environment(home, python=python, **environment, **more),
            pass_fds=(*pass_fds, held.fileno()),
            start_new_session=True,
        )
        exit_code = _wait(launcher, seconds)
        held.seek(0)
        size = output.seek(0, os.SEEK_END)
        output.seek(max(size - KEPT_OUTPUT, 0))
        line = held.read(KEPT_OUTPUT).decode(errors="replace")
        return Ended(exit_code, output.read(KEPT_OUTPUT), line)


def _wait(launcher: subprocess.Popen[bytes], seconds: float) -> int | None:
    """Return the exit code, or None where its time ran out; all has ended either way."""
    try:
        return launcher.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        launcher.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            launcher.wait(timeout=ENDING_SECONDS)
        return None
    finally:
        _kill_all(launcher)


def _kill_all(launcher: subprocess.Popen[bytes]) -> None:
    """Kill a launcher that didn't end, with all that came of it; where it ended, do nothing."""
    below = list(descendants(launcher.pid)) if launcher.poll() is None else []
    if launcher.returncode is None:
        launcher.kill()
        launcher.wait()
    for pid in below:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGKILL)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(launcher.pid, signal.SIGKILL)
