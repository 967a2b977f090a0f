"""A running endpoint, which shares requests among its variants."""

import asyncio
import logging
import random
from collections.abc import Mapping

from local.assembly.resources.sagemaker_endpoint import Endpoint
from local.sagemaker.container import ContainerResponse
from local.sagemaker.container_program import VariantUnavailable
from local.sagemaker.running_variant import RunningVariant

_log = logging.getLogger("local")


class RunningEndpoint:
    """Shares requests among variants, and copies some to the shadow variant."""

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
    ) -> tuple[str, ContainerResponse]:
        """Asks the named variant, or one by weight; returns its name and answer.

        Raises KeyError for an unknown variant, and the errors of `RunningVariant.invoke`.
        """
        chosen = self.variants[variant or self.choose()]
        self._copy(body, headers)
        return chosen.variant.name, await chosen.invoke(body, headers, model=model)

    def choose(self) -> str:
        """Returns the name of a variant, drawn by weight."""
        names = list(self.weights)
        return random.choices(names, [self.weights[name] for name in names])[0]  # noqa: S311

    async def close(self) -> None:
        """Stops all containers."""
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
        except (VariantUnavailable, TimeoutError) as error:
            _log.error("the shadow %s: %s", shadow.variant.name, error)
