"""Forked processes: some are killed, others read meanwhile.

Forking from a process that has imported everything takes milliseconds where a start takes a
second. That process must have no threads.
"""

import contextlib
import os
import pickle
import select
import signal
import time
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tests.lambdas.crash.state import Torn

POLL_SECONDS = 0.0005


class Killed(Exception):
    """The process was killed before it had answered."""


class Child:
    """A process that runs `task` and sends back its result."""

    def __init__(self, task: Callable[[], Any]) -> None:
        self._answer, writing = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            os._exit(_run(task, writing))
        os.close(writing)

    def result(self, seconds: float | None = None) -> Any:
        """Wait so many seconds for the result, then kill the process.

        Raises:
            Killed: the process was killed before it had answered.
            RuntimeError: the task failed; its traceback is in the standard error.
        """
        if not select.select([self._answer], [], [], seconds)[0]:
            os.kill(self.pid, signal.SIGKILL)
        with os.fdopen(self._answer, "rb") as stream:
            answer = stream.read()
        status = os.waitpid(self.pid, 0)[1]
        if answer:
            return pickle.loads(answer)
        if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
            raise Killed
        raise RuntimeError(f"the process ended with status {status}")


def _run(task: Callable[[], Any], writing: int) -> int:
    try:
        with os.fdopen(writing, "wb") as stream:
            stream.write(pickle.dumps(task()))
    except BaseException:
        traceback.print_exc()
        return 1
    return 0


@contextlib.contextmanager
def reading(look: Callable[[], None], stop: Path) -> Iterator[list[tuple[int, list[str]]]]:
    """Run `look` in another process until the block ends; yield its count and its faults."""

    def watch() -> tuple[int, list[str]]:
        looks, amiss = 0, []
        while not stop.exists():
            looks += 1
            try:
                look()
            except Torn as error:
                amiss.append(str(error))
            time.sleep(POLL_SECONDS)
        return looks, amiss

    found: list[tuple[int, list[str]]] = []
    reader = Child(watch)
    try:
        yield found
    finally:
        stop.touch()
        found.append(reader.result(60))
        stop.unlink()
