"""The container's server as a process of its own, asked over HTTP."""

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

LAMBDAS = Path(__file__).resolve().parents[3] / "lambdas"
PATIENCE_SECONDS = 90.0
JSON = "application/json"
LOG = "server.log"
Found = TypeVar("Found")


@dataclass(frozen=True)
class Reply:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Server:
    port: int
    process: subprocess.Popen[bytes]
    log: Path

    def call(
        self, method: str, path: str, body: Any = None, kind: str = JSON, coding: str = ""
    ) -> Reply:
        sent = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body)
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_SECONDS)
        with contextlib.closing(connection):
            headers = {"content-type": kind, **({"content-encoding": coding} if coding else {})}
            connection.request(method, path, sent, headers)
            answer = connection.getresponse()
            received = {name.lower(): value for name, value in answer.getheaders()}
            return Reply(answer.status, received, answer.read())

    def ping(self) -> int:
        return self.call("GET", "/ping").status

    def invoke(self, body: Any, kind: str = JSON) -> Reply:
        return self.call("POST", "/invocations", body, kind)

    def listens(self) -> bool:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
            return True
        return False

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE_SECONDS)


def until(condition: Callable[[], Found], server: Server | None = None) -> Found:
    """Wait for something to be found, no longer than the server lives."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not (found := condition()):
        if server is not None and server.process.poll() is not None:
            raise AssertionError(f"the server ended:\n{server.log.read_text()}")
        assert time.monotonic() < deadline, "this takes too long"
        time.sleep(0.02)
    return found


@contextlib.contextmanager
def serving(folder: Path, model_dir: Path | None = None, **variables: str) -> Iterator[Server]:
    """Run the server, with its scratch folder and log in `folder`, until the end of the block."""
    model_dir = model_dir or folder / "nothing"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = start(folder, port, {"MODELMOUNT_MODEL_DIR": str(model_dir), **variables})
    server = Server(port, process, folder / LOG)
    try:
        until(server.listens, server)
        yield server
    finally:
        end(process)


def start(folder: Path, port: int, variables: Mapping[str, str]) -> "subprocess.Popen[bytes]":
    """Start the server; its output goes into a file, which never fills up as a pipe does."""
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("SAGEMAKER_")},
        "SAGEMAKER_BIND_TO_PORT": str(port),
        "SAGEMAKER_MODEL_SERVER_WORKERS": "1",
        "MODELMOUNT_SCRATCH_DIR": str(folder / "scratch"),
        "MODELMOUNT_THREADS": "1",
        "HF_HUB_OFFLINE": "1",
        **variables,
    }
    with (folder / LOG).open("wb") as output:
        return subprocess.Popen(
            [sys.executable, "-m", "container", "serve"],
            cwd=LAMBDAS,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
        )


def end(process: "subprocess.Popen[bytes]") -> None:
    """End the server, and say so where it had to be killed."""
    process.terminate()
    try:
        process.wait(PATIENCE_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        raise
