"""Errors that API Gateway itself answers with."""

import json
from collections.abc import Callable

import pytest

from tests.stacks.deployment import Deployment


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
        "UNSUPPORTED_MEDIA_TYPE",
    }
    for response in responses:
        # API Gateway replaces the variables. Its own message includes the quotes.
        filled = response["ResponseTemplates"]["application/json"].replace(
            "$context.error.messageString", '"words of the gateway"'
        )
        error = json.loads(filled)["error"]
        assert error["code"] == "$context.error.responseType"
        assert error["message"]
        assert error.keys() == {"code", "message"}
        assert "StatusCode" not in response


def test_the_limit_that_is_told_is_the_one_of_binary_bodies(default: Deployment) -> None:
    """Lambda takes 6 MB, and the gateway sends every body in base64, 4 letters of 3 bytes."""
    (api,) = default.inference.of_type("AWS::ApiGateway::RestApi").values()
    (too_large,) = (
        response["ResponseTemplates"]["application/json"]
        for response in default.inference.of_type("AWS::ApiGateway::GatewayResponse").values()
        if response["ResponseType"] == "REQUEST_TOO_LARGE"
    )

    assert api["BinaryMediaTypes"] == ["*/*"]
    assert f"at most {6 * 3 / 4} MB" in too_large


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
    """A deployment is a copy of the API, which lacks everything that is added later."""
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
