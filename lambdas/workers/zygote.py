"""The zygote: a process with the frameworks imported, from which workers are forked.

`python -m workers.zygote FD` serves requests on a socket, one datagram each:

- `{"id": n, "modules": [...]}` with a connected socket: import the modules, fork a worker that
  serves the socket, answer `{"id": n, "pid": pid}`, or `{"id": n, "threaded": name}` where that
  module started a thread: this process can fork no more;
- `{"id": n, "end": pid}`: end that worker and all that it started, answer its exit code as
  `{"id": n, "status": code}`, or null where it had to be killed.

It has one thread, since a fork copies no others: locks that they hold would stay locked. It is run
by the interpreter of the environment whose models its workers load.
"""

import contextlib
import gc
import importlib
import json
import os
import signal
import socket
import sys
import time
from typing import Any

from confinement.descendants import end_descendants
from confinement.protection import protect
from workers import worker

REQUEST_BYTES = 4096
END_SECONDS = 1.0
# A worker whose connection has closed is about to end by itself, and its exit code tells why.
GRACE_SECONDS = 0.1
MAX_ENDED = 1000


class Threaded(Exception):
    """A module started a thread when it was imported; the text is its name."""


class Zygote:
    """Forks workers for the process at the other end of a socket."""

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._workers: set[int] = set()
        self._ended: dict[int, int] = {}

    def serve(self) -> None:
        """Answer requests until the other end closes; then end all workers."""
        while True:
            data, fds, _, _ = socket.recv_fds(self._control, REQUEST_BYTES, 1)
            if not data:
                break
            self._reap()
            asked = json.loads(data)
            try:
                told = self._end(asked["end"]) if "end" in asked else self._fork(asked, fds)
            except Threaded as error:
                told = {"threaded": str(error)}
            except Exception as error:
                told = {"error": f"{type(error).__name__}: {error}"}
            for fd in fds:
                os.close(fd)
            self._control.send(json.dumps({"id": asked["id"], **told}).encode())
        for pid in list(self._workers):
            self._end(pid)

    def _fork(self, asked: dict[str, Any], fds: list[int]) -> dict[str, Any]:
        for name in asked["modules"]:
            if name not in sys.modules:
                _import(name)
        gc.collect()
        gc.freeze()  # a collection in a worker would write to, and so copy, all objects' pages
        parent = os.getpid()
        pid = os.fork()
        if pid == 0:
            worker.main(fds[0], parent)
        self._workers.add(pid)
        return {"pid": pid}

    def _reap(self) -> None:
        """Take the exit codes of workers that have ended, for whoever asks."""
        for pid in list(self._workers):
            status = _wait(pid, 0.0)
            if status is not None:
                self._workers.discard(pid)
                self._ended[pid] = status
        while len(self._ended) > MAX_ENDED:
            del self._ended[next(iter(self._ended))]

    def _end(self, pid: int) -> dict[str, Any]:
        """Kill a worker that hasn't ended by itself, and return how it ended."""
        if pid not in self._workers:
            return {"status": self._ended.pop(pid, None)}
        status = ended = _wait(pid, GRACE_SECONDS)
        if ended is None:
            os.kill(pid, signal.SIGKILL)
            ended = _wait(pid, END_SECONDS)
        if ended is not None:
            self._workers.discard(pid)
        end_descendants(keep=self._workers)  # whatever it started where the kernel lets it
        return {"status": status}


def _import(name: str) -> None:
    """Import a module, whose memory workers share; one that fails is the worker's to tell of."""
    with contextlib.suppress(Exception):
        importlib.import_module(name)
    if len(os.listdir("/proc/self/task")) != 1:  # noqa: PTH208 (a count is wanted)
        raise Threaded(name)


def _wait(pid: int, seconds: float) -> int | None:
    """Return the exit code of a child; None where it hasn't ended within so many seconds.

    One that waits for a file system can't be killed at once, and must not stop all others.
    """
    end = time.monotonic() + seconds
    while True:
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        if time.monotonic() >= end:
            return None
        time.sleep(0.001)


def main() -> None:
    """Serve the socket whose number the command line gives."""
    worker.be_killed_first()
    protect()
    Zygote(socket.socket(fileno=int(sys.argv[1]))).serve()


if __name__ == "__main__":
    main()
