"""The storage stack: what outlives it, its logs, its names and its outputs."""

import json

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

    assert len(groups) == 10
    assert {g["Properties"]["RetentionInDays"] for g in groups} == {30}
    assert {g["DeletionPolicy"] for g in groups} == {"Delete"}


def test_no_log_comes_back_when_its_stack_is_gone(guarded: Deployment) -> None:
    """Lines come late. Who may make a group makes it again, to stay for ever."""
    for template in (guarded.storage, guarded.inference, guarded.sagemaker):
        for role in template.of_type("AWS::IAM::Role").values():
            managed = json.dumps(role.get("ManagedPolicyArns", []))
            assert "AWSLambdaBasicExecutionRole" not in managed
            assert "AWSLambdaVPCAccessExecutionRole" not in managed
        for policy in template.of_type("AWS::IAM::Policy").values():
            for statement in policy["PolicyDocument"]["Statement"]:
                if "logs:CreateLogGroup" in statement["Action"]:
                    # SageMaker asks for it. This policy names the group, and so it goes before.
                    group = statement["Resource"].removeprefix("${").removesuffix(".Arn}")
                    assert template.resources[group]["Type"] == "AWS::Logs::LogGroup"


def test_every_function_has_a_log_that_expires(guarded: Deployment) -> None:
    for template in (guarded.storage, guarded.inference, guarded.sagemaker):
        for function in template.of_type("AWS::Lambda::Function").values():
            group = function["LoggingConfig"]["LogGroup"].strip("${}")
            assert template.properties(group)["RetentionInDays"] == 30


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
