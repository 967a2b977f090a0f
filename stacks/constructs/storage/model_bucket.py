"""The bucket that models are uploaded to. Everything else can be rebuilt from it."""

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from constructs import Construct

from stacks.constructs.security.findings import accept

ACCESS_LOGS = (
    "Server access logs come late and incomplete. Who must know every reader has CloudTrail write "
    "data events, and no second bucket to keep."
)


class ModelBucket(Construct):
    """A private, versioned bucket that outlives its stack.

    Attributes:
        bucket: the bucket itself.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        bucket_name: str | None,
        key: kms.IKey | None,
    ) -> None:
        super().__init__(scope, construct_id)
        self.bucket = s3.Bucket(
            self,
            "Bucket",
            bucket_name=bucket_name,
            encryption=s3.BucketEncryption.KMS if key else s3.BucketEncryption.S3_MANAGED,
            encryption_key=key,
            # A bucket key saves a request to KMS for each object.
            bucket_key_enabled=True if key else None,
            enforce_ssl=True,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            versioned=True,
            removal_policy=RemovalPolicy.RETAIN,
            lifecycle_rules=_lifecycle(),
        )
        accept(self.bucket, {"AwsSolutions-S1": ACCESS_LOGS, "CKV_AWS_18": ACCESS_LOGS})


def _lifecycle() -> list[s3.LifecycleRule]:
    return [
        s3.LifecycleRule(
            id="ExpireNoncurrentVersions",
            noncurrent_version_expiration=Duration.days(30),
            noncurrent_versions_to_retain=5,
            # A delete marker without older versions only slows listing down.
            expired_object_delete_marker=True,
        ),
        s3.LifecycleRule(
            id="AbortUnfinishedUploads",
            abort_incomplete_multipart_upload_after=Duration.days(7),
        ),
    ]
