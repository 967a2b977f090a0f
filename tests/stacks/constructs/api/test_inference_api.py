"""The REST API: its routes, preflights, stage and access log."""

import json
from collections.abc import Callable

import pytest

from tests.stacks.deployment import Deployment

PROXY = (
    "arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/"
    "${InferenceFunction.Arn}/invocations"
)
READ = (
    "/models",
    "/models/{model}",
    "/models/{model}/openapi.json",
    "/openapi.json",
    "/v2",
)


def test_routes_are_proxied_to_inference(default: Deployment) -> None:
    routes = default.inference.routes

    assert routes.keys() == {
        ("POST", "/endpoints/{model}/invocations"),
        ("POST", "/inference"),
        ("ANY", "/v1/{proxy+}"),
        ("ANY", "/v2/{proxy+}"),
        *((method, path) for method in ("GET", "HEAD") for path in READ),
    }
    for method in routes.values():
        assert method["Integration"] == {
            "Type": "AWS_PROXY",
            "IntegrationHttpMethod": "POST",
            "Uri": PROXY,
        }


@pytest.mark.parametrize("auth", ["iam", "api_key", "none"])
def test_preflight_is_open_on_every_path(deploy: Callable[..., Deployment], auth: str) -> None:
    """A browser does not sign a preflight, and sends no key with it."""
    preflights = {k: m for k, m in deploy(auth=auth).inference.methods.items() if k[0] == "OPTIONS"}

    assert {path for _, path in preflights} == {
        "/",
        "/endpoints",
        "/endpoints/{model}",
        "/endpoints/{model}/invocations",
        "/inference",
        "/models",
        "/models/{model}",
        "/models/{model}/openapi.json",
        "/openapi.json",
        "/v1",
        "/v1/{proxy+}",
        "/v2",
        "/v2/{proxy+}",
    }
    for method in preflights.values():
        assert method["AuthorizationType"] == "NONE"
        assert method["ApiKeyRequired"] is False
        # Without this, a mock answers 500 because every body is binary.
        assert method["Integration"]["ContentHandling"] == "CONVERT_TO_TEXT"
        (response,) = method["Integration"]["IntegrationResponses"]
        assert response["StatusCode"] == "204"
        assert {k.split(".")[-1]: v for k, v in response["ResponseParameters"].items()} == {
            "Access-Control-Allow-Origin": "'*'",
            "Access-Control-Allow-Methods": "'OPTIONS,GET,PUT,POST,DELETE,PATCH,HEAD'",
            # The wildcard doesn't cover Authorization.
            "Access-Control-Allow-Headers": "'*,Authorization'",
            "Access-Control-Max-Age": "'3600'",
        }


def test_preflight_answers_each_of_several_origins(deploy: Callable[..., Deployment]) -> None:
    origins = "https://a.example,https://b.example"
    method = deploy(allowed_origins=origins).inference.methods["OPTIONS", "/inference"]
    (response,) = method["Integration"]["IntegrationResponses"]

    headers = response["ResponseParameters"]
    assert headers["method.response.header.Access-Control-Allow-Origin"] == "'https://a.example'"
    assert headers["method.response.header.Vary"] == "'Origin'"
    assert '$origin == "https://b.example"' in response["ResponseTemplates"]["application/json"]


def test_preflight_is_narrower_where_the_settings_are(deploy: Callable[..., Deployment]) -> None:
    deployment = deploy(allowed_headers="Content-Type, X-Own", allowed_methods="GET,POST")
    (response,) = deployment.inference.methods["OPTIONS", "/inference"]["Integration"][
        "IntegrationResponses"
    ]

    headers = response["ResponseParameters"]
    assert headers["method.response.header.Access-Control-Allow-Headers"] == "'Content-Type,X-Own'"
    assert headers["method.response.header.Access-Control-Allow-Methods"] == "'GET,POST'"


def test_the_functions_compress_and_the_gateway_does_not(default: Deployment) -> None:
    """The gateway unpacks requests without this setting, which is for answers (ADR 47)."""
    assert "MinimumCompressionSize" not in default.inference.properties("ApiRestApi")


def test_api_is_regional_and_takes_bytes_of_any_type(default: Deployment) -> None:
    api = default.inference.properties("ApiRestApi")

    assert api["EndpointConfiguration"] == {"Types": ["REGIONAL"]}
    assert api["BinaryMediaTypes"] == ["*/*"]


def test_stage_is_throttled_and_logged(deploy: Callable[..., Deployment]) -> None:
    deployment = deploy(stage="prod", throttle_rate="7", throttle_burst="9")
    (stage,) = deployment.inference.of_type("AWS::ApiGateway::Stage").values()

    assert stage["StageName"] == "prod"
    assert stage["MethodSettings"] == [
        {
            "HttpMethod": "*",
            "ResourcePath": "/*",
            "DataTraceEnabled": False,
            "ThrottlingRateLimit": 7,
            "ThrottlingBurstLimit": 9,
        }
    ]
    assert stage["AccessLogSetting"]["DestinationArn"].endswith(":log-group:${ApiAccessLog}")


def test_access_log_is_json_without_payloads(default: Deployment) -> None:
    (stage,) = default.inference.of_type("AWS::ApiGateway::Stage").values()

    assert json.loads(stage["AccessLogSetting"]["Format"]) == {
        "requestId": "$context.requestId",
        "time": "$context.requestTimeEpoch",
        "ip": "$context.identity.sourceIp",
        "method": "$context.httpMethod",
        "path": "$context.resourcePath",
        "status": "$context.status",
        "error": "$context.error.responseType",
        "bytes": "$context.responseLength",
        "latencyMs": "$context.responseLatency",
        "integrationStatus": "$context.integration.status",
        "integrationLatencyMs": "$context.integration.latency",
    }


def test_account_lets_the_api_write_its_log(default: Deployment) -> None:
    role = default.inference.properties("ApiRestApiCloudWatchRole")

    assert role["ManagedPolicyArns"] == [
        "arn:${AWS::Partition}:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs"
    ]
    assert default.inference.properties("ApiRestApiAccount") == {
        "CloudWatchRoleArn": "${ApiRestApiCloudWatchRole.Arn}"
    }


def test_url_is_an_output(default: Deployment) -> None:
    assert default.inference.outputs == {
        "ApiUrl": "https://${ApiRestApi}.execute-api.${AWS::Region}.${AWS::URLSuffix}/"
        "${ApiRestApiDeploymentStagedev}/"
    }
