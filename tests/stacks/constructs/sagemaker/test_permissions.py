"""Permissions of the SageMaker stack: no statement is wider than its service allows."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.stacks.configurations import GUARDED, OTHER_EVERYTHING
from tests.stacks.constructs.sagemaker.templates import allowed
from tests.stacks.deployment import Deployment, Template

# These actions take no narrower resource. The text says why a role needs each.
# https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
WITHOUT_RESOURCE = {
    "ecr:GetAuthorizationToken": "the log-in to a registry",
    "cloudwatch:PutMetricData": "metrics; a condition says of which namespaces",
}


# A wildcard may stand below these folders, whose names are made at run time.
FOLDERS = ("${ExchangeBucket.Arn}/", "arn:${AWS::Partition}:s3:::models/")


@pytest.fixture(scope="session", params=["everything", "guarded"])
def template(request: pytest.FixtureRequest, deploy: Callable[..., Deployment]) -> Template:
    settings = {"everything": OTHER_EVERYTHING, "guarded": GUARDED}[request.param]
    return deploy(**settings).sagemaker


def granted(template: Template) -> Iterator[tuple[str, str, str]]:
    """Yields the actions of each role, and the resources of each action."""
    for role in template.of_type("AWS::IAM::Role"):
        for action, resources in allowed(template, role).items():
            for resource in resources:
                yield role, action, resource


def test_every_role_is_looked_at(template: Template) -> None:
    """Each of the eight models has a role, and so has the proxy. No other policy exists."""
    roles = template.of_type("AWS::IAM::Role")

    assert len(roles) == 9 == len({role for role, *_ in granted(template)})
    assert len(template.of_type("AWS::IAM::Policy")) == len(roles)
    assert not [role for role in roles.values() if {"Policies", "ManagedPolicyArns"} & role.keys()]


def test_no_statement_is_for_every_resource_where_its_service_knows_one(
    template: Template,
) -> None:
    everywhere = {action for _, action, resource in granted(template) if resource == "*"}

    assert everywhere == WITHOUT_RESOURCE.keys()


def test_wildcards_stand_at_the_end_of_a_folder_alone(template: Template) -> None:
    for role, action, resource in granted(template):
        assert "*" not in action, (role, action)
        if "*" in resource and resource != "*":
            folder, _, rest = resource.partition("*")
            assert folder.endswith("/"), (role, action, resource)
            assert folder.startswith(FOLDERS), (role, action, resource)
            assert not rest


def test_topics_refuse_what_comes_without_tls_and_take_from_roles_of_the_account(
    template: Template,
) -> None:
    """SageMaker publishes with a model's role, so the policy lets in no service."""
    policies = template.of_type("AWS::SNS::TopicPolicy")

    assert policies.keys() == {"ExchangeSuccessPolicy", "ExchangeErrorPolicy"}
    for policy in policies.values():
        (statement,) = policy["PolicyDocument"]["Statement"]
        assert statement["Effect"] == "Deny"
        assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_no_alarm_speaks_to_a_topic(template: Template) -> None:
    """The only alarm action starts the first instance, and that needs no topic."""
    actions = {
        key: alarm["AlarmActions"]
        for key, alarm in template.of_type("AWS::CloudWatch::Alarm").items()
        if "AlarmActions" in alarm
    }

    assert actions == {
        "EndpointtextScalingWaitinggpt": ["${EndpointtextScalingFromNonegpt}"],
    }


def test_who_may_be_a_role(template: Template) -> None:
    trusted: dict[str, Any] = {
        key: [s["Principal"] for s in role["AssumeRolePolicyDocument"]["Statement"]]
        for key, role in template.of_type("AWS::IAM::Role").items()
    }
    proxy = trusted.pop("ProxyIdentityRole")

    assert proxy == [{"Service": "lambda.amazonaws.com"}]
    assert set(map(str, trusted.values())) == {str([{"Service": "sagemaker.amazonaws.com"}])}
