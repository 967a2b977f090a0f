"""Who may call the API: the settings `auth`, `user_pool_arn` and `vpc_endpoint_ids`."""

from collections.abc import Callable

import pytest

from tests.stacks.configurations import PRIVATE
from tests.stacks.deployment import Deployment

POOL = "arn:aws:cognito-idp:eu-west-1:123456789012:userpool/eu-west-1_Ab1"
ENDPOINTS = ["vpce-0123456789abcdef0", "vpce-0123456789abcdef1"]


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


def test_users_of_the_pool_are_let_in(guarded: Deployment) -> None:
    (authorizer,) = guarded.inference.of_type("AWS::ApiGateway::Authorizer").values()

    assert authorizer["Type"] == "COGNITO_USER_POOLS"
    assert authorizer["ProviderARNs"] == ["${ApiCallersUserPool.Arn}"]
    for method in guarded.inference.routes.values():
        assert method["AuthorizationType"] == "COGNITO_USER_POOLS"
        assert method["AuthorizerId"] == "${ApiCallersAuthorizer}"
    assert guarded.inference.outputs.keys() == {"ApiUrl", "UserPoolId", "UserPoolClientId"}


def test_the_pool_is_filled_by_administrators_and_asks_for_two_factors(guarded: Deployment) -> None:
    pool = guarded.inference.resources["ApiCallersUserPool"]
    client = guarded.inference.properties("ApiCallersUserPoolClient")

    assert pool["DeletionPolicy"] == "Retain"
    assert pool["Properties"]["AdminCreateUserConfig"] == {"AllowAdminCreateUserOnly": True}
    assert pool["Properties"]["MfaConfiguration"] == "ON"
    assert pool["Properties"]["EnabledMfas"] == ["SOFTWARE_TOKEN_MFA"]
    assert pool["Properties"]["Policies"]["PasswordPolicy"]["MinimumLength"] == 12
    # Nobody signs in by password alone who has no right to manage the pool's users.
    assert set(client["ExplicitAuthFlows"]) == {
        "ALLOW_USER_SRP_AUTH",
        "ALLOW_ADMIN_USER_PASSWORD_AUTH",
        "ALLOW_REFRESH_TOKEN_AUTH",
    }


def test_a_pool_that_is_given_is_used(deploy: Callable[..., Deployment]) -> None:
    inference = deploy(auth="cognito", user_pool_arn=POOL).inference
    (authorizer,) = inference.of_type("AWS::ApiGateway::Authorizer").values()

    assert authorizer["ProviderARNs"] == [POOL]
    assert not inference.of_type("AWS::Cognito::UserPool")
    assert inference.outputs.keys() == {"ApiUrl"}


def test_a_private_api_is_reached_through_its_endpoints_alone(
    deploy: Callable[..., Deployment],
) -> None:
    api = deploy(**PRIVATE).inference.properties("ApiRestApi")
    every = {"Principal": "*", "Action": "execute-api:Invoke", "Resource": "execute-api:/*"}

    assert api["EndpointConfiguration"] == {"Types": ["PRIVATE"], "VpcEndpointIds": ENDPOINTS}
    assert api["Policy"]["Statement"] == [
        {"Sid": "AllowCalls", "Effect": "Allow", **every},
        {
            "Sid": "DenyOtherWays",
            "Effect": "Deny",
            **every,
            "Condition": {"StringNotEquals": {"aws:SourceVpce": ENDPOINTS}},
        },
    ]


def test_a_private_api_admits_nobody_only_for_having_signed(
    deploy: Callable[..., Deployment],
) -> None:
    """With IAM, an allow in the resource's policy is enough, whatever the caller's own says."""
    api = deploy(**{**PRIVATE, "auth": "iam"}).inference.properties("ApiRestApi")

    statements = api["Policy"]["Statement"]
    assert [statement["Effect"] for statement in statements] == ["Deny"]
    assert statements[0]["Condition"] == {"StringNotEquals": {"aws:SourceVpce": ENDPOINTS}}
