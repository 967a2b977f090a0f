"""A SageMaker endpoint: its variants, their shares of the traffic, and its updates."""

from aws_cdk import RemovalPolicy
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from stacks.constructs.sagemaker import vllm
from stacks.constructs.sagemaker.endpoint_alarms import EndpointAlarms
from stacks.constructs.sagemaker.endpoint_config import (
    ASYNCHRONOUS_ENVIRONMENT,
    async_config,
    capture_config,
    serverless_config,
)
from stacks.constructs.sagemaker.endpoint_rollout import deployment_config
from stacks.constructs.sagemaker.endpoint_scaling import EndpointScaling
from stacks.constructs.sagemaker.exchange import Exchange
from stacks.constructs.sagemaker.hosted_model import HostedModel
from stacks.settings.sagemaker.endpoint import Endpoint
from stacks.settings.sagemaker.variant import Variant

Config = sagemaker.CfnEndpointConfig


class HostedEndpoint(Construct):
    """An endpoint with models, alarms and scaling of its own.

    The endpoint's name is fixed, because two resources need it of each other. The metrics of an
    alarm name the endpoint, and the endpoint names the alarms that roll an update back.

    Attributes:
        name: the endpoint's name on AWS.
        endpoint: the resource itself.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        endpoint: Endpoint,
        name: str,
        exchange: Exchange,
    ) -> None:
        super().__init__(scope, construct_id)
        self.name = name
        self._settings = endpoint
        self._exchange = exchange
        self._log_group = logs.LogGroup(
            self,
            "Log",
            log_group_name=f"/aws/sagemaker/Endpoints/{name}",
            retention=logs.RetentionDays.ONE_MONTH,
            removal_policy=RemovalPolicy.DESTROY,
        )
        config = self._config()
        alarms = EndpointAlarms(self, "Alarms", endpoint=endpoint, name=name)
        self.endpoint = self._hosted(config, alarms)
        self.endpoint.node.add_dependency(self._log_group)
        scaling = EndpointScaling(self, "Scaling", endpoint=endpoint, name=name)
        scaling.node.add_dependency(self.endpoint)

    def _config(self) -> Config:
        endpoint, exchange = self._settings, self._exchange
        # A trap: every change replaces the configuration, which a fixed name would prevent.
        return Config(
            self,
            "Config",
            production_variants=[self._variant(n, v, v.weight) for n, v in endpoint.variants],
            shadow_production_variants=self._shadow(),
            async_inference_config=async_config(endpoint.asynchronous, exchange, self.name),
            data_capture_config=capture_config(endpoint.capture_percent, exchange, self.name),
            # A trap: SageMaker refuses a key where instances have disks of their own.
            kms_key_id=exchange.key_arn if endpoint.takes_key else None,
        )

    def _hosted(self, config: Config, alarms: EndpointAlarms) -> sagemaker.CfnEndpoint:
        endpoint = self._settings
        return sagemaker.CfnEndpoint(
            self,
            "Endpoint",
            endpoint_name=self.name,
            endpoint_config_name=config.attr_endpoint_config_name,
            # An update keeps shifted weights and the number of instances that scaling chose.
            retain_all_variant_properties=True,
            # SageMaker rolls out in steps only to endpoints with instances.
            deployment_config=None
            if endpoint.is_serverless
            else deployment_config(endpoint.rollout, alarms.names),
        )

    def _shadow(self) -> list[Config.ProductionVariantProperty] | None:
        shadow = self._settings.shadow
        if shadow is None:
            return None
        (_, production), *_ = self._settings.variants
        # SageMaker copies the share that is the shadow's weight to that of its variant.
        weight = production.weight * shadow.percent / 100
        return [self._variant(shadow.name, shadow.variant, weight)]

    def _variant(
        self, name: str, variant: Variant, weight: float
    ) -> Config.ProductionVariantProperty:
        start_seconds = vllm.START_SECONDS if variant.server else None
        return Config.ProductionVariantProperty(
            variant_name=name,
            model_name=self._model(name, variant).name,
            initial_variant_weight=weight,
            instance_type=None if variant.serverless else variant.instance_type,
            initial_instance_count=None if variant.serverless else variant.instances,
            serverless_config=serverless_config(variant.serverless),
            inference_ami_version=variant.ami or (vllm.AMI if variant.server else None),
            model_data_download_timeout_in_seconds=start_seconds,
            container_startup_health_check_timeout_in_seconds=start_seconds,
        )

    def _model(self, name: str, variant: Variant) -> HostedModel:
        model = HostedModel(
            self,
            f"Model-{name}",
            variant=variant,
            log_group=self._log_group,
            key=self._exchange.key,
            environment=self._environment(name, variant),
        )
        if self._settings.asynchronous:
            self._exchange.grant_queue(model.role, self.name)
        if self._settings.capture_percent:
            self._exchange.grant_capture(model.role, self.name)
        return model

    def _environment(self, name: str, variant: Variant) -> dict[str, str]:
        return {
            **(ASYNCHRONOUS_ENVIRONMENT if self._settings.asynchronous else {}),
            **(vllm.environment(name, network=variant.network) if variant.server else {}),
        }
