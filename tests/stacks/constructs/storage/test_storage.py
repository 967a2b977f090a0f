"""What is kept, how, and for how long."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.stacks.deployment import Deployment


def test_bucket_is_private_versioned_and_encrypted(default: Deployment) -> None:
    bucket = default.storage.properties("ModelBucket")

    assert bucket["VersioningConfiguration"] == {"Status": "Enabled"}
    assert bucket["PublicAccessBlockConfiguration"] == {
        "BlockPublicAcls": True,
        "BlockPublicPolicy": True,
        "IgnorePublicAcls": True,
        "RestrictPublicBuckets": True,
    }
    assert bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"] == [
        {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
    ]


def test_bucket_outlives_its_stack_and_nothing_else_with_state_does(default: Deployment) -> None:
    kept = {
        key
        for template in (default.storage, default.inference)
        for key, resource in template.resources.items()
        if "Retain" in (resource.get("DeletionPolicy"), resource.get("UpdateReplacePolicy"))
    }

    # The last two are the account's, not the stack's: other APIs write their logs with them.
    assert kept == {"ModelBucket", "ApiRestApiCloudWatchRole", "ApiRestApiAccount"}
    assert default.storage.resources["ModelBucket"]["DeletionPolicy"] == "Retain"


def test_bucket_sheds_old_versions_and_unfinished_uploads(default: Deployment) -> None:
    assert default.storage.properties("ModelBucket")["LifecycleConfiguration"]["Rules"] == [
        {
            "Id": "ExpireNoncurrentVersions",
            "Status": "Enabled",
            "ExpiredObjectDeleteMarker": True,
            "NoncurrentVersionExpiration": {"NewerNoncurrentVersions": 5, "NoncurrentDays": 30},
        },
        {
            "Id": "AbortUnfinishedUploads",
            "Status": "Enabled",
            "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
        },
    ]


def test_bucket_name_is_generated_unless_given(deploy: Callable[..., Deployment]) -> None:
    named = deploy(bucket_name="my-models")

    assert "BucketName" not in deploy().storage.properties("ModelBucket")
    assert named.storage.properties("ModelBucket")["BucketName"] == "my-models"


def test_bucket_tells_stage_of_created_and_removed_objects(default: Deployment) -> None:
    (notifications,) = default.storage.of_type("Custom::S3BucketNotifications").values()

    assert notifications["BucketName"] == "${ModelBucket}"
    assert notifications["NotificationConfiguration"] == {
        "LambdaFunctionConfigurations": [
            {"Events": [event], "LambdaFunctionArn": "${ModelLoaderStageFunction.Arn}"}
            for event in ("s3:ObjectCreated:*", "s3:ObjectRemoved:*")
        ]
    }


def test_file_system_is_encrypted_and_goes_with_its_stack(default: Deployment) -> None:
    file_system = default.storage.resources["ModelStoreFileSystem"]

    assert file_system["DeletionPolicy"] == "Delete"
    assert file_system["Properties"]["Encrypted"] is True
    assert file_system["Properties"]["LifecyclePolicies"] == [
        {"TransitionToIA": "AFTER_30_DAYS"},
        {"TransitionToPrimaryStorageClass": "AFTER_1_ACCESS"},
    ]
    assert "BackupPolicy" not in file_system["Properties"]


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, {"ThroughputMode": "bursting"}),
        ({"throughput_mode": "elastic"}, {"ThroughputMode": "elastic"}),
        (
            {"throughput_mode": "provisioned", "provisioned_throughput_mibps": "64"},
            {"ThroughputMode": "provisioned", "ProvisionedThroughputInMibps": 64},
        ),
    ],
)
def test_throughput_is_as_set(
    deploy: Callable[..., Deployment], settings: dict[str, Any], expected: dict[str, Any]
) -> None:
    file_system = deploy(**settings).storage.properties("ModelStoreFileSystem")

    assert {k: v for k, v in file_system.items() if "Throughput" in k} == expected


def test_failures_are_kept_for_two_weeks_encrypted(default: Deployment) -> None:
    queue = default.storage.properties("ModelLoaderFailures")

    assert queue["MessageRetentionPeriod"] == 14 * 24 * 3600
    assert queue["SqsManagedSseEnabled"] is True


def test_logs_expire_and_go_with_their_stack(default: Deployment) -> None:
    groups = [
        resource
        for template in (default.storage, default.inference)
        for resource in template.resources.values()
        if resource["Type"] == "AWS::Logs::LogGroup"
    ]

    assert len(groups) == 8
    assert {g["Properties"]["RetentionInDays"] for g in groups} == {30}
    assert {g["DeletionPolicy"] for g in groups} == {"Delete"}


def test_outputs_are_what_a_user_needs(default: Deployment) -> None:
    assert default.storage.outputs == {
        "BucketName": "${ModelBucket}",
        "FileSystemId": "${ModelStoreFileSystem}",
        "ReconcileFunctionName": "${ModelLoaderReconcileFunction}",
        "OperationsFunctionName": "${ModelLoaderPublishFunction}",
        "FailuresQueueUrl": "${ModelLoaderFailures}",
        "NoticesTopicArn": "${ModelLoaderNoticesTopic}",
    }


def test_what_nobody_could_handle_raises_an_alarm(default: Deployment) -> None:
    alarm = default.storage.properties("ModelLoaderNoticesFailuresAlarm")

    assert alarm["AlarmActions"] == ["${ModelLoaderNoticesTopic}"]
    assert alarm["MetricName"] == "ApproximateNumberOfMessagesVisible"
    assert alarm["Dimensions"] == [
        {"Name": "QueueName", "Value": "${ModelLoaderFailures.QueueName}"}
    ]
    assert (alarm["Threshold"], alarm["ComparisonOperator"]) == (0, "GreaterThanThreshold")


def test_the_alarm_may_speak_to_the_topic(default: Deployment) -> None:
    """Its own policy replaces SNS's, by which any service of the account might."""
    policy = default.storage.properties("ModelLoaderNoticesTopicPolicy")
    tls, *others = policy["PolicyDocument"]["Statement"]

    assert tls["Effect"] == "Deny"
    assert tls["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert others == [
        {
            "Sid": "LetAlarmPublish",
            "Effect": "Allow",
            "Principal": {"Service": "cloudwatch.amazonaws.com"},
            "Action": "sns:Publish",
            "Resource": "${ModelLoaderNoticesTopic}",
            "Condition": {
                "ArnEquals": {"aws:SourceArn": "${ModelLoaderNoticesFailuresAlarm.Arn}"},
                "StringEquals": {"aws:SourceAccount": "${AWS::AccountId}"},
            },
        }
    ]


def test_nothing_has_a_fixed_name(default: Deployment) -> None:
    """A name that is given can be taken: a second deployment would fail."""
    names = {
        "AWS::S3::Bucket": "BucketName",
        "AWS::SQS::Queue": "QueueName",
        "AWS::IAM::Role": "RoleName",
        "AWS::Logs::LogGroup": "LogGroupName",
        "AWS::Lambda::Function": "FunctionName",
        "AWS::EC2::SecurityGroup": "GroupName",
    }
    for template in (default.storage, default.inference):
        for resource_type, name in names.items():
            for properties in template.of_type(resource_type).values():
                assert name not in properties
