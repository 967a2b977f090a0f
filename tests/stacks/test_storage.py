"""The storage stack: what outlives it, its logs, its names and its outputs."""

from tests.stacks.deployment import Deployment


def test_bucket_outlives_its_stack_and_nothing_else_with_state_does(default: Deployment) -> None:
    kept = {
        key
        for template in (default.storage, default.inference)
        for key, resource in template.resources.items()
        if "Retain" in (resource.get("DeletionPolicy"), resource.get("UpdateReplacePolicy"))
    }

    # The last two belong to the account: other APIs write their logs with them.
    assert kept == {"ModelBucket", "ApiRestApiCloudWatchRole", "ApiRestApiAccount"}
    assert default.storage.resources["ModelBucket"]["DeletionPolicy"] == "Retain"


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


def test_nothing_has_a_fixed_name(default: Deployment) -> None:
    """A second deployment fails where a fixed name is taken."""
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
