"""Calls a function of the image under AWS's Runtime Interface Emulator."""

import contextlib
import json
import socket
import time
import urllib.request
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol
from urllib.error import HTTPError

from tests.image.server import Server, Serving

START_SECONDS = 60
PATH = "2015-03-31/functions/function/invocations"
USER = "1001:1001"  # the POSIX user of the loader's access point
PREPARER = "1003:1001"  # of the preparer's: another user of the same group
READER = "1002:1001"  # of inference's: another user of the same group
MOUNT = "/mnt/ml"
LAYER = "/opt/python"


@dataclass(frozen=True, kw_only=True)
class Function:
    """What is to run, as its resource in the template says it.

    Attributes:
        folder: of this machine, seen at /mnt/ml.
        code: of this machine, seen at `code_at`, if any: where layers lie, or in the image's place.
        reaches_host: whether it shares this machine's network, else it has none.
        user: its user and group, which on AWS are those of its access point.
    """

    handler: str
    environment: dict[str, str]
    folder: Path
    code: Path | None = None
    code_at: str = LAYER
    reaches_host: bool = False
    writable: bool = False
    user: str = USER
    memory_mb: int = 3008
    timeout_seconds: int = 60

    @property
    def variables(self) -> dict[str, str]:
        """Its whole environment: what it sets, and what the emulator reads as its limits."""
        return {
            **self.environment,
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(self.memory_mb),
            "AWS_LAMBDA_FUNCTION_TIMEOUT": str(self.timeout_seconds),
        } | ({"PYTHONPATH": LAYER} if self.code else {})


@dataclass(frozen=True)
class Running:
    """A started function.

    Attributes:
        seconds: after which an answer isn't waited for any more.
    """

    address: str
    seconds: float = 150

    def invoke(self, event: Any) -> Any:
        """Send an event; return the answer, decoded where it is JSON.

        Raises:
            TimeoutError: the emulator did not start to listen.
        """
        url = f"http://{self.address}/{PATH}"
        body = json.dumps(event).encode()
        self.listening()
        try:
            with urllib.request.urlopen(url, body, self.seconds) as answer:
                return _decoded(answer.read())
        except HTTPError as error:  # so it tells of a runtime that ended
            return _decoded(error.read())

    def listening(self) -> None:
        """Wait until the emulator listens; the runtime starts with the first event.

        Raises:
            TimeoutError: it doesn't.
        """
        host, port = self.address.split(":")
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            with contextlib.suppress(ConnectionRefusedError):
                return socket.create_connection((host, int(port)), START_SECONDS).close()
            time.sleep(0.02)
        raise TimeoutError(f"nothing listens at {self.address}")


def _decoded(answer: bytes) -> Any:
    try:
        return json.loads(answer)
    except ValueError:
        return answer.decode()  # the emulator tells of a time-out in plain text


def free_address() -> str:
    """Return a free port of this machine's loopback."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return f"127.0.0.1:{server.getsockname()[1]}"


def command(handler: str, address: str) -> list[str]:
    """Return what starts a handler under an emulator that listens where others don't."""
    return [
        *("aws-lambda-rie", "--runtime-interface-emulator-address", address),
        *("--runtime-api-address", free_address(), "python", "-m", "awslambdaric", handler),
    ]


@dataclass
class Stopwatch:
    """Seconds, measured around a block."""

    seconds: float = field(default=0.0)

    def __enter__(self) -> "Stopwatch":
        self._start = time.perf_counter()
        return self

    def __exit__(self, *_: object) -> None:
        self.seconds = time.perf_counter() - self._start


class Runner(Protocol):
    """A way to run an image.

    Attributes:
        name: for reports.
        missing: limits that it can't impose here.
    """

    name: str
    missing: frozenset[str]

    def start(self, function: Function) -> AbstractContextManager[Running]:
        """Start a function, and stop it at the end."""

    def serve(self, server: Server) -> AbstractContextManager[Serving]:
        """Start the container of the target `sagemaker`, and stop it at the end."""

    def close(self) -> None:
        """Give back what it holds."""
