"""The function of a single model."""

import dataclasses

from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from stacks.constructs.functions.inference_function import InferenceFunction
from stacks.constructs.network.network import Network
from stacks.constructs.storage.model_store import ModelStore
from stacks.settings.dedicated_model import DedicatedModel
from stacks.settings.settings import Settings


class DedicatedFunction(InferenceFunction):
    """Answers for one model alone, and loads it when an instance starts.

    Attributes:
        endpoint: the target of invocations. This is the alias whose instances are kept started,
            or the function where none are.
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
            network=network,
            model_store=model_store,
            settings=dataclasses.replace(
                settings,
                memory_mb=dedicated.memory_mb or settings.memory_mb,
                preload=(dedicated.model,),
            ),
        )
        self.endpoint = self._endpoint(dedicated.provisioned_concurrency)

    def _endpoint(self, provisioned: int) -> lambda_.IFunction:
        if not provisioned:
            return self.function
        # Lambda keeps instances of a version alone. The alias keeps the target of routes stable.
        return lambda_.Alias(
            self,
            "Alias",
            alias_name="live",
            version=self.function.current_version,
            provisioned_concurrent_executions=provisioned,
        )
