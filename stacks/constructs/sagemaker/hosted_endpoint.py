"""A SageMaker endpoint: its variants' models, how traffic is shared, and how updates take over."""

from aws_cdk import RemovalPolicy
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from stacks.constructs.sagemaker import vllm
from stacks.constructs.sagemaker.endpoint_alarms import EndpointAlarms
from stacks.constructs.sagemaker.endpoint_rollout import deployment_config
from stacks.constructs.sagemaker.endpoint_scaling import EndpointScaling
from stacks.constructs.sagemaker.exchange import CAPTURE, FAILURES, OUTPUTS, Exchange
from stacks.constructs.sagemaker.hosted_model import HostedModel
from stacks.settings.sagemaker.endpoint import Endpoint
from stacks.settings.sagemaker.variant import Serverless, Variant

Config = sagemaker.CfnEndpointConfig
# Model servers refuse large bodies and long waits unless told: our own, and those in AWS's
# containers (multi-model-server, TorchServe) by names of their own. Bytes and seconds are those of
# https://docs.aws.amazon.com/sagemaker/latest/dg/async-inference.html
LARGEST = str(1024**3)
LONGEST = "3600"
ASYNCHRONOUS_ENVIRONMENT = {
    "MODELMOUNT_MAX_PAYLOAD_BYTES": LARGEST,
    "MMS_MAX_REQUEST_SIZE": LARGEST,
    "MMS_MAX_RESPONSE_SIZE": LARGEST,
    "TS_MAX_REQUEST_SIZE": LARGEST,
    "TS_MAX_RESPONSE_SIZE": LARGEST,
    "SAGEMAKER_MODEL_SERVER_TIMEOUT": LONGEST,
    "MMS_DEFAULT_RESPONSE_TIMEOUT": LONGEST,
    "TS_DEFAULT_RESPONSE_TIMEOUT": LONGEST,
}


class HostedEndpoint(Construct):
    """An endpoint with models, alarms and scaling of its own.

    Its name is chosen here and not by CloudFormation: the alarms that may take an update back name
    the endpoint in their metrics, and the endpoint names the alarms.

    Attributes:
        name: of the endpoint on AWS.
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
        self._endpoint = endpoint
        self._exchange = exchange
        self._key_arn = exchange.key.key_arn if exchange.key else None
        self._log_group = logs.LogGroup(
            self,
            "Log",
            log_group_name=f"/aws/sagemaker/Endpoints/{name}",
            retention=logs.RetentionDays.ONE_MONTH,
            removal_policy=RemovalPolicy.DESTROY,
        )
        # A trap: with a name of its own a configuration can't be replaced, which every change does.
        config = Config(
            self,
            "Config",
            production_variants=[self._variant(n, v, v.weight) for n, v in endpoint.variants],
            shadow_production_variants=self._shadow(),
            async_inference_config=self._asynchronous(),
            data_capture_config=self._capture(),
            # Of the volumes: serverless has none, and a GPU's local disks a key in hardware.
            kms_key_id=None if endpoint.is_serverless else self._key_arn,
        )
        alarms = EndpointAlarms(self, "Alarms", endpoint=endpoint, name=name)
        made = sagemaker.CfnEndpoint(
            self,
            "Endpoint",
            endpoint_name=name,
            endpoint_config_name=config.attr_endpoint_config_name,
            # An update keeps the weights that were shifted and the instances that scaling chose.
            retain_all_variant_properties=True,
            # Only what has instances can be updated in parts.
            deployment_config=None
            if endpoint.is_serverless
            else deployment_config(endpoint.rollout, alarms.names),
        )
        made.node.add_dependency(self._log_group)
        EndpointScaling(self, "Scaling", endpoint=endpoint, name=name).node.add_dependency(made)

    def _variant(
        self, name: str, variant: Variant, weight: float
    ) -> Config.ProductionVariantProperty:
        model = HostedModel(
            self,
            f"Model-{name}",
            variant=variant,
            log_group=self._log_group,
            key=self._exchange.key,
            environment=self._environment(name, variant),
        )
        if self._endpoint.asynchronous:
            self._exchange.grant_queue(model.role, self.name)
        if self._endpoint.capture_percent:
            self._exchange.grant_capture(model.role, self.name)
        return Config.ProductionVariantProperty(
            variant_name=name,
            model_name=model.name,
            initial_variant_weight=weight,
            instance_type=None if variant.serverless else variant.instance_type,
            initial_instance_count=None if variant.serverless else variant.instances,
            serverless_config=_serverless(variant.serverless),
            inference_ami_version=variant.ami or (vllm.AMI if variant.server else None),
            model_data_download_timeout_in_seconds=vllm.START_SECONDS if variant.server else None,
            container_startup_health_check_timeout_in_seconds=(
                vllm.START_SECONDS if variant.server else None
            ),
        )

    def _environment(self, name: str, variant: Variant) -> dict[str, str]:
        return {
            **(ASYNCHRONOUS_ENVIRONMENT if self._endpoint.asynchronous else {}),
            **(vllm.environment(name, network=variant.network) if variant.server else {}),
        }

    def _shadow(self) -> list[Config.ProductionVariantProperty] | None:
        shadow = self._endpoint.shadow
        if shadow is None:
            return None
        (_, production), *_ = self._endpoint.variants
        # The share that is copied is the shadow's weight to that of the variant it shadows.
        weight = production.weight * shadow.percent / 100
        return [self._variant(shadow.name, shadow.variant, weight)]

    def _asynchronous(self) -> Config.AsyncInferenceConfigProperty | None:
        asynchronous = self._endpoint.asynchronous
        if asynchronous is None:
            return None
        return Config.AsyncInferenceConfigProperty(
            client_config=Config.AsyncInferenceClientConfigProperty(
                max_concurrent_invocations_per_instance=asynchronous.max_concurrent
            ),
            output_config=Config.AsyncInferenceOutputConfigProperty(
                kms_key_id=self._key_arn,
                s3_output_path=self._exchange.uri(OUTPUTS, self.name, ""),
                s3_failure_path=self._exchange.uri(FAILURES, self.name, ""),
                notification_config=Config.AsyncInferenceNotificationConfigProperty(
                    success_topic=self._exchange.success.topic_arn,
                    error_topic=self._exchange.error.topic_arn,
                ),
            ),
        )

    def _capture(self) -> Config.DataCaptureConfigProperty | None:
        if not self._endpoint.capture_percent:
            return None
        return Config.DataCaptureConfigProperty(
            enable_capture=True,
            kms_key_id=self._key_arn,
            initial_sampling_percentage=self._endpoint.capture_percent,
            destination_s3_uri=self._exchange.uri(CAPTURE, self.name),
            capture_options=[
                Config.CaptureOptionProperty(capture_mode=mode) for mode in ("Input", "Output")
            ],
            # All other types are written in base64.
            capture_content_type_header=Config.CaptureContentTypeHeaderProperty(
                json_content_types=["application/json"], csv_content_types=["text/csv"]
            ),
        )


def _serverless(serverless: Serverless | None) -> Config.ServerlessConfigProperty | None:
    if serverless is None:
        return None
    return Config.ServerlessConfigProperty(
        memory_size_in_mb=serverless.memory_mb,
        max_concurrency=serverless.max_concurrency,
        provisioned_concurrency=serverless.provisioned or None,
    )
