"""Many models in one container: loaded on request, unloaded when the container answers 507.

https://docs.aws.amazon.com/sagemaker/latest/dg/mms-container-apis.html
"""

import asyncio
import hashlib
import json
import shutil
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from local.s3.object_store import ObjectNotFound, ObjectStore
from local.sagemaker.container import Container, ContainerResponse

LOADED_STATUSES = {200, 409}
NO_ROOM_STATUS = 507
LOAD_SECONDS = 360
TARGET_MODEL_HEADER = "X-Amzn-SageMaker-Target-Model"
JSON_HEADERS = {"Content-Type": "application/json", "Accept": "application/json"}


class UnknownModel(Exception):
    """There is no archive of this name below the prefix."""


class StillLoading(Exception):
    """The model isn't loaded yet; loading goes on."""


class RefusedByContainer(Exception):
    """The container refuses to load a model; `answer` says why."""

    def __init__(self, answer: ContainerResponse) -> None:
        super().__init__(answer.body)
        self.answer = answer


class MultiModelContainer:
    """Loads and unloads the models of a container, as SageMaker does for a multi-model endpoint.

    Args:
        prefix: `s3://…/`, the place of the archives.
        folder: the folder that takes the place of /opt/ml/models.
    """

    def __init__(
        self, container: Container, objects: ObjectStore, prefix: str, folder: Path
    ) -> None:
        self._container = container
        self._objects = objects
        self._prefix = prefix
        self._folder = folder
        # Models in the order of their last requests, and the number of requests under way.
        self._loads: dict[str, asyncio.Task[None]] = {}
        self._in_flight: Counter[str] = Counter()
        self._load_lock = asyncio.Lock()

    async def invoke(
        self, target: str, body: bytes, headers: Mapping[str, str], seconds: float
    ) -> ContainerResponse:
        """Asks a model, and loads it first if need be.

        Raises:
            UnknownModel: there is no such archive.
            StillLoading: the time is over; a later request may succeed.
            TimeoutError, VariantUnavailable: as `Container.invoke`.
        """
        name = hashlib.sha256(target.encode()).hexdigest()[:32]
        path, passed = f"/models/{name}/invoke", {**headers, TARGET_MODEL_HEADER: target}
        self._in_flight[name] += 1
        try:
            await self._wait_until_loaded(name, target, seconds)
            return await self._container.request("POST", path, body, passed, seconds)
        except RefusedByContainer as refused:
            return refused.answer
        finally:
            self._in_flight[name] -= 1

    async def close(self) -> None:
        """Cancels loading."""
        for task in self._loads.values():
            task.cancel()
        await asyncio.gather(*self._loads.values(), return_exceptions=True)

    async def _wait_until_loaded(self, name: str, target: str, seconds: float) -> None:
        task = self._loads.pop(name, None)
        if task is None or _failed(task):
            task = asyncio.create_task(self._load(name, target))
        self._loads[name] = task
        try:
            async with asyncio.timeout(seconds):
                await asyncio.shield(task)
        except TimeoutError:
            raise StillLoading(f"{target} is still being loaded") from None

    async def _load(self, name: str, target: str) -> None:
        folder = self._folder / name / "model"
        async with self._load_lock:
            try:
                await self._objects.download(self._prefix + target, folder, is_archive=True)
            except ObjectNotFound:
                raise UnknownModel(self._prefix + target) from None
            answer = await self._request_load(name, folder)
            while answer.status == NO_ROOM_STATUS and await self._unload_one():
                answer = await self._request_load(name, folder)
            if answer.status not in LOADED_STATUSES:
                shutil.rmtree(self._folder / name, ignore_errors=True)
                raise RefusedByContainer(answer)

    async def _request_load(self, name: str, folder: Path) -> ContainerResponse:
        body = json.dumps({"model_name": name, "url": str(folder)}).encode()
        return await self._container.request("POST", "/models", body, JSON_HEADERS, LOAD_SECONDS)

    async def _unload_one(self) -> bool:
        """Unloads the least recently asked model. Returns False if none can be unloaded."""
        for name, task in list(self._loads.items()):
            if self._in_flight[name] or not task.done() or _failed(task):
                continue
            # A request from now on loads the model again, after the load under way.
            del self._loads[name]
            answer = await self._container.request(
                "DELETE", f"/models/{name}", b"", JSON_HEADERS, LOAD_SECONDS
            )
            if answer.status == 200:
                shutil.rmtree(self._folder / name, ignore_errors=True)
                return True
            self._loads.setdefault(name, task)
        return False


def _failed(task: asyncio.Task[None]) -> bool:
    return task.done() and (task.cancelled() or task.exception() is not None)
