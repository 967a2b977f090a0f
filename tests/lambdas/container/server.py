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
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LAMBDAS = Path(__file__).resolve().parents[3] / "lambdas"
PATIENCE_SECONDS = 90.0
JSON = "application/json"


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

    def call(self, method: str, path: str, body: Any = None, kind: str = JSON) -> Reply:
        sent = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body)
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_SECONDS)
        with contextlib.closing(connection):
            connection.request(method, path, sent, {"content-type": kind})
            answer = connection.getresponse()
            headers = {name.lower(): value for name, value in answer.getheaders()}
            return Reply(answer.status, headers, answer.read())

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


def until(condition: Callable[[], bool], server: Server | None = None) -> None:
    """Wait for a condition, no longer than the server lives."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        if server is not None and server.process.poll() is not None:
            raise AssertionError(f"the server ended:\n{server.log.read_text()}")
        assert time.monotonic() < deadline, "this takes too long"
        time.sleep(0.02)


@contextlib.contextmanager
def serving(folder: Path, model_dir: Path | None = None, **variables: str) -> Iterator[Server]:
    """Run the server, with its scratch folder and log in `folder`, until the end of the block."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("SAGEMAKER_")},
        "SAGEMAKER_BIND_TO_PORT": str(port),
        "SAGEMAKER_MODEL_SERVER_WORKERS": "1",
        "MODELMOUNT_MODEL_DIR": str(model_dir or folder / "nothing"),
        "MODELMOUNT_SCRATCH_DIR": str(folder / "scratch"),
        "MODELMOUNT_THREADS": "1",
        "HF_HUB_OFFLINE": "1",
        **variables,
    }
    log = folder / "server.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "container", "serve"],
            cwd=LAMBDAS,
            env=environment,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    server = Server(port, process, log)
    try:
        until(server.listens, server)
        yield server
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(PATIENCE_SECONDS)
