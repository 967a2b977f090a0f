"""Each function's role: its policy, statement by statement."""

from typing import Any

import pytest

from tests.stacks.constructs.functions.policies import (
    READ_WRITE,
    ROLES,
    access_point_arn,
    mount,
    own_log,
    own_log_and_network,
)
from tests.stacks.deployment import Deployment, Template


def _invoke(*functions: str) -> dict[str, Any]:
    """Returns the statement of a destination. Lambda delivers with the invoked function's role."""
    arns = [f"${{ModelLoader{function}Function.Arn}}" for function in functions]
    return {
        "Effect": "Allow",
        "Action": "lambda:InvokeFunction",
        "Resource": arns if len(arns) > 1 else arns[0],
    }


def _fail_into_the_queue() -> dict[str, Any]:
    return {
        "Effect": "Allow",
        "Action": "sqs:SendMessage",
        "Resource": "${ModelLoaderFailures.Arn}",
    }


EXPECTED = {
    "stage": [
        *own_log_and_network("ModelLoaderStageIdentity"),
        mount("Everything", actions=READ_WRITE),
        _invoke("Dispatcher", "Publish"),
        {
            "Effect": "Allow",
            "Action": ["s3:GetObject", "s3:GetObjectVersion"],
            "Resource": "${ModelBucket.Arn}/*",
        },
        {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "${ModelBucket.Arn}"},
    ],
    "preparer": [
        *own_log_and_network("ModelLoaderPreparerIdentity"),
        mount("Candidates", actions=READ_WRITE),
        _invoke("Publish"),
    ],
    "publish": [
        *own_log_and_network("ModelLoaderPublishIdentity"),
        mount("Everything", actions=READ_WRITE),
        _fail_into_the_queue(),
        _invoke("Notices"),
    ],
    "reconcile": [
        *own_log_and_network("ModelLoaderReconcileIdentity"),
        mount("Everything", actions=READ_WRITE),
        _fail_into_the_queue(),
        _invoke("Dispatcher"),
        {
            "Effect": "Allow",
            "Action": ["s3:GetObject", "s3:GetObjectVersion"],
            "Resource": "${ModelBucket.Arn}/*",
        },
        {
            "Effect": "Allow",
            "Action": ["s3:ListBucket", "s3:ListBucketVersions"],
            "Resource": "${ModelBucket.Arn}",
        },
    ],
    "dispatcher": [
        own_log("ModelLoaderDispatcherIdentity"),
        _invoke("Preparer", "Publish"),
        _fail_into_the_queue(),
        # In a policy of its own, since the two functions would wait for each other.
        _invoke("Reconcile"),
    ],
    "notifier": [
        own_log("ModelLoaderNoticesIdentity"),
        {"Effect": "Allow", "Action": "sns:Publish", "Resource": "${ModelLoaderNoticesTopic}"},
        _fail_into_the_queue(),
    ],
    "inference": [
        *own_log_and_network("InferenceIdentity"),
        mount("Models", actions="elasticfilesystem:ClientMount"),
    ],
}


def _template(deployment: Deployment, name: str) -> Template:
    return deployment.inference if name == "inference" else deployment.storage


@pytest.mark.parametrize("name", ROLES)
def test_role_holds_exactly_its_statements(default: Deployment, name: str) -> None:
    template = _template(default, name)
    statements = [
        statement
        for _id, policy in sorted(template.of_type("AWS::IAM::Policy").items(), reverse=True)
        if f"${{{ROLES[name]}}}" in policy["Roles"]
        for statement in policy["PolicyDocument"]["Statement"]
    ]

    assert statements == EXPECTED[name]
    # The role has no managed policy and no inline policy.
    assert template.properties(ROLES[name]).keys() == {"AssumeRolePolicyDocument", "Tags"}


@pytest.mark.parametrize("name", ROLES)
def test_function_runs_under_its_own_role(default: Deployment, name: str) -> None:
    assert default.function(name)["Role"] == f"${{{ROLES[name]}.Arn}}"


@pytest.mark.parametrize("name", ROLES)
def test_only_lambda_takes_the_role(default: Deployment, name: str) -> None:
    trust = _template(default, name).properties(ROLES[name])["AssumeRolePolicyDocument"]

    assert trust["Statement"] == [
        {
            "Effect": "Allow",
            "Action": "sts:AssumeRole",
            "Principal": {"Service": "lambda.amazonaws.com"},
        }
    ]


@pytest.mark.parametrize(
    ("name", "access_point"),
    [
        ("stage", "Everything"),
        ("reconcile", "Everything"),
        ("preparer", "Candidates"),
        ("publish", "Everything"),
        ("inference", "Models"),
    ],
)
def test_function_mounts_its_own_access_point(
    default: Deployment, name: str, access_point: str
) -> None:
    assert default.function(name)["FileSystemConfigs"] == [
        {"Arn": access_point_arn(access_point), "LocalMountPath": "/mnt/ml"}
    ]


def test_there_is_no_further_role(default: Deployment) -> None:
    """CDK's function sets the bucket's notifications. EC2 and API Gateway write their logs."""
    assert default.storage.of_type("AWS::IAM::Role").keys() == {
        *(role for name, role in ROLES.items() if name != "inference"),
        "BucketNotificationsHandler050a0587b7544547bf325f094a3db834Role",
        "NetworkFlowLogRole",
    }
    assert default.inference.of_type("AWS::IAM::Role").keys() == {
        ROLES["inference"],
        "ApiRestApiCloudWatchRole",
    }
    handler = default.storage.properties("ModelBucketNotificationsHandlerPolicy")
    assert handler["PolicyDocument"]["Statement"] == [
        {
            "Effect": "Allow",
            "Action": "s3:PutBucketNotification",
            "Resource": "${ModelBucket.Arn}",
        }
    ]
