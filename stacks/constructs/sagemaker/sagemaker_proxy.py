"""The function between the API and the endpoints on SageMaker."""

import json
from collections.abc import Sequence

from aws_cdk import ArnFormat, Duration, Stack
from aws_cdk import aws_iam as iam
from constructs import Construct

from stacks.constructs.functions.function_findings import FUNCTION_FINDINGS, RUNTIME_FINDINGS
from stacks.constructs.functions.function_identity import FunctionIdentity
from stacks.constructs.functions.zip_function import ZipFunction
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
    """Passes requests on to the configured endpoints, and to no other.

    Args:
        hosted: the endpoints, each as the setting describes it and as it is hosted.

    Attributes:
        identity: the role and the log.
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
        # The function is outside of the network, which has no way to SageMaker.
        self.identity = FunctionIdentity(self, "Identity")
        for statement in self._invoke_statements(hosted):
            self.identity.role.add_to_policy(statement)
        exchange.grant_proxy(self.identity.role)
        self.function = ZipFunction(
            self,
            "Function",
            handler="sagemaker_proxy.handler.handler",
            memory_mb=512,
            timeout=Duration.seconds(29),  # as API Gateway's
            environment={
                "ENDPOINTS": _endpoints_json(hosted),
                "BUCKET_NAME": exchange.bucket.bucket_name,
                "ALLOWED_ORIGINS": ",".join(settings.allowed_origins),
                "STAGE_NAME": settings.stage,
            },
            identity=self.identity,
            settings=settings,
        )
        accept(self.function, FINDINGS)

    def _invoke_statements(
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


def _endpoints_json(hosted: Sequence[tuple[Endpoint, HostedEndpoint]]) -> str:
    """Describes the endpoints to the proxy.

    All variables together may have 4 KB, so the text has no blanks.
    """
    endpoints = [
        {
            "name": endpoint.name,
            "endpoint": own.name,
            "variants": [variant for variant, _ in endpoint.variants],
            "asynchronous": endpoint.asynchronous is not None,
            "multi_model": endpoint.is_multi_model,
        }
        for endpoint, own in hosted
    ]
    return json.dumps(endpoints, separators=(",", ":"))
