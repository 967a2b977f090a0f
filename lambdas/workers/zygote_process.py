"""A zygote as a child of this process: it is started when first needed, and again if it ends."""

import contextlib
import json
import math
import os
import socket
import subprocess
import threading
import time
from pathlib import Path
from typing import Any

from confinement.environment import CODE, child_environment
from confinement.protection import protect
from workers import process_memory
from workers.failures import NotStarted
from workers.frames import Connection

# A request is a few rows: handing them to threads costs more than it saves. And a fork copies none.
ONE_THREAD = {
    "JOBLIB_MULTIPROCESSING": "0",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
}
MEMORY_VARIABLE = "AWS_LAMBDA_FUNCTION_MEMORY_SIZE"  # ONNX Runtime's threads follow from it
REPLY_BYTES = 4096
END_SECONDS = 2.0


class Threaded(Exception):
    """The zygote can fork no more: a module started a thread; the text is its name."""


class ZygoteProcess:
    """Asks one zygote for workers; one request at a time, for many threads.

    Args:
        python: the interpreter that runs it.
    """

    def __init__(self, python: Path) -> None:
        self._python = python
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._number = 0
        self._workers: set[int] = set()
        self._forked_at = -math.inf

    def fork(self, modules: tuple[str, ...], deadline: float) -> tuple[int, Connection]:
        """Start a worker, with these modules imported; return its id and the way to it.

        Raises:
            NotStarted: there is none.
            Threaded: this zygote can't fork any more.
        """
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                told = self._ask({"modules": modules}, deadline, theirs.fileno())
                if "threaded" in told:
                    raise Threaded(told["threaded"])
            except BaseException:
                ours.close()
                raise
        connection = Connection(ours)
        connection.watch()
        return told["pid"], connection

    def end(self, pid: int) -> int | None:
        """End a worker; return its exit code, where it ended by itself."""
        self.forget(pid)
        with contextlib.suppress(NotStarted):
            status: int | None = self._ask({"end": pid}, time.monotonic() + END_SECONDS)["status"]
            return status
        return None

    def forget(self, pid: int) -> None:
        """Count a worker no longer."""
        self._workers.discard(pid)

    def is_unused(self, seconds: float) -> bool:
        """Whether it runs, has no worker, and has forked none for so long."""
        is_idle = self._process is not None and not self._workers
        return is_idle and time.monotonic() - self._forked_at > seconds

    @property
    def pid(self) -> int | None:
        """The zygote's process id; None where it doesn't run."""
        return None if self._process is None else self._process.pid

    def own_bytes(self, pid: int) -> int:
        """Return the memory that a worker doesn't share with the zygote.

        Pages of the zygote's that it has written to since count for both, and so aren't told.
        """
        shared = process_memory.anonymous_bytes(self.pid or 0)
        return max(0, process_memory.anonymous_bytes(pid) - shared)

    def all_bytes(self) -> int:
        """Return the resident memory of the zygote and all workers."""
        if self.pid is None:
            return 0
        workers = sum(self.own_bytes(pid) for pid in self._workers.copy())
        return process_memory.resident_bytes(self.pid) + workers

    def close(self) -> None:
        """End the zygote and all workers."""
        with self._lock:
            self._close()

    def let_go(self, seconds: float) -> bool:
        """End the zygote where it is unused for so long; return whether it was."""
        if not self._lock.acquire(blocking=False):
            return False
        try:
            if not self.is_unused(seconds):
                return False
            self._close()
            return True
        finally:
            self._lock.release()

    def __del__(self) -> None:
        """End a zygote that nobody can ask any more."""
        self._close()

    def _close(self) -> None:
        process, control = self._process, self._control
        self._process = self._control = None
        self._workers.clear()
        if control is not None:
            control.close()
        if process is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(END_SECONDS)
            process.kill()
            process.wait()

    def _ask(self, request: dict[str, Any], deadline: float, fd: int | None = None) -> Any:
        left = deadline - time.monotonic()
        if left <= 0 or not self._lock.acquire(timeout=left):
            raise NotStarted("didn't start in time")
        try:
            if self._control is None or self._process is None or self._process.poll() is not None:
                self._close()
                if fd is None:
                    raise NotStarted("ended with its parent process")
                self._start()
            self._number += 1
            return self._answer({**request, "id": self._number}, deadline, fd)
        except OSError as error:
            self._close()
            raise NotStarted("couldn't be started: its parent process ended") from error
        finally:
            self._lock.release()

    def _answer(self, request: dict[str, Any], deadline: float, fd: int | None) -> Any:
        control = self._control
        if control is None:
            raise OSError
        socket.send_fds(control, [json.dumps(request).encode()], [] if fd is None else [fd])
        while True:
            control.settimeout(max(0.001, deadline - time.monotonic()))
            try:
                data = control.recv(REPLY_BYTES)
            except TimeoutError:
                raise NotStarted("didn't start in time") from None
            if not data:
                raise OSError
            told = json.loads(data)
            if told["id"] == request["id"]:  # others were given up
                break
        if "error" in told:
            raise NotStarted(f"couldn't be started: {told['error']}")
        if "pid" in told:
            self._workers.add(told["pid"])
            self._forked_at = time.monotonic()
        return told

    def _start(self) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        protect()  # workers have this process's user, and find its number
        memory = {MEMORY_VARIABLE: os.environ.get(MEMORY_VARIABLE, "0")}
        home = Path("/tmp")  # noqa: S108 (only read)
        variables = child_environment(home, python=self._python, **memory, **ONE_THREAD)
        # Where this process found its code by a relative path, the zygote wouldn't.
        variables["PYTHONPATH"] = os.pathsep.join((str(CODE), variables["PYTHONPATH"]))
        self._control = ours  # which is closed where the rest fails
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 (our interpreters)
                [str(self._python), "-P", "-m", "workers.zygote", str(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                cwd="/",
                env=variables,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
