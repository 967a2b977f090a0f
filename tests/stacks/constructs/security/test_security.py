"""What the settings for security add: a key, flow logs, a web ACL, users, a private API."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from stacks.settings.settings import Settings, SettingsError
from tests.stacks.deployment import Deployment, Template
from tests.stacks.configurations import GUARDED, MATRIX, PRIVATE

KEY = "${EncryptionKey.Arn}"
POOL = "arn:aws:cognito-idp:eu-west-1:123456789012:userpool/eu-west-1_Ab1"
ENDPOINTS = ["vpce-0123456789abcdef0", "vpce-0123456789abcdef1"]


@pytest.fixture(scope="session")
def guarded(deploy: Callable[..., Deployment]) -> Deployment:
    return deploy(**GUARDED)


def _all(deployment: Deployment, resource_type: str) -> list[dict[str, Any]]:
    templates = (deployment.storage, deployment.inference, deployment.sagemaker)
    return [p for template in templates for p in template.of_type(resource_type).values()]


def test_by_default_nothing_is_added_but_the_flow_log(default: Deployment) -> None:
    types = {
        resource["Type"]
        for template in (default.storage, default.inference)
        for resource in template.resources.values()
    }

    assert "AWS::EC2::FlowLog" in types
    assert not {t for t in types if t.startswith(("AWS::KMS", "AWS::WAFv2", "AWS::Cognito"))}


def test_flow_log_is_of_the_whole_network(default: Deployment) -> None:
    flow_log = default.storage.properties("NetworkFlowLog")
    (vpc,) = default.storage.of_type("AWS::EC2::VPC")

    assert (flow_log["ResourceType"], flow_log["ResourceId"]) == ("VPC", f"${{{vpc}}}")
    assert (flow_log["TrafficType"], flow_log["LogDestinationType"]) == ("ALL", "cloud-watch-logs")
    assert flow_log["LogGroupName"] == "${NetworkFlowLogRecords}"


@pytest.mark.parametrize(
    "settings",
    [PRIVATE, {"vpc_id": "vpc-01234567", "subnet_ids": "subnet-01234567", "flow_logs": "on"}],
)
def test_flow_log_can_be_left_out_and_is_of_an_own_network_alone(
    deploy: Callable[..., Deployment], settings: dict[str, str]
) -> None:
    assert not deploy(**settings).storage.of_type("AWS::EC2::FlowLog")


def test_the_key_rotates_and_outlives_its_stack(guarded: Deployment) -> None:
    key = guarded.storage.resources["EncryptionKey"]

    assert key["Properties"]["EnableKeyRotation"] is True
    assert key["DeletionPolicy"] == "Retain"


def test_the_key_is_for_the_account_its_logs_and_its_alarm(guarded: Deployment) -> None:
    root, logs, alarm = guarded.storage.properties("EncryptionKey")["KeyPolicy"]["Statement"]

    assert root["Principal"] == {"AWS": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root"}
    assert logs["Principal"] == {"Service": "logs.${AWS::Region}.amazonaws.com"}
    assert logs["Condition"] == {
        "ArnLike": {
            "kms:EncryptionContext:aws:logs:arn": "arn:${AWS::Partition}:logs:${AWS::Region}:"
            "${AWS::AccountId}:log-group:*"
        }
    }
    assert alarm["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
    assert alarm["Condition"] == {"StringEquals": {"aws:SourceAccount": "${AWS::AccountId}"}}


def test_all_that_is_kept_is_encrypted_with_the_key(guarded: Deployment) -> None:
    storage = guarded.storage
    (rule,) = storage.properties("ModelBucket")["BucketEncryption"][
        "ServerSideEncryptionConfiguration"
    ]

    assert rule == {
        "BucketKeyEnabled": True,
        "ServerSideEncryptionByDefault": {"KMSMasterKeyID": KEY, "SSEAlgorithm": "aws:kms"},
    }
    assert storage.properties("ModelStoreFileSystem")["KmsKeyId"] == KEY
    assert storage.properties("ModelLoaderFailures")["KmsMasterKeyId"] == KEY
    assert storage.properties("ModelLoaderNoticesTopic")["KmsMasterKeyId"] == KEY
    groups = _all(guarded, "AWS::Logs::LogGroup")
    assert [group["KmsKeyId"] for group in groups] == [KEY] * len(groups)


def test_web_acl_limits_each_address_and_holds_aws_rules(
    deploy: Callable[..., Deployment],
) -> None:
    deployment = deploy(waf="on", throttle_rate="7")
    acl = deployment.inference.properties("ApiWebAcl")
    limit, common, bad_inputs = (rule["Statement"] for rule in acl["Rules"])

    assert acl["Scope"] == "REGIONAL"
    assert limit["RateBasedStatement"]["Limit"] == 7 * 300
    assert acl["Rules"][0]["Action"] == {"Block": {}}
    groups = [statement["ManagedRuleGroupStatement"] for statement in (common, bad_inputs)]
    assert [group["Name"] for group in groups] == [
        "AWSManagedRulesCommonRuleSet",
        "AWSManagedRulesKnownBadInputsRuleSet",
    ]
    # Inputs of models are larger than the 8 KB that this rule lets through.
    assert groups[0]["RuleActionOverrides"] == [
        {"Name": "SizeRestrictions_BODY", "ActionToUse": {"Count": {}}}
    ]


def test_web_acl_is_the_stages(guarded: Deployment) -> None:
    association = guarded.inference.properties("ApiWebAclAssociation")

    assert association["WebACLArn"] == "${ApiWebAcl.Arn}"
    assert association["ResourceArn"].endswith(
        ":/restapis/${ApiRestApi}/stages/${ApiRestApiDeploymentStagedev}"
    )


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
    assert client["ExplicitAuthFlows"] == ["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]


def test_a_pool_that_is_given_is_used(deploy: Callable[..., Deployment]) -> None:
    inference = deploy(auth="cognito", user_pool_arn=POOL).inference
    (authorizer,) = inference.of_type("AWS::ApiGateway::Authorizer").values()

    assert authorizer["ProviderARNs"] == [POOL]
    assert not inference.of_type("AWS::Cognito::UserPool")
    assert inference.outputs.keys() == {"ApiUrl"}


def test_a_pool_is_for_cognito_alone() -> None:
    with pytest.raises(SettingsError, match=r"user_pool_arn is 'arn:.* auth is 'iam'"):
        Settings.from_context({"user_pool_arn": POOL})


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


@pytest.mark.parametrize("settings", MATRIX.values(), ids=MATRIX.keys())
def test_no_variable_holds_a_secret(
    deploy: Callable[..., Deployment], settings: dict[str, str]
) -> None:
    deployment = deploy(**settings)
    for function in _all(deployment, "AWS::Lambda::Function"):
        no_secret(function.get("Environment", {}).get("Variables", {}))


def no_secret(variables: dict[str, Any]) -> None:
    text = json.dumps(variables)
    assert not re.search(r"resolve:(secretsmanager|ssm)|AKIA[0-9A-Z]{16}", text)
    assert not re.search("SECRET|TOKEN|PASSWORD|CREDENTIAL|KEY", " ".join(variables))


@pytest.mark.parametrize("settings", MATRIX.values(), ids=MATRIX.keys())
def test_nobody_but_services_and_the_account_is_trusted(
    deploy: Callable[..., Deployment], settings: dict[str, str]
) -> None:
    deployment = deploy(**settings)
    for template in (deployment.storage, deployment.inference, deployment.sagemaker):
        assert _trusted(template) <= {
            "lambda.amazonaws.com",
            "apigateway.amazonaws.com",
            "vpc-flow-logs.amazonaws.com",
            "sagemaker.amazonaws.com",
        }


def _trusted(template: Template) -> set[str]:
    return {
        statement["Principal"]["Service"]
        for role in template.of_type("AWS::IAM::Role").values()
        for statement in role["AssumeRolePolicyDocument"]["Statement"]
    }
