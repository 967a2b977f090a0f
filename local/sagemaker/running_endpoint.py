"""Endpoints that run: each variant's container is started when it is first asked."""

import asyncio
import logging
import random
import shutil
from collections.abc import Mapping
from pathlib import Path

from local.assembly.readers.sagemaker_endpoints import Endpoint, Variant
from local.process_reaper import Watchdog
from local.s3.object_store import NoObject, Objects
from local.sagemaker.container import Answer, Container
from local.sagemaker.container_program import NotReady, Programs
from local.sagemaker.multi_model_container import TargetModels
from local.state_folder import State

SYNCHRONOUS_SECONDS = 60
_log = logging.getLogger("local")


class RunningVariant:
    """One container for a variant, whatever its count of instances."""

    def __init__(
        self,
        variant: Variant,
        objects: Objects,
        state: State,
        watchdog: Watchdog,
        programs: Programs,
    ) -> None:
        self.variant = variant
        self._objects = objects
        self._state = state
        self._watchdog = watchdog
        self._programs = programs
        self._container: Container | None = None
        self._models: TargetModels | None = None
        self._turn = asyncio.Lock()

    async def invoke(
        self,
        body: bytes,
        headers: Mapping[str, str],
        seconds: float = SYNCHRONOUS_SECONDS,
        *,
        model: str | None = None,
    ) -> Answer:
        """Ask the model, or one of many. Raises as `TargetModels.invoke`."""
        async with self._turn:
            if self._container is None or not self._container.alive:
                await self.close()
                self._container = await self._start()
        if self._models and model:
            return await self._models.invoke(model, body, headers, seconds)
        return await self._container.invoke(body, headers, seconds)

    async def close(self) -> None:
        """End the container."""
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
        container = await Container.start(self._programs.of(variant, base), log, self._watchdog)
        if variant.is_multi_model:
            folder = base / "models"
            self._models = TargetModels(container, self._objects, variant.model_data, folder)
        return container

    async def _download(self, folder: Path) -> None:
        uri = self.variant.model_data
        try:
            await self._objects.download(uri, folder, is_archive=self.variant.is_archive)
        except NoObject:
            raise NotReady(f"no model is at {uri}: upload it to the local S3") from None


class RunningEndpoint:
    """Shares requests among variants, and copies them to a shadow."""

    def __init__(
        self,
        endpoint: Endpoint,
        variants: Mapping[str, RunningVariant],
        shadow: RunningVariant | None,
    ) -> None:
        self.endpoint = endpoint
        self.variants = variants
        self.weights = {variant.name: variant.weight for variant in endpoint.variants}
        self._shadow = shadow
        self._copies: set[asyncio.Task[None]] = set()

    async def invoke(
        self, body: bytes, headers: Mapping[str, str], variant: str | None, model: str | None
    ) -> tuple[str, Answer]:
        """Ask the named variant, or one by weight; who answered, and what.

        Raises KeyError for an unknown variant, and what the variant does.
        """
        chosen = self.variants[variant or self.choose()]
        self._copy(body, headers)
        return chosen.variant.name, await chosen.invoke(body, headers, model=model)

    def choose(self) -> str:
        """Return a variant's name, as often as its weight says."""
        names = list(self.weights)
        return random.choices(names, [self.weights[name] for name in names])[0]  # noqa: S311

    async def close(self) -> None:
        """End all containers."""
        for copy in self._copies:
            copy.cancel()
        await asyncio.gather(*self._copies, return_exceptions=True)
        for running in (*self.variants.values(), self._shadow):
            if running:
                await running.close()

    def _copy(self, body: bytes, headers: Mapping[str, str]) -> None:
        if self._shadow is None:
            return
        share = self._shadow.variant.weight / max(sum(self.weights.values()), 1e-9)
        if random.random() < share:  # noqa: S311 a sample, no secret
            task = asyncio.create_task(self._ask_shadow(self._shadow, body, headers))
            self._copies.add(task)
            task.add_done_callback(self._copies.discard)

    async def _ask_shadow(
        self, shadow: RunningVariant, body: bytes, headers: Mapping[str, str]
    ) -> None:
        try:
            await shadow.invoke(body, headers)
        except (NotReady, TimeoutError) as error:
            _log.error("the shadow %s: %s", shadow.variant.name, error)
