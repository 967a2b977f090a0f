"""The REST API in front of inference."""

import re
from collections.abc import Mapping

from aws_cdk import Duration, RemovalPolicy, Stack
from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_logs as logs
from constructs import Construct

from stacks.constructs.api.access_log import ACCESS_LOG_FORMAT
from stacks.constructs.api.api_access import ApiAccess
from stacks.constructs.api.api_routes import (
    ALL_MODELS,
    BESIDE_DEDICATED,
    SAGEMAKER,
    Routes,
    dedicated_routes,
)
from stacks.constructs.api.cors import convert_preflights_to_text, cors_options
from stacks.constructs.api.gateway_responses import GatewayResponses
from stacks.constructs.api.web_acl import WebAcl
from stacks.constructs.security.findings import accept
from stacks.settings.settings import Settings

PARAMETER = re.compile("{[^}]+}")
LOG_ROLE = (
    "Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs"
)
API_FINDINGS = {
    "AwsSolutions-APIG2": "Bodies are binary to the gateway; the function checks each field.",
    f"AwsSolutions-IAM4[{LOG_ROLE}]": "What AWS made for this purpose alone.",
}
STAGE_FINDINGS = {
    "AwsSolutions-APIG6": "The access log says what came of each request; this one adds payloads.",
    "CKV_AWS_73": "Traces are charged by the request; the access log has the times of both parts.",
    "CKV_AWS_120": "Answers change with each upload: none may be kept.",
}


class InferenceApi(Construct):
    """The project's own routes and those of other servers' protocols.

    Args:
        function: answers for all models.
        dedicated: the functions of dedicated models, by model.
        sagemaker: the proxy of endpoints on SageMaker; None where there are none.

    Attributes:
        rest_api: the API.
        api_key: the key that callers send, where `auth` is `api_key`.
        access: the callers that are let in.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        function: lambda_.IFunction,
        dedicated: Mapping[str, lambda_.IFunction],
        sagemaker: lambda_.IFunction | None,
        settings: Settings,
    ) -> None:
        super().__init__(scope, construct_id)
        self._settings = settings
        self.access = ApiAccess(self, "Callers", settings=settings)
        self.rest_api = self._rest_api()
        self._add_routes(ALL_MODELS, function)
        if dedicated:
            self._add_routes(BESIDE_DEDICATED, function)
        for model, own_function in dedicated.items():
            self._add_routes(dedicated_routes(model), own_function)
        if sagemaker:
            self._add_routes(SAGEMAKER, sagemaker)
        convert_preflights_to_text(self.rest_api)
        GatewayResponses(
            self, "Errors", rest_api=self.rest_api, allowed_origins=settings.allowed_origins
        )
        self.api_key = self._add_key() if settings.auth == "api_key" else None
        self._protect()

    @property
    def server_errors(self) -> cloudwatch.Metric:
        """Returns the number of answers with 5xx per minute.

        It names the API by text: what depends on the metric doesn't depend on the API.
        """
        return cloudwatch.Metric(
            namespace="AWS/ApiGateway",
            metric_name="5XXError",
            dimensions_map={"ApiName": Stack.of(self).stack_name, "Stage": self._settings.stage},
            statistic="Sum",
            period=Duration.minutes(1),
        )

    def _rest_api(self) -> apigateway.RestApi:
        rest_api = apigateway.RestApi(
            self,
            "RestApi",
            rest_api_name=Stack.of(self).stack_name,
            endpoint_configuration=self.access.endpoint,
            policy=self.access.policy,
            # No stage can write logs without this role, which is one for the account and region.
            cloud_watch_role=True,
            deploy_options=self._deploy_options(),
            default_method_options=self.access.method_options,
            default_cors_preflight_options=cors_options(self._settings),
            # Clients of the Open Inference Protocol send tensors without a Content-Type.
            binary_media_types=["*/*"],
        )
        # CDK adds an output of its own. The stack has one with a stable name.
        rest_api.node.try_remove_child("Endpoint")
        return rest_api

    def _deploy_options(self) -> apigateway.StageOptions:
        log_group = logs.LogGroup(
            self,
            "AccessLog",
            retention=logs.RetentionDays.ONE_MONTH,
            removal_policy=RemovalPolicy.DESTROY,
        )
        return apigateway.StageOptions(
            stage_name=self._settings.stage,
            throttling_rate_limit=self._settings.throttle_rate,
            throttling_burst_limit=self._settings.throttle_burst,
            access_log_destination=apigateway.LogGroupLogDestination(log_group),
            access_log_format=ACCESS_LOG_FORMAT,
        )

    def _add_routes(self, routes: Routes, function: lambda_.IFunction) -> None:
        for path, methods in routes.items():
            resource = self.rest_api.root.resource_for_path(path)
            integration = self._integration(function, path)
            # HEAD is answered as GET, by the same function.
            for method in [*methods, *(["HEAD"] if "GET" in methods else [])]:
                accept(resource.add_method(method, integration), self.access.method_findings)

    def _integration(self, function: lambda_.IFunction, path: str) -> apigateway.Integration:
        """Lets the path invoke the function, by whichever of its methods.

        CDK's own integration makes a permission for each method. A stack takes 500 resources, and
        with dedicated models these would be too many.
        """
        stage = self.rest_api.deployment_stage.stage_name
        function.add_permission(
            f"ApiPermission{path}",
            principal=iam.ServicePrincipal("apigateway.amazonaws.com"),
            source_arn=self.rest_api.arn_for_execute_api("*", PARAMETER.sub("*", path), stage),
            scope=self.rest_api,
        )
        return apigateway.AwsIntegration(
            service="lambda",
            path=f"2015-03-31/functions/{function.function_arn}/invocations",
            proxy=True,
        )

    def _protect(self) -> None:
        stage = self.rest_api.deployment_stage
        accept(self.rest_api, {**API_FINDINGS, **self.access.findings})
        accept(stage, STAGE_FINDINGS)
        if self._settings.waf == "on":
            rate = self._settings.throttle_rate
            WebAcl(self, "WebAcl", stage_arn=stage.stage_arn, rate=rate)
        else:
            accept(stage, {"AwsSolutions-APIG3": "A web ACL costs by the month: the setting waf."})

    def _add_key(self) -> apigateway.IApiKey:
        key = self.rest_api.add_api_key("Key")
        plan = self.rest_api.add_usage_plan(
            "UsagePlan",
            throttle=apigateway.ThrottleSettings(
                rate_limit=self._settings.throttle_rate,
                burst_limit=self._settings.throttle_burst,
            ),
        )
        plan.add_api_stage(stage=self.rest_api.deployment_stage)
        plan.add_api_key(key)
        return key
