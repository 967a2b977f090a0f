"""SageMaker's container with many models, asked over HTTP."""

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.workers import hostile
from tests.lambdas.container.server import Server, serving, until
from tests.soak import models
from tests.soak.callers import OK, Reply


class ContainerDoor:
    """A running server."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def ask(self, model: str, instances: list[Any]) -> Reply:
        """Invoke a model by its name."""
        begun = time.perf_counter()
        reply = self._server.call("POST", f"/models/{model}/invoke", {"instances": instances})
        return Reply(reply.status, reply.json, time.perf_counter() - begun)

    def ended(self) -> int:
        """Count the server, where it has ended or doesn't say that it is well."""
        return int(self._server.process.poll() is not None or self._server.ping() != OK)


@contextlib.contextmanager
def opened(folder: Path) -> Iterator[ContainerDoor]:
    """Publish the models, load them all, and serve them."""
    models.publish(folder / "root")
    with serving(
        folder,
        SAGEMAKER_MULTI_MODEL="true",
        PYTHONPATH=hostile.UNGUARDED,
        MODELMOUNT_PREDICT_SECONDS="6",
        AWS_SECRET_ACCESS_KEY=models.SECRET,
    ) as server:
        until(lambda: server.ping() == OK, server)
        for name in (*models.NAMES, *models.HOSTILE):
            url = str(folder / "root/models" / name / "versions" / "1")
            assert server.call("POST", "/models", {"model_name": name, "url": url}).status == OK
        yield ContainerDoor(server)
