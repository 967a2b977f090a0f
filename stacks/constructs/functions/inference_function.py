"""What answers: one function for all models, and one more for each that is dedicated."""

import dataclasses
import json
from collections.abc import Mapping

from aws_cdk import Duration
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from stacks.constructs.functions.image_function import ImageFunction
from stacks.constructs.network.network import Network
from stacks.constructs.storage.model_store import MOUNT_PATH, ModelStore
from stacks.settings.dedicated_model import DedicatedModel
from stacks.settings.settings import Settings


class InferenceFunction(ImageFunction):
    """Answers for every model, and may read what is published.

    Args:
        environment: what its handler reads besides.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        network: Network,
        model_store: ModelStore,
        settings: Settings,
        handler: str = "inference.handler.handler",
        environment: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            handler=handler,
            # API Gateway gives up after 29 s: what runs longer is paid for and thrown away.
            timeout=Duration.seconds(29),
            environment={
                "MODEL_DIR": MOUNT_PATH,
                "ALLOWED_ORIGINS": ",".join(settings.allowed_origins),
                "PRELOAD": "/".join(settings.preload),  # no name has a slash
                "REFRESH_SECONDS": f"{settings.refresh_seconds:g}",
                "CAPTURE_PERCENT": f"{settings.capture_percent:g}",
                "CAPTURE_REDACT": json.dumps(settings.capture_redact, ensure_ascii=False),
                "CAPTURE_MAX_BYTES": str(settings.capture_max_bytes),
                **(environment or {}),
            },
            filesystem=model_store.mount(model_store.models, writable=False),
            network=network,
            settings=settings,
        )


class DedicatedFunction(InferenceFunction):
    """Answers for one model alone, and loads it when an instance starts.

    Attributes:
        endpoint: what to invoke: the alias whose instances are kept started, where some are, or
            else the function.
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
        # Lambda keeps instances of a version alone, and an alias lets the routes stay as they are.
        return lambda_.Alias(
            self,
            "Alias",
            alias_name="live",
            version=self.function.current_version,
            provisioned_concurrent_executions=provisioned,
        )
