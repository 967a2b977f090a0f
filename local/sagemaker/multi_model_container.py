"""Many models in one container: downloaded and loaded when they are asked for, unloaded on 507.

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

LOADED = {200, 409}
NO_ROOM = 507
LOAD_SECONDS = 360
TARGET = "X-Amzn-SageMaker-Target-Model"
JSON = {"Content-Type": "application/json", "Accept": "application/json"}


class UnknownModel(Exception):
    """There is no archive of this name below the prefix."""


class StillLoading(Exception):
    """The model isn't loaded yet, and goes on being loaded."""


class RefusedByContainer(Exception):
    """The container doesn't load a model; `answer` says why."""

    def __init__(self, answer: ContainerResponse) -> None:
        super().__init__(answer.body)
        self.answer = answer


class MultiModelContainer:
    """What SageMaker keeps in a container that holds many models.

    Args:
        prefix: `s3://…/`, below which the archives lie.
        folder: what stands for /opt/ml/models.
    """

    def __init__(
        self, container: Container, objects: ObjectStore, prefix: str, folder: Path
    ) -> None:
        self._container = container
        self._objects = objects
        self._prefix = prefix
        self._folder = folder
        # In the order in which they were last asked; and how many ask just now.
        self._loads: dict[str, asyncio.Task[None]] = {}
        self._asking: Counter[str] = Counter()
        self._turn = asyncio.Lock()

    async def invoke(
        self, target: str, body: bytes, headers: Mapping[str, str], seconds: float
    ) -> ContainerResponse:
        """Ask a model.

        Raises:
            UnknownModel: there is no such archive.
            StillLoading: the time is over; asking again later may do.
            TimeoutError, NotReady: as a container's.
        """
        name = hashlib.sha256(target.encode()).hexdigest()[:32]
        path, told = f"/models/{name}/invoke", {**headers, TARGET: target}
        self._asking[name] += 1
        try:
            await self._loaded(name, target, seconds)
            return await self._container.request("POST", path, body, told, seconds)
        except RefusedByContainer as refused:
            return refused.answer
        finally:
            self._asking[name] -= 1

    async def close(self) -> None:
        """Give up what is being loaded."""
        for task in self._loads.values():
            task.cancel()
        await asyncio.gather(*self._loads.values(), return_exceptions=True)

    async def _loaded(self, name: str, target: str, seconds: float) -> None:
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
        async with self._turn:
            try:
                await self._objects.download(self._prefix + target, folder, is_archive=True)
            except ObjectNotFound:
                raise UnknownModel(self._prefix + target) from None
            answer = await self._ask_to_load(name, folder)
            while answer.status == NO_ROOM and await self._unload_one():
                answer = await self._ask_to_load(name, folder)
            if answer.status not in LOADED:
                shutil.rmtree(self._folder / name, ignore_errors=True)
                raise RefusedByContainer(answer)

    async def _ask_to_load(self, name: str, folder: Path) -> ContainerResponse:
        body = json.dumps({"model_name": name, "url": str(folder)}).encode()
        return await self._container.request("POST", "/models", body, JSON, LOAD_SECONDS)

    async def _unload_one(self) -> bool:
        """Unload the model that was asked longest ago; False where none can go."""
        for name, task in list(self._loads.items()):
            if self._asking[name] or not task.done() or _failed(task):
                continue
            # Whoever asks for it from now on has it loaded again, when this load is done.
            del self._loads[name]
            answer = await self._container.request(
                "DELETE", f"/models/{name}", b"", JSON, LOAD_SECONDS
            )
            if answer.status == 200:
                shutil.rmtree(self._folder / name, ignore_errors=True)
                return True
            self._loads.setdefault(name, task)
        return False


def _failed(task: asyncio.Task[None]) -> bool:
    return task.done() and (task.cancelled() or task.exception() is not None)
