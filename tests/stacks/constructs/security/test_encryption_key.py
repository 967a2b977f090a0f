"""The customer's own key, and everything that it encrypts."""

from typing import Any

from tests.stacks.deployment import Deployment

KEY = "${EncryptionKey.Arn}"


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


def _all(deployment: Deployment, resource_type: str) -> list[dict[str, Any]]:
    templates = (deployment.storage, deployment.inference, deployment.sagemaker)
    return [p for template in templates for p in template.of_type(resource_type).values()]


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
