"""Replaces the function's process once its answer has left, so that no upload meets another's.

Lambda hands an environment from one invocation to the next. What ran in it stays in its memory, in
its processes and in /tmp. Here all three end with each upload: the processes are killed, /tmp is
emptied, and this process starts its own program anew (execve). Only then it asks for the next
invocation, and until then Lambda gives it none.
https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
"""

import logging
import os
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from confinement.descendants import end_descendants

logger = logging.getLogger(__name__)
CLIENT = "awslambdaric.lambda_runtime_client"
FAILED = 70


class Renewal:
    """The wish to start anew, and the way to do so.

    Attributes:
        is_possible: whether Lambda's runtime client calls this process, and asks here first.
    """

    def __init__(self) -> None:
        self.is_possible = False
        self._is_wanted = False
        # The client removes some of its variables, and a process that hides can't read them later.
        self._environment = _first_environment()

    def install(self) -> None:
        """Let the runtime client look here before it asks for the next invocation."""
        client: Any = getattr(sys.modules.get(CLIENT), "LambdaRuntimeClient", None)
        ask = getattr(client, "wait_next_invocation", None)
        if ask is None:
            return

        def ask_anew(self_: Any) -> Any:
            if self._is_wanted:
                self.renew()
            return ask(self_)

        client.wait_next_invocation = ask_anew
        self.is_possible = True

    def request(self) -> None:
        """Start anew after the answer of this invocation has left."""
        self._is_wanted = True

    def renew(self) -> None:
        """End all processes, empty the temporary folder and start this program anew.

        Where that fails, this process ends: Lambda replaces the environment then.
        """
        try:
            end_descendants()
            empty(Path(tempfile.gettempdir()))
            os.execve(sys.executable, sys.orig_argv, self._environment)  # noqa: S606 (itself)
        except BaseException:
            logger.exception("the environment couldn't be renewed, and ends")
            os._exit(FAILED)


def empty(folder: Path) -> None:
    """Delete all that is in a folder, whatever its permissions."""
    for path in folder.iterdir():
        if path.is_dir() and not path.is_symlink():
            _open_up(path)
            shutil.rmtree(path)
        else:
            path.unlink()


def _open_up(folder: Path) -> None:
    """Give the owner back what a folder's mode may refuse."""
    folder.chmod(0o700)
    for path in folder.iterdir():
        if path.is_dir() and not path.is_symlink():
            _open_up(path)


def _first_environment() -> dict[bytes, bytes]:
    """Return the variables that this process was started with."""
    try:
        entries = Path("/proc/self/environ").read_bytes().split(b"\0")
    except OSError:
        return dict(os.environb)
    pairs = (entry.partition(b"=") for entry in entries if b"=" in entry)
    return {name: value for name, _, value in pairs}
