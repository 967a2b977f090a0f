"""Runs all SageMaker endpoints of an assembly, and the API in front of them."""

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
        api: the handler of SageMaker's API.
    """

    def __init__(
        self,
        endpoints: Mapping[str, Endpoint],
        objects: ObjectStore,
        publish: Publish,
        *,
        state: StateFolder,
        reaper: ProcessReaper,
        server_command: str | None,
    ) -> None:
        programs = ContainerPrograms(state, server_command)

        def run(variant: Variant) -> RunningVariant:
            return RunningVariant(variant, objects, state, reaper, programs)

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
        """Creates the buckets that models come from; an existing bucket is kept."""
        for running in self._running.values():
            for variant in running.endpoint.all_variants:
                await self._objects.create_bucket(variant.model_data)

    async def close(self) -> None:
        """Drops waiting requests, then stops all containers."""
        for queue in self._queues.values():
            await queue.close()
        for running in self._running.values():
            await running.close()
