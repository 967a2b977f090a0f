"""The REST API: its routes, who is let in, and what it answers of its own accord."""

import json
from collections.abc import Callable

import pytest

from tests.stacks.deployment import Deployment

PROXY = (
    "arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/"
    "${InferenceFunction.Arn}/invocations"
)


def test_routes_are_proxied_to_inference(default: Deployment) -> None:
    routes = default.inference.routes

    assert routes.keys() == {
        ("POST", "/inference"),
        ("GET", "/models"),
        ("GET", "/models/{model}"),
        ("GET", "/models/{model}/openapi.json"),
        ("GET", "/openapi.json"),
        ("GET", "/v1/{proxy+}"),
        ("POST", "/v1/{proxy+}"),
        ("GET", "/v2"),
        ("GET", "/v2/{proxy+}"),
        ("POST", "/v2/{proxy+}"),
    }
    for method in routes.values():
        assert method["Integration"] == {
            "Type": "AWS_PROXY",
            "IntegrationHttpMethod": "POST",
            "Uri": PROXY,
        }


@pytest.mark.parametrize(
    ("auth", "authorization", "needs_key"),
    [("iam", "AWS_IAM", False), ("api_key", "NONE", True), ("none", "NONE", False)],
)
def test_routes_let_in_those_whom_auth_names(
    deploy: Callable[..., Deployment], auth: str, authorization: str, needs_key: bool
) -> None:
    for method in deploy(auth=auth).inference.routes.values():
        assert method["AuthorizationType"] == authorization
        assert method["ApiKeyRequired"] is needs_key


@pytest.mark.parametrize("auth", ["iam", "api_key", "none"])
def test_preflight_is_open_on_every_path(deploy: Callable[..., Deployment], auth: str) -> None:
    """A browser signs no preflight, and sends no key with it."""
    preflights = {k: m for k, m in deploy(auth=auth).inference.methods.items() if k[0] == "OPTIONS"}

    assert {path for _, path in preflights} == {
        "/",
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
        # Without it a mock answers 500 where every body is binary.
        assert method["Integration"]["ContentHandling"] == "CONVERT_TO_TEXT"
        (response,) = method["Integration"]["IntegrationResponses"]
        assert response["StatusCode"] == "204"
        assert {k.split(".")[-1]: v for k, v in response["ResponseParameters"].items()} == {
            "Access-Control-Allow-Origin": "'*'",
            "Access-Control-Allow-Methods": "'GET,POST,OPTIONS'",
            "Access-Control-Allow-Headers": "'Accept,Authorization,Content-Type,"
            "Inference-Header-Content-Length,X-Amz-Content-Sha256,X-Amz-Date,X-Amz-Security-Token,X-Api-Key'",
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


def test_keys_come_with_a_plan_that_throttles(deploy: Callable[..., Deployment]) -> None:
    deployment = deploy(auth="api_key", throttle_rate="7", throttle_burst="9")
    (plan,) = deployment.inference.of_type("AWS::ApiGateway::UsagePlan").values()
    (member,) = deployment.inference.of_type("AWS::ApiGateway::UsagePlanKey").values()
    (key,) = deployment.inference.of_type("AWS::ApiGateway::ApiKey")

    assert plan["Throttle"] == {"RateLimit": 7, "BurstLimit": 9}
    assert plan["ApiStages"] == [
        {"ApiId": "${ApiRestApi}", "Stage": "${ApiRestApiDeploymentStagedev}", "Throttle": {}}
    ]
    assert member["KeyId"] == f"${{{key}}}"
    assert deployment.inference.outputs["ApiKeyId"] == f"${{{key}}}"


@pytest.mark.parametrize("auth", ["iam", "none"])
def test_there_is_no_key_where_none_is_asked_for(
    deploy: Callable[..., Deployment], auth: str
) -> None:
    deployment = deploy(auth=auth)

    assert not deployment.inference.of_type("AWS::ApiGateway::ApiKey")
    assert deployment.inference.outputs.keys() == {"ApiUrl"}


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


def test_errors_of_the_gateway_have_our_shape(default: Deployment) -> None:
    responses = default.inference.of_type("AWS::ApiGateway::GatewayResponse").values()

    assert {r["ResponseType"] for r in responses} == {
        "DEFAULT_4XX",
        "DEFAULT_5XX",
        "INTEGRATION_TIMEOUT",
        "INVALID_API_KEY",
        "MISSING_AUTHENTICATION_TOKEN",
        "REQUEST_TOO_LARGE",
        "THROTTLED",
    }
    for response in responses:
        # The gateway fills in the variables; the message of its own comes with its quotes.
        filled = response["ResponseTemplates"]["application/json"].replace(
            "$context.error.messageString", '"words of the gateway"'
        )
        error = json.loads(filled)["error"]
        assert error["code"] == "$context.error.responseType"
        assert error["message"]
        assert error.keys() == {"code", "message"}
        assert "StatusCode" not in response


@pytest.mark.parametrize(
    ("allowed_origins", "answered"),
    [
        ("*", "'*'"),
        ("https://a.example", "'https://a.example'"),
        ("https://a.example,https://b.example", "'*'"),
    ],
)
def test_errors_of_the_gateway_can_be_read_by_browsers(
    deploy: Callable[..., Deployment], allowed_origins: str, answered: str
) -> None:
    deployment = deploy(allowed_origins=allowed_origins)

    for response in deployment.inference.of_type("AWS::ApiGateway::GatewayResponse").values():
        assert response["ResponseParameters"] == {
            "gatewayresponse.header.Access-Control-Allow-Origin": answered
        }


def test_deployment_waits_for_the_gateway_errors(default: Deployment) -> None:
    """A deployment is a picture of the API: what comes later isn't in it."""
    (deployment,) = (
        resource
        for resource in default.inference.raw["Resources"].values()
        if resource["Type"] == "AWS::ApiGateway::Deployment"
    )
    responses = [
        key
        for key, resource in default.inference.raw["Resources"].items()
        if resource["Type"] == "AWS::ApiGateway::GatewayResponse"
    ]

    assert set(responses) <= set(deployment["DependsOn"])


def test_url_is_an_output(default: Deployment) -> None:
    assert default.inference.outputs == {
        "ApiUrl": "https://${ApiRestApi}.execute-api.${AWS::Region}.${AWS::URLSuffix}/"
        "${ApiRestApiDeploymentStagedev}/"
    }
