"""The stack that answers: the inference functions and their API."""

from collections.abc import Mapping, Sequence

from aws_cdk import CfnOutput, Stack
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from stacks.constructs.api.inference_api import InferenceApi
from stacks.constructs.cloudformation.weak_references import RevisedReferences
from stacks.constructs.functions.dedicated_function import DedicatedFunction
from stacks.constructs.functions.inference_function import InferenceFunction
from stacks.constructs.functions.keep_alive import HEALTH_REQUEST, KeepAlive
from stacks.constructs.functions.put_aside import PutAside
from stacks.constructs.functions.rollout import Rollout
from stacks.constructs.network.network import Network
from stacks.constructs.security.encryption_key import encrypt_logs
from stacks.constructs.storage.model_store import ModelStore
from stacks.settings.settings import Settings


class InferenceStack(Stack):
    """Inference on the models of a `StorageStack`.

    Args:
        notifier: sends notices.
        sagemaker_proxy: the target of the routes to SageMaker; None where there are none.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        network: Network,
        model_store: ModelStore,
        key: kms.IKey | None,
        notifier: lambda_.IFunction,
        sagemaker_proxy: lambda_.IFunction | None,
        settings: Settings,
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            description="Modelmount: inference over HTTP",
            synthesizer=RevisedReferences(),
        )
        inference = InferenceFunction(
            self, "Inference", network=network, model_store=model_store, settings=settings
        )
        dedicated = self._dedicated(network, model_store, settings)
        api = InferenceApi(
            self,
            "Api",
            function=inference.endpoint,
            dedicated={model: own.endpoint for model, own in dedicated.items()},
            sagemaker=sagemaker_proxy,
            settings=settings,
        )
        functions = [inference, *dedicated.values()]
        self._roll_out(functions, api, settings.rollout)
        groups = [function.identity.log_group for function in functions]
        PutAside(self, "PutAside", log_groups=groups, notifier=notifier)
        idle = [own.endpoint for own in dedicated.values() if not own.is_kept_started]
        KeepAlive(self, "KeepAlive", functions=[inference.endpoint, *idle], event=HEALTH_REQUEST)
        encrypt_logs(self, key)
        self._output("ApiUrl", api.rest_api.url, "Base URL of the inference API")
        if settings.capture_percent:
            self._output_capture_logs(functions)
        self._output_credentials(api)

    def _dedicated(
        self, network: Network, model_store: ModelStore, settings: Settings
    ) -> Mapping[str, DedicatedFunction]:
        return {
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

    def _roll_out(
        self, functions: Sequence[InferenceFunction], api: InferenceApi, kind: str
    ) -> None:
        if kind != "off":
            Rollout(
                self,
                "Rollout",
                kind=kind,
                aliases=[function.alias for function in functions if function.alias],
                server_errors=api.server_errors,
            )

    def _output_capture_logs(self, functions: Sequence[InferenceFunction]) -> None:
        self._output(
            "CaptureLogGroups",
            ",".join(function.identity.log_group.log_group_name for function in functions),
            "Logs that hold captured requests, separated by commas",
        )

    def _output_credentials(self, api: InferenceApi) -> None:
        if api.api_key:
            self._output(
                "ApiKeyId",
                api.api_key.key_id,
                "Id of the API key: aws apigateway get-api-key --include-value",
            )
        if pool := api.access.user_pool:
            self._output("UserPoolId", pool.pool.user_pool_id, "Add users here")
            self._output(
                "UserPoolClientId",
                pool.client.user_pool_client_id,
                "What an application signs users in with",
            )

    def _output(self, name: str, value: str, description: str) -> None:
        CfnOutput(self, name, value=value, description=description)
