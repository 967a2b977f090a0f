"""Runs a local system in a process of its own, with fresh state."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from local.endpoints import Endpoints

START_SECONDS = 90
STOP_SECONDS = 20
LOG_LINES = 30


class SystemFailed(Exception):
    """The system didn't start; the text ends with its output."""


@contextlib.contextmanager
def running_system(assembly: Path, parent: Path, auth: str = "none") -> Iterator[Endpoints]:
    """Starts a system on free ports with a new state folder below `parent`; stops it at the end.

    Args:
        auth: `none`, or `template` for an API that enforces the template's authorization.

    Raises:
        SystemFailed: the system ended or wasn't ready in time.
    """
    parent.mkdir(parents=True, exist_ok=True)
    state = Path(tempfile.mkdtemp(prefix="demo-", dir=parent))
    log = state / "system.log"
    command = [sys.executable, "-m", "local", "--assembly", str(assembly), "--state", str(state)]
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603 (this interpreter, our own arguments)
            [*command, "--api-port", "0", "--s3-port", "0"],
            env={**os.environ, "API_AUTH": auth},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C reaches us alone, and we stop it in order
        )
    try:
        yield _wait(process, state / "endpoints.json", log)
    finally:
        _stop(process)
        shutil.rmtree(state, ignore_errors=True)


def _wait(process: subprocess.Popen[bytes], written: Path, log: Path) -> Endpoints:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(FileNotFoundError):
            return Endpoints.read(written)
        time.sleep(0.05)
    how = "was not ready in time" if process.poll() is None else "ended"
    said = log.read_text("utf-8", errors="replace").splitlines()[-LOG_LINES:]
    raise SystemFailed("\n".join([f"The local system {how}. It said:", *said]))


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
