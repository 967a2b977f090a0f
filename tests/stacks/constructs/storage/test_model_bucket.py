"""The bucket that models are uploaded to."""

from collections.abc import Callable

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


def test_bucket_and_queue_refuse_requests_without_tls(default: Deployment) -> None:
    bucket_policy = default.storage.properties("ModelBucketPolicy")["PolicyDocument"]
    queue_policy = default.storage.properties("ModelLoaderFailuresPolicy")["PolicyDocument"]
    without_tls = {
        "Effect": "Deny",
        "Principal": {"AWS": "*"},
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }

    assert bucket_policy["Statement"] == [
        {
            **without_tls,
            "Action": "s3:*",
            "Resource": ["${ModelBucket.Arn}", "${ModelBucket.Arn}/*"],
        }
    ]
    assert queue_policy["Statement"] == [
        {**without_tls, "Action": "sqs:*", "Resource": "${ModelLoaderFailures.Arn}"}
    ]
