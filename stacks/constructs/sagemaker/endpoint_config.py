"""Properties of an endpoint's configuration: its queue, its capture and its serverless capacity."""

from aws_cdk import aws_sagemaker as sagemaker

from stacks.constructs.sagemaker.exchange import CAPTURE, FAILURES, OUTPUTS, Exchange
from stacks.settings.sagemaker.endpoint import Asynchronous
from stacks.settings.sagemaker.variant import Serverless

Config = sagemaker.CfnEndpointConfig
# Model servers refuse large bodies and long waits by default. This project's server and those of
# AWS's containers (multi-model-server, TorchServe) have variables of their own. The values are
# the limits of https://docs.aws.amazon.com/sagemaker/latest/dg/async-inference.html
MAX_BYTES = str(1024**3)
MAX_SECONDS = "3600"
ASYNCHRONOUS_ENVIRONMENT = {
    "MODELMOUNT_MAX_PAYLOAD_BYTES": MAX_BYTES,
    "MMS_MAX_REQUEST_SIZE": MAX_BYTES,
    "MMS_MAX_RESPONSE_SIZE": MAX_BYTES,
    "TS_MAX_REQUEST_SIZE": MAX_BYTES,
    "TS_MAX_RESPONSE_SIZE": MAX_BYTES,
    "SAGEMAKER_MODEL_SERVER_TIMEOUT": MAX_SECONDS,
    "MMS_DEFAULT_RESPONSE_TIMEOUT": MAX_SECONDS,
    "TS_DEFAULT_RESPONSE_TIMEOUT": MAX_SECONDS,
}


def async_config(
    asynchronous: Asynchronous | None, exchange: Exchange, name: str
) -> Config.AsyncInferenceConfigProperty | None:
    """Returns the queue of the endpoint `name`: its outputs, its failures and its messages."""
    if asynchronous is None:
        return None
    return Config.AsyncInferenceConfigProperty(
        client_config=Config.AsyncInferenceClientConfigProperty(
            max_concurrent_invocations_per_instance=asynchronous.max_concurrent
        ),
        output_config=Config.AsyncInferenceOutputConfigProperty(
            kms_key_id=exchange.key_arn,
            s3_output_path=exchange.uri(OUTPUTS, name, ""),
            s3_failure_path=exchange.uri(FAILURES, name, ""),
            notification_config=Config.AsyncInferenceNotificationConfigProperty(
                success_topic=exchange.success.topic_arn,
                error_topic=exchange.error.topic_arn,
            ),
        ),
    )


def capture_config(
    percent: int, exchange: Exchange, name: str
) -> Config.DataCaptureConfigProperty | None:
    """Returns the capture of `percent` of the requests to the endpoint `name`."""
    if not percent:
        return None
    return Config.DataCaptureConfigProperty(
        enable_capture=True,
        kms_key_id=exchange.key_arn,
        initial_sampling_percentage=percent,
        destination_s3_uri=exchange.uri(CAPTURE, name),
        capture_options=[
            Config.CaptureOptionProperty(capture_mode=mode) for mode in ("Input", "Output")
        ],
        # All other types are written in base64.
        capture_content_type_header=Config.CaptureContentTypeHeaderProperty(
            json_content_types=["application/json"], csv_content_types=["text/csv"]
        ),
    )


def serverless_config(serverless: Serverless | None) -> Config.ServerlessConfigProperty | None:
    """Returns the capacity of a variant without instances."""
    if serverless is None:
        return None
    return Config.ServerlessConfigProperty(
        memory_size_in_mb=serverless.memory_mb,
        max_concurrency=serverless.max_concurrency,
        provisioned_concurrency=serverless.provisioned or None,
    )
