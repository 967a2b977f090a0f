"""All endpoints of an assembly, and the API in front of them."""

from collections.abc import Mapping

from local.assembly.resources.sagemaker_endpoint import Endpoint, Variant
from local.process_reaper import ProcessReaper
from local.s3.object_store import ObjectStore
from local.sagemaker.async_inference import AsyncInferenceQueue, Publish
from local.sagemaker.container_program import ContainerPrograms
from local.sagemaker.running_endpoint import RunningEndpoint
from local.sagemaker.running_variant import RunningVariant
from local.sagemaker.sagemaker_api import SageMakerApi
from local.state_folder import StateFolder


class SageMakerService:
    """Runs the endpoints until it is closed.

    Attributes:
        api: what answers on the runtime's port.
    """

    def __init__(
        self,
        endpoints: Mapping[str, Endpoint],
        objects: ObjectStore,
        publish: Publish,
        *,
        state: StateFolder,
        watchdog: ProcessReaper,
        stand_in: str | None,
    ) -> None:
        programs = ContainerPrograms(state, stand_in)

        def run(variant: Variant) -> RunningVariant:
            return RunningVariant(variant, objects, state, watchdog, programs)

        self._objects = objects
        self._running = {
            name: RunningEndpoint(
                endpoint,
                {variant.name: run(variant) for variant in endpoint.variants},
                run(endpoint.shadow) if endpoint.shadow else None,
            )
            for name, endpoint in endpoints.items()
        }
        self._queues = {
            name: AsyncInferenceQueue(running.endpoint.async_inference, running, objects, publish)
            for name, running in self._running.items()
            if running.endpoint.async_inference
        }
        self.api = SageMakerApi(self._running, self._queues)

    async def create_buckets(self) -> None:
        """Make the buckets that models come from, as far as no stack does."""
        for running in self._running.values():
            shadow = running.endpoint.shadow
            for variant in (*running.endpoint.variants, *([shadow] if shadow else [])):
                await self._objects.create_bucket(variant.model_data)

    async def close(self) -> None:
        """Give up what waits, then end all containers."""
        for queue in self._queues.values():
            await queue.close()
        for running in self._running.values():
            await running.close()
