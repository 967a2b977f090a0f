"""A running variant, whose container starts at the first request."""

import asyncio
import logging
import shutil
from collections.abc import Mapping
from pathlib import Path

from local.assembly.resources.sagemaker_endpoint import Variant
from local.process_reaper import ProcessReaper
from local.s3.object_store import ObjectNotFound, ObjectStore
from local.sagemaker.container import Container, ContainerResponse
from local.sagemaker.container_program import ContainerPrograms, VariantUnavailable
from local.sagemaker.multi_model_container import MultiModelContainer
from local.state_folder import StateFolder

SYNCHRONOUS_SECONDS = 60
_log = logging.getLogger("local")


class RunningVariant:
    """A variant with one container, whatever its number of instances."""

    def __init__(
        self,
        variant: Variant,
        objects: ObjectStore,
        state: StateFolder,
        reaper: ProcessReaper,
        programs: ContainerPrograms,
    ) -> None:
        self.variant = variant
        self._objects = objects
        self._state = state
        self._reaper = reaper
        self._programs = programs
        self._container: Container | None = None
        self._models: MultiModelContainer | None = None
        self._start_lock = asyncio.Lock()

    async def invoke(
        self,
        body: bytes,
        headers: Mapping[str, str],
        seconds: float = SYNCHRONOUS_SECONDS,
        *,
        model: str | None = None,
    ) -> ContainerResponse:
        """Asks the model, or one of many. Raises the errors of `MultiModelContainer.invoke`."""
        async with self._start_lock:
            if self._container is None or not self._container.alive:
                await self.close()
                self._container = await self._start()
        if self._models and model:
            return await self._models.invoke(model, body, headers, seconds)
        return await self._container.invoke(body, headers, seconds)

    async def close(self) -> None:
        """Stops the container."""
        if self._models:
            await self._models.close()
            self._models = None
        if self._container:
            await self._container.close()
            self._container = None

    async def _start(self) -> Container:
        variant = self.variant
        base = self._state.tmp / f"sagemaker-{variant.endpoint}-{variant.name}"
        shutil.rmtree(base, ignore_errors=True)
        if not variant.is_multi_model:
            await self._download(base / "model")
        log = self._state.logs / f"sagemaker-{variant.endpoint}-{variant.name}.log"
        container = await Container.start(self._programs.find(variant, base), log, self._reaper)
        if variant.is_multi_model:
            folder = base / "models"
            self._models = MultiModelContainer(container, self._objects, variant.model_data, folder)
        return container

    async def _download(self, folder: Path) -> None:
        uri = self.variant.model_data
        try:
            await self._objects.download(uri, folder, is_archive=self.variant.is_archive)
        except ObjectNotFound:
            raise VariantUnavailable(f"no model is at {uri}: upload it to the local S3") from None
