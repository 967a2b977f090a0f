"""The function of a single model."""

import dataclasses

from constructs import Construct

from stacks.constructs.functions.inference_function import InferenceFunction
from stacks.constructs.network.network import Network
from stacks.constructs.storage.model_store import ModelStore
from stacks.settings.dedicated_model import DedicatedModel
from stacks.settings.settings import Settings


class DedicatedFunction(InferenceFunction):
    """Answers for one model alone, and loads it when an instance starts.

    Attributes:
        is_kept_started: whether instances wait for calls.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        dedicated: DedicatedModel,
        network: Network,
        model_store: ModelStore,
        settings: Settings,
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            handler="inference.dedicated.handler",
            environment={"MODEL": dedicated.model},
            provisioned=dedicated.provisioned_concurrency,
            network=network,
            model_store=model_store,
            settings=dataclasses.replace(
                settings,
                memory_mb=dedicated.memory_mb or settings.memory_mb,
                preload=(dedicated.model,),
            ),
        )
        self.is_kept_started = dedicated.provisioned_concurrency > 0
