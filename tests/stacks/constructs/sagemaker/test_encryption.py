"""The customer's own key on SageMaker: everything that it encrypts, and its users."""

from collections.abc import Callable

import pytest

from tests.stacks.configurations import GUARDED, OTHER_EVERYTHING
from tests.stacks.constructs.sagemaker.templates import NAMES, allowed, config
from tests.stacks.deployment import Deployment, Template

KEY = "${EncryptionKey.Arn}"
SEND = {"kms:Decrypt", "kms:GenerateDataKey"}


@pytest.fixture(scope="session")
def guarded(deploy: Callable[..., Deployment]) -> Template:
    return deploy(**GUARDED).sagemaker


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

    # A serverless endpoint has no volume, and ml.g5 has disks that take no key.
    assert volumes == {**dict.fromkeys(NAMES, KEY), "rare": None, "chat": None}
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
