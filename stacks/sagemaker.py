"""The stack of endpoints on SageMaker, for models that outgrow a function."""

from aws_cdk import CfnOutput, Stack
from aws_cdk import aws_kms as kms
from constructs import Construct

from stacks.constructs.cloudformation.weak_references import RevisedReferences
from stacks.constructs.sagemaker.exchange import Exchange
from stacks.constructs.sagemaker.hosted_endpoint import HostedEndpoint
from stacks.constructs.sagemaker.sagemaker_proxy import SageMakerProxy
from stacks.constructs.security.encryption_key import encrypt_logs
from stacks.settings.sagemaker.endpoint import Endpoint, physical_name
from stacks.settings.settings import Settings


class SageMakerStack(Stack):
    """Endpoints, the exchange of asynchronous requests, and the proxy.

    Attributes:
        proxy: the function behind the API's routes to SageMaker.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, key: kms.IKey | None, settings: Settings
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            description="Modelmount: endpoints on SageMaker",
            synthesizer=RevisedReferences(),
        )
        exchange = Exchange(self, "Exchange", key=key, allowed_origins=settings.allowed_origins)
        hosted = [
            (endpoint, self._hosted(endpoint, exchange, settings.stage))
            for endpoint in settings.sagemaker
        ]
        proxy = SageMakerProxy(self, "Proxy", hosted=hosted, exchange=exchange, settings=settings)
        # An endpoint that takes another's place is asked when it is there, and not before.
        proxy.node.add_dependency(*(own.endpoint for _, own in hosted))
        self.proxy = proxy.function
        encrypt_logs(self, key)
        self._output(
            "SageMakerEndpoints",
            ",".join(own.name for _, own in hosted),
            "Endpoints, separated by commas",
        )
        self._output_exchange(exchange)

    def _hosted(self, endpoint: Endpoint, exchange: Exchange, stage: str) -> HostedEndpoint:
        return HostedEndpoint(
            self,
            f"Endpoint-{endpoint.name}",
            endpoint=endpoint,
            name=physical_name(stage, endpoint),
            exchange=exchange,
        )

    def _output_exchange(self, exchange: Exchange) -> None:
        self._output("ExchangeBucketName", exchange.bucket.bucket_name, "Asynchronous requests")
        self._output(
            "AsyncSuccessTopicArn", exchange.success.topic_arn, "Tells of answers to fetch"
        )
        self._output("AsyncErrorTopicArn", exchange.error.topic_arn, "Tells of failed requests")

    def _output(self, name: str, value: str, description: str) -> None:
        CfnOutput(self, name, value=value, description=description)
