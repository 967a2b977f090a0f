"""What answers: the inference functions and their API."""

from aws_cdk import CfnOutput, Stack
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from stacks.constructs.api.inference_api import InferenceApi
from stacks.constructs.functions.inference_function import DedicatedFunction, InferenceFunction
from stacks.constructs.network.network import Network
from stacks.constructs.security.encryption_key import encrypt_logs
from stacks.constructs.storage.model_store import ModelStore
from stacks.settings.settings import Settings


class InferenceStack(Stack):
    """Inference on the models of a `StorageStack`."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        network: Network,
        model_store: ModelStore,
        key: kms.IKey | None,
        sagemaker_proxy: lambda_.IFunction | None,
        settings: Settings,
    ) -> None:
        super().__init__(scope, construct_id, description="Modelmount: inference over HTTP")
        inference = InferenceFunction(
            self,
            "Inference",
            network=network,
            model_store=model_store,
            settings=settings,
        )
        dedicated = {
            own.model: DedicatedFunction(
                self,
                f"Dedicated-{own.model}",
                dedicated=own,
                network=network,
                model_store=model_store,
                settings=settings,
            )
            for own in settings.dedicated
        }
        api = InferenceApi(
            self,
            "Api",
            function=inference.function,
            dedicated={model: own.endpoint for model, own in dedicated.items()},
            sagemaker=sagemaker_proxy,
            settings=settings,
        )
        encrypt_logs(self, key)
        CfnOutput(
            self, "ApiUrl", value=api.rest_api.url, description="Base URL of the inference API"
        )
        if settings.capture_percent:
            functions = [inference, *dedicated.values()]
            CfnOutput(
                self,
                "CaptureLogGroups",
                value=",".join(f.identity.log_group.log_group_name for f in functions),
                description="Logs that hold captured requests, separated by commas",
            )
        if api.api_key:
            CfnOutput(
                self,
                "ApiKeyId",
                value=api.api_key.key_id,
                description="Id of the API key: aws apigateway get-api-key --include-value",
            )
        if pool := api.callers.user_pool:
            CfnOutput(
                self, "UserPoolId", value=pool.pool.user_pool_id, description="Add users here"
            )
            CfnOutput(
                self,
                "UserPoolClientId",
                value=pool.client.user_pool_client_id,
                description="What an application signs users in with",
            )
