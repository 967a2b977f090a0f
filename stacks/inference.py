"""What answers: the inference function and its API."""

from aws_cdk import CfnOutput, Duration, Stack
from constructs import Construct

from stacks.constructs.image_function import ImageFunction
from stacks.constructs.inference_api import InferenceApi
from stacks.constructs.model_store import MOUNT_PATH, ModelStore
from stacks.constructs.network import Network
from stacks.settings import Settings


class InferenceStack(Stack):
    """Inference on the models of a `StorageStack`."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        network: Network,
        model_store: ModelStore,
        settings: Settings,
    ) -> None:
        super().__init__(scope, construct_id, description="Modelmount: inference over HTTP")
        inference = ImageFunction(
            self,
            "Inference",
            handler="inference.handler.handler",
            # API Gateway gives up after 29 s: what runs longer is paid for and thrown away.
            timeout=Duration.seconds(29),
            environment={
                "MODEL_DIR": MOUNT_PATH,
                "ALLOWED_ORIGINS": ",".join(settings.allowed_origins),
                "PRELOAD": "/".join(settings.preload),  # no name has a slash
                "REFRESH_SECONDS": f"{settings.refresh_seconds:g}",
            },
            filesystem=model_store.mount(model_store.models, writable=False),
            network=network,
            settings=settings,
        )
        api = InferenceApi(self, "Api", function=inference.function, settings=settings)
        CfnOutput(
            self, "ApiUrl", value=api.rest_api.url, description="Base URL of the inference API"
        )
        if api.api_key:
            CfnOutput(
                self,
                "ApiKeyId",
                value=api.api_key.key_id,
                description="Id of the API key: aws apigateway get-api-key --include-value",
            )
