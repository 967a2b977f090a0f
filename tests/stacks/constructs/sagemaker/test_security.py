"""Endpoints on SageMaker: one's own key for all that is kept, and no permission too many."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.stacks.deployment import Deployment, Template
from tests.stacks.constructs.sagemaker.templates import NAMES, allowed, config
from tests.stacks.configurations import GUARDED, OTHER_EVERYTHING

KEY = "${EncryptionKey.Arn}"
SEND = {"kms:Decrypt", "kms:GenerateDataKey"}
# No service knows a resource for these, and why each is there.
# https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
WITHOUT_RESOURCE = {
    "ecr:GetAuthorizationToken": "the log-in to a registry",
    "cloudwatch:PutMetricData": "metrics; a condition says of which namespaces",
}
# What may come after a wildcard's folder, by the service: names that are made while it runs.
FOLDERS = ("${ExchangeBucket.Arn}/", "arn:${AWS::Partition}:s3:::models/")


@pytest.fixture(scope="session")
def guarded(deploy: Callable[..., Deployment]) -> Template:
    return deploy(**GUARDED).sagemaker


@pytest.fixture(scope="session", params=["everything", "guarded"])
def template(request: pytest.FixtureRequest, deploy: Callable[..., Deployment]) -> Template:
    settings = {"everything": OTHER_EVERYTHING, "guarded": GUARDED}[request.param]
    return deploy(**settings).sagemaker


def granted(template: Template) -> Iterator[tuple[str, str, str]]:
    """Each role's actions, and the resources of each."""
    for role in template.of_type("AWS::IAM::Role"):
        for action, resources in allowed(template, role).items():
            for resource in resources:
                yield role, action, resource


def test_every_role_is_looked_at(template: Template) -> None:
    """One for each of the eight models, and the proxy's: no policy stands anywhere else."""
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


def test_without_the_setting_there_is_no_key(deploy: Callable[..., Deployment]) -> None:
    plain = deploy(**OTHER_EVERYTHING).sagemaker

    assert "kms" not in str(plain.resources).lower()


def test_bucket_topics_and_logs_are_encrypted_with_the_key(guarded: Template) -> None:
    (rule,) = guarded.properties("ExchangeBucket")["BucketEncryption"][
        "ServerSideEncryptionConfiguration"
    ]

    assert rule == {
        "BucketKeyEnabled": True,
        "ServerSideEncryptionByDefault": {"KMSMasterKeyID": KEY, "SSEAlgorithm": "aws:kms"},
    }
    topics = guarded.of_type("AWS::SNS::Topic")
    assert {key: topic["KmsMasterKeyId"] for key, topic in topics.items()} == {
        "ExchangeSuccess": KEY,
        "ExchangeError": KEY,
    }
    groups = guarded.of_type("AWS::Logs::LogGroup").values()
    assert [group["KmsKeyId"] for group in groups] == [KEY] * (len(NAMES) + 1)


def test_volumes_answers_and_captured_requests_are_encrypted_with_the_key(
    guarded: Template,
) -> None:
    volumes = {name: config(guarded, name).get("KmsKeyId") for name in NAMES}

    # What is serverless has none.
    assert volumes == {**dict.fromkeys(NAMES, KEY), "rare": None}
    assert config(guarded, "text")["AsyncInferenceConfig"]["OutputConfig"]["KmsKeyId"] == KEY
    assert config(guarded, "vision")["DataCaptureConfig"]["KmsKeyId"] == KEY


@pytest.mark.parametrize(
    ("role", "actions"),
    [
        ("EndpointtextModelgptRole", SEND),  # its queue
        ("EndpointvisionModelresnetRole", SEND),  # what is captured
        ("EndpointrareModelseldomRole", {"kms:Decrypt"}),  # its model, and no more
        ("ProxyIdentityRole", SEND),
    ],
)
def test_roles_use_the_key_as_far_as_they_need_it(
    guarded: Template, role: str, actions: set[str]
) -> None:
    found = allowed(guarded, role)

    assert {action for action in found if action.startswith("kms:")} == actions
    assert [found[action] for action in actions] == [{KEY}] * len(actions)


def test_topics_refuse_what_comes_without_tls_and_take_from_roles_of_the_account(
    template: Template,
) -> None:
    """SageMaker speaks to them as a model's role: no service has to be let in."""
    policies = template.of_type("AWS::SNS::TopicPolicy")

    assert policies.keys() == {"ExchangeSuccessPolicy", "ExchangeErrorPolicy"}
    for policy in policies.values():
        (statement,) = policy["PolicyDocument"]["Statement"]
        assert statement["Effect"] == "Deny"
        assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_no_alarm_speaks_to_a_topic(template: Template) -> None:
    """What starts the first instance is the one action there is; it needs no topic's leave."""
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
