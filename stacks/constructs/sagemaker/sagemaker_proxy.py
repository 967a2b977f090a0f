"""The function between the API and the endpoints."""

import json
from collections.abc import Sequence

from aws_cdk import ArnFormat, Duration, Size, Stack
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from stacks.constructs.functions.function_identity import (
    FUNCTION_FINDINGS,
    RUNTIME_FINDINGS,
    FunctionIdentity,
)
from stacks.constructs.functions.serving_image import ARCHITECTURES
from stacks.constructs.functions.zip_code import zip_code
from stacks.constructs.sagemaker.exchange import Exchange
from stacks.constructs.sagemaker.hosted_endpoint import HostedEndpoint
from stacks.constructs.security.findings import accept
from stacks.settings.sagemaker.endpoint import Endpoint
from stacks.settings.settings import Settings

FINDINGS = {
    **FUNCTION_FINDINGS,
    **RUNTIME_FINDINGS,
    "CKV_AWS_116": "The API waits for it, and tells its caller when it fails.",
    "CKV_AWS_117": "Stands outside: the network has no way to SageMaker.",
}


class SageMakerProxy(Construct):
    """Hands requests to the endpoints that it is told of, and to no other.

    Attributes:
        identity: its role and log.
        function: the function itself.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        hosted: Sequence[tuple[Endpoint, HostedEndpoint]],
        exchange: Exchange,
        settings: Settings,
    ) -> None:
        super().__init__(scope, construct_id)
        # Outside of the network, which has no way to SageMaker.
        self.identity = FunctionIdentity(self, "Identity")
        for statement in self._invokes(hosted):
            self.identity.role.add_to_policy(statement)
        exchange.grant_proxy(self.identity.role)
        self.function = lambda_.Function(
            self,
            "Function",
            runtime=lambda_.Runtime.PYTHON_3_13,
            architecture=ARCHITECTURES[settings.architecture],
            code=zip_code("sagemaker_proxy"),
            handler="sagemaker_proxy.handler.handler",
            memory_size=512,
            # API Gateway gives up after 29 s.
            timeout=Duration.seconds(29),
            ephemeral_storage_size=Size.mebibytes(512),
            environment={
                "ENDPOINTS": json.dumps(
                    [_told(endpoint, own.name) for endpoint, own in hosted],
                    # Every letter counts: all variables together may have 4 KB.
                    separators=(",", ":"),
                ),
                "BUCKET_NAME": exchange.bucket.bucket_name,
                "ALLOWED_ORIGINS": ",".join(settings.allowed_origins),
                "STAGE_NAME": settings.stage,
                "LOG_LEVEL": settings.log_level,
            },
            role=self.identity.role,
            log_group=self.identity.log_group,
        )
        accept(self.function, FINDINGS)

    def _invokes(
        self, hosted: Sequence[tuple[Endpoint, HostedEndpoint]]
    ) -> list[iam.PolicyStatement]:
        actions: dict[str, list[str]] = {}
        for endpoint, own in hosted:
            action = "InvokeEndpointAsync" if endpoint.asynchronous else "InvokeEndpoint"
            actions.setdefault(f"sagemaker:{action}", []).append(self._arn(own.name))
        return [
            iam.PolicyStatement(actions=[action], resources=arns)
            for action, arns in actions.items()
        ]

    def _arn(self, name: str) -> str:
        return Stack.of(self).format_arn(
            service="sagemaker",
            resource="endpoint",
            resource_name=name,
            arn_format=ArnFormat.SLASH_RESOURCE_NAME,
        )


def _told(endpoint: Endpoint, name: str) -> dict[str, object]:
    return {
        "name": endpoint.name,
        "endpoint": name,
        "variants": [variant for variant, _ in endpoint.variants],
        "asynchronous": endpoint.asynchronous is not None,
        "multi_model": endpoint.is_multi_model,
    }
