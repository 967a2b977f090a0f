"""A worker as seen by the process that asks it."""

import contextlib
import functools
import json
import logging
import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from serving.cache import memory
from workers import failures, zygotes
from workers.failures import Crashed, NotStarted, OutOfMemory, TimedOut, WorkerFailed
from workers.frames import Connection, FrameError, Gone, Wait
from workers.job import Job
from workers.zygote_process import ZygoteProcess

logger = logging.getLogger(__name__)
HEADER_BYTES = 64 * 1024
ERROR = b'{"error":'
# A worker that takes longer than this gives way to the others.
SLOW_SECONDS = 1.0
SLOW_NICENESS = 10
# A worker that had less of an answer's time than this isn't to blame.
FAIR_SHARE = 0.5


class LoadFailed(Exception):
    """The model doesn't load; the text is the worker's."""


class WorkerProcess:
    """A process that holds one model. Only one thread may use it at a time."""

    def __init__(self, zygote: ZygoteProcess, job: Job, pid: int, connection: Connection) -> None:
        self._zygote = zygote
        self._job = job
        self._connection = connection
        self._asked_at = 0.0
        self._is_nice = False
        self.pid = pid

    @classmethod
    def start(
        cls, python: Path, job: Job, modules: tuple[str, ...], deadline: float
    ) -> "WorkerProcess":
        """Start a worker, and wait until it has loaded its model.

        Raises:
            LoadFailed: the model doesn't load.
            WorkerFailed: the worker failed while it loaded.
        """
        zygote, pid, connection = zygotes.shared().fork(python, modules, deadline)
        worker = cls(zygote, job, pid, connection)
        try:
            header, _ = worker.ask(b"", [job.dumps()], deadline)
            if header.startswith(ERROR):
                raise LoadFailed(told(header)["text"])
            _note(header)
        except BaseException:
            worker.end()
            raise
        return worker

    @property
    def own_bytes(self) -> int:
        """The memory that it doesn't share with its parent."""
        return self._zygote.own_bytes(self.pid)

    def is_idle(self) -> bool:
        """Whether it lives and has said nothing unasked."""
        return self._connection.is_quiet()

    def ask(
        self, header: bytes, body: Sequence[bytes | memoryview], deadline: float
    ) -> tuple[bytes, memoryview]:
        """Send a question and return the answer's header and body; raises `WorkerFailed`.

        A worker that failed has ended, or is ended here.
        """
        self._asked_at = time.monotonic()
        most = 2 * self._job.bounds.answer_bytes + HEADER_BYTES
        try:
            wait = Wait(deadline, self._watch)
            self._connection.send(header, body, wait)
            return self._connection.receive(most, wait)
        except Gone:
            raise failures.by_status(self.end()) from None
        except TimeoutError:
            self.end()
            taken = time.monotonic() - self._asked_at
            if taken < self._job.bounds.seconds * FAIR_SHARE:
                raise NotStarted("was started too late to answer in time") from None
            raise TimedOut(f"didn't answer within {taken:.0f} s") from None
        except FrameError as error:
            self.end()
            raise Crashed(f"answered with {error}") from None
        except WorkerFailed:
            self.end()
            raise

    def end(self) -> int | None:
        """End the process; return its exit code, where it ended by itself."""
        status = self._zygote.end(self.pid)
        self._connection.close()
        return status

    def __del__(self) -> None:
        """Forget the process where nobody has ended it: it ends when its connection closes."""
        self._zygote.forget(self.pid)

    def _watch(self) -> None:
        """Look after a worker that takes a while."""
        if time.monotonic() - self._asked_at > SLOW_SECONDS and not self._is_nice:
            self._is_nice = True
            with contextlib.suppress(OSError):
                os.setpriority(os.PRIO_PROCESS, self.pid, SLOW_NICENESS)
        most = self._job.bounds.process_bytes
        if most is None:
            return
        used = memory.resident_bytes() + zygotes.shared().all_bytes()
        if used > most and self.own_bytes > self._job.grown_bytes:
            raise OutOfMemory("took all memory that this deployment has left")


def told(header: bytes) -> dict[str, Any]:
    """Read the error that a worker tells; raises `Crashed` where that is none."""
    try:
        error = json.loads(header)["error"]
        field, texts = error["field"], [error[name] for name in ("kind", "text", "trace")]
    except (ValueError, TypeError, KeyError, RecursionError):
        raise Crashed("answered with what is no answer") from None
    if not all(isinstance(text, str) for text in texts) or not isinstance(field, str | None):
        raise Crashed("answered with what is no answer")
    kind, text, trace = texts
    return {"kind": kind, "text": text, "trace": trace, "field": field}


@functools.cache  # once for this process: all workers have the same kernel
def _note(header: bytes) -> None:
    """Log what keeps workers from everything else, and what this kernel lacks."""
    logger.info("a worker's confinement %s", header.decode(errors="replace")[:2000])
