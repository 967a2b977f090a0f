"""SageMaker's container: how it is started, asked and stopped."""

import contextlib
import http.client
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.lambdas.container.server import JSON, Reply

FILES = "/opt/ml"  # SageMaker unpacks to /opt/ml/model; of many models, each to /opt/ml/models/…
START_SECONDS = 90
STOP_SECONDS = 30  # between SIGTERM and SIGKILL, as SageMaker has it


@dataclass(frozen=True, kw_only=True)
class Server:
    """What is to run, as SageMaker does: `docker run IMAGE serve`.

    Attributes:
        folder: of this machine, seen at /opt/ml, read-only.
    """

    folder: Path
    environment: dict[str, str] = field(default_factory=dict)
    memory_mb: int = 2048


@dataclass(frozen=True)
class Serving:
    """A started container.

    Attributes:
        stop: sends SIGTERM and, where that isn't heeded, SIGKILL; gives the exit status.
    """

    address: str
    stop: Callable[[], int]

    def call(self, method: str, path: str, body: Any = None, kind: str = JSON) -> Reply:
        """Ask it; a body that isn't bytes is sent as JSON."""
        sent = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body)
        connection = http.client.HTTPConnection(self.address, timeout=START_SECONDS)
        with contextlib.closing(connection):
            connection.request(method, path, sent, {"content-type": kind})
            answer = connection.getresponse()
            return Reply(answer.status, dict(answer.getheaders()), answer.read())

    def ready(self) -> list[int]:
        """Ping until that is answered with 200; return every other status that came before.

        Raises:
            TimeoutError: it isn't in time; the text is what the last ping said.
        """
        before: list[int] = []
        said = "nothing"
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            with contextlib.suppress(ConnectionError):
                reply = self.call("GET", "/ping")
                if reply.status == 200:
                    return before
                before.append(reply.status)
                said = reply.body.decode()
            time.sleep(0.05)
        raise TimeoutError(f"the container isn't ready; it said {said}")
