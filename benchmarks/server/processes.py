"""A server as a child process on a processor of its own."""

import contextlib
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path

from benchmarks.server.contestants import ONE_THREAD, Contestant

STARTING_SECONDS = 180.0
ENDING_SECONDS = 30.0


@contextlib.contextmanager
def serving(
    peer: Contestant,
    python: Path,
    folder: Path,
    core: int | None,
    more: Mapping[str, str] | None = None,
) -> Iterator[int]:
    """Run the server until the end of the block; gives its port, once it can be asked."""
    port = _free_port()
    peer.folder(folder, port)
    environment = {**os.environ, **ONE_THREAD, **peer.variables(folder, port), **(more or {})}
    log = folder / "server.log"
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603 (one of the contestants)
            [python, *peer.command(folder, port)],
            cwd=peer.cwd,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    if core is not None:
        os.sched_setaffinity(process.pid, {core})  # before it starts threads and children
    try:
        _wait(f"http://127.0.0.1:{port}{peer.live}", process, log)
        yield port
    finally:
        _end(process)


def _end(process: "subprocess.Popen[bytes]") -> None:
    """Ask all of the group to end; kill what is left, which may outlive its leader."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(ENDING_SECONDS)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _wait(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + STARTING_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        with contextlib.suppress(urllib.error.URLError, OSError):
            urllib.request.urlopen(url, timeout=5).close()  # noqa: S310 (our own loopback)
            return
        time.sleep(0.1)
    raise SystemExit(f"the server doesn't answer {url}:\n{log.read_text('utf-8')[-3000:]}")


def _free_port() -> int:
    """Return a port such that the next two are free, too."""
    while True:
        with contextlib.ExitStack() as stack, contextlib.suppress(OSError):
            first = stack.enter_context(socket.socket())
            first.bind(("127.0.0.1", 0))
            port = int(first.getsockname()[1])
            for other in (port + 1, port + 2):
                stack.enter_context(socket.socket()).bind(("127.0.0.1", other))
            return port
