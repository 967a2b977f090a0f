"""A model served on this machine by the container's own server, until Ctrl-C."""

import contextlib
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from modelmount import container, sample
from modelmount.container import UnusableModel
from modelmount.laid_out import laid_out

POLL_SECONDS = 0.1
# The server lets requests end for 25 s, and gives up soon after.
DRAINED_SECONDS = 40
IN_VAIN = "MODEL_DOES_NOT_LOAD"


class ServerEnded(Exception):
    """The server ended by itself; its own output says why."""


def serve_local(source: Path, *, port: int, script: Path | None = None) -> Iterator[str]:
    """Serve a model; yield what to try once it can be asked, then wait for Ctrl-C or SIGTERM.

    Raises:
        UnusableModel: it can't be served, or the port is taken.
        ServerEnded: it was, and the server crashed.
    """
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    try:
        with (
            laid_out(source, script) as folder,
            tempfile.TemporaryDirectory(prefix="modelmount-") as scratch,
        ):
            kind = container.check(folder)
            port = port or _free_port()
            yield f"Loading {source} ..."
            with _running(folder, Path(scratch), port) as server:
                url = f"http://127.0.0.1:{port}"
                _wait(server, url)
                yield f"{source} is served. Try:\n"
                yield f"  {sample.curl(url, kind)}\n"
                yield "Ctrl-C ends it, once the requests that have begun are answered."
                raise ServerEnded(f"The server ended with exit code {server.wait()}.")
    except KeyboardInterrupt:
        yield "ended"


@contextlib.contextmanager
def _running(folder: Path, scratch: Path, port: int) -> Iterator["subprocess.Popen[bytes]"]:
    _check_port(port)
    server = container.start(
        {
            "SAGEMAKER_BIND_TO_PORT": str(port),
            "SAGEMAKER_MODEL_SERVER_WORKERS": "1",
            "SAGEMAKER_CONTAINER_LOG_LEVEL": "30",
            "MODELMOUNT_HOST": "127.0.0.1",
            "MODELMOUNT_MODEL_DIR": str(folder.resolve()),
            "MODELMOUNT_SCRATCH_DIR": str(scratch),
        }
    )
    try:
        yield server
    finally:
        server.terminate()
        try:
            server.wait(DRAINED_SECONDS)
        except (subprocess.TimeoutExpired, KeyboardInterrupt):
            server.kill()  # Ctrl-C once more doesn't wait
            server.wait()


def _wait(server: "subprocess.Popen[bytes]", url: str) -> None:
    """Wait until the model can be asked, however long it takes to load."""
    while server.poll() is None:
        status, answer = container.get(f"{url}/ping")
        if status == 200:
            return
        if answer.get("error", {}).get("code") == IN_VAIN:
            raise UnusableModel(answer["error"]["message"])
        time.sleep(POLL_SECONDS)
    raise ServerEnded(f"The server ended with exit code {server.returncode} before it served.")


def _check_port(port: int) -> None:
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError as error:
        raise UnusableModel(
            f"Port {port} can't be had ({error.strerror}). Choose another with --port."
        ) from error


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])
