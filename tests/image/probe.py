"""A handler that does what it is told, in the place of the real ones: to meet the limits."""

import multiprocessing
import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any


def handler(event: dict[str, Any], context: object) -> Any:
    """Do the one thing that the event names; return what came of it."""
    ((action, value),) = event.items()
    return globals()[f"_{action}"](value)


def _user(_: object) -> int:
    return os.getuid()


def _take(mebibytes: int) -> int:
    return len(bytearray(os.urandom(1)) * (mebibytes * 2**20)) // 2**20


def _wait(seconds: float) -> float:
    time.sleep(seconds)
    return seconds


def _write(path: str) -> str | None:
    return _refusal(lambda: Path(path).write_text("x"))


def _connect(address: list[Any]) -> str | None:
    return _refusal(lambda: socket.create_connection((address[0], address[1]), 2).close())


def _python(arguments: list[str]) -> str:
    command = [sys.executable, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def _semaphore(_: object) -> str | None:
    return _refusal(lambda: multiprocessing.get_context("spawn").Lock())


def _refusal(action: Any) -> str | None:
    try:
        action()
    except OSError as error:
        return os.strerror(error.errno) if error.errno else str(error)
    return None
