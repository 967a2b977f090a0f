"""The function that answers for all models."""

import json
from collections.abc import Mapping

from aws_cdk import Duration
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from stacks.constructs.functions.image_function import ImageFunction
from stacks.constructs.network.network import Network
from stacks.constructs.storage.model_store import MODELS_PATH, ModelStore
from stacks.settings.settings import Settings


class InferenceFunction(ImageFunction):
    """Answers for every model, and may only read the published models.

    Args:
        environment: further variables of the handler.
        provisioned: the number of instances that are kept started.

    Attributes:
        alias: what a release moves, and whose instances are kept started; None without both.
        endpoint: the target of invocations: the alias, or the function where there is none.
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
        provisioned: int = 0,
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            handler=handler,
            # API Gateway gives up after 29 s: a longer run costs money and answers nobody.
            timeout=Duration.seconds(29),
            environment={**_environment(settings), **(environment or {})},
            filesystem=model_store.mount(model_store.models, writable=False),
            network=network,
            settings=settings,
        )
        self.alias = self._alias(provisioned) if provisioned or settings.rollout != "off" else None
        self.endpoint: lambda_.IFunction = self.alias or self.function

    def _alias(self, provisioned: int) -> lambda_.Alias:
        # Lambda keeps instances of a version alone. The alias keeps the target of routes stable.
        return lambda_.Alias(
            self,
            "Alias",
            alias_name="live",
            version=self.function.current_version,
            provisioned_concurrent_executions=provisioned or None,
        )


def _environment(settings: Settings) -> dict[str, str]:
    return {
        "MODEL_DIR": MODELS_PATH,
        "ALLOWED_ORIGINS": ",".join(settings.allowed_origins),
        "PRELOAD": "/".join(settings.preload),  # no name contains a slash
        "REFRESH_SECONDS": f"{settings.refresh_seconds:g}",
        "PREDICT_SECONDS": f"{settings.predict_seconds:g}",
        "FALL_BACK": settings.fall_back,
        "CAPTURE_PERCENT": f"{settings.capture_percent:g}",
        "CAPTURE_REDACT": json.dumps(settings.capture_redact, ensure_ascii=False),
        "CAPTURE_MAX_BYTES": str(settings.capture_max_bytes),
    }
