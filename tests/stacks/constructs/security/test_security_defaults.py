"""Rules for every configuration: no variable holds a secret, and no role trusts a stranger."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.stacks.configurations import MATRIX
from tests.stacks.deployment import Deployment, Template


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
    names = set(variables) - {"KEY_LAYOUTS"}  # of objects' keys
    assert not re.search("SECRET|TOKEN|PASSWORD|CREDENTIAL|KEY", " ".join(names))


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
            "codedeploy.amazonaws.com",
        }


def _trusted(template: Template) -> set[str]:
    return {
        statement["Principal"]["Service"]
        for role in template.of_type("AWS::IAM::Role").values()
        for statement in role["AssumeRolePolicyDocument"]["Statement"]
    }
