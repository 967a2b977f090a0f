"""The bucket and the topics of asynchronous and of captured requests."""

from collections.abc import Sequence

from aws_cdk import Duration, RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_s3 as s3
from aws_cdk import aws_sns as sns
from constructs import Construct

from stacks.constructs.security.encryption_key import producer_statement
from stacks.constructs.security.findings import accept, wildcard_finding

INPUTS, REQUESTS = "inputs", "requests"
OUTPUTS, FAILURES, CAPTURE = "outputs", "failures", "capture"
# A request may wait for six hours and run for one. The rest is time to fetch the answer.
KEPT = Duration.days(3)
CAPTURE_KEPT = Duration.days(30)
NAMES = "Names of objects are made for each request; the folder is the endpoint's, or its kind's."
MESSAGES = "Places in the bucket, and what a container said when it failed; kms=on encrypts them."
ACCESS_LOGS = (
    "Objects live for days, and the API's access log has who asked. Who must know every reader has "
    "CloudTrail write data events."
)


class Exchange(Construct):
    """A bucket that expires its objects, and the topics of finished requests.

    Attributes:
        bucket: holds inputs, records of requests, outputs, failures and captured requests.
        success, error: the topics of SageMaker's messages. Ignore a first `TestNotification`.
        key: encrypts the bucket and the topics; None for AWS's own keys.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        key: kms.IKey | None,
        allowed_origins: Sequence[str],
    ) -> None:
        super().__init__(scope, construct_id)
        self.key = key
        self.bucket = self._bucket(allowed_origins)
        self.success = self._topic("Success")
        self.error = self._topic("Error")

    @property
    def key_arn(self) -> str | None:
        """Returns the ARN of the key, where there is one."""
        return self.key.key_arn if self.key else None

    def uri(self, *parts: str) -> str:
        """Returns the address of a path in the bucket, as `s3://…`."""
        return "/".join((f"s3://{self.bucket.bucket_name}", *parts))

    def grant_queue(self, role: iam.Role, endpoint: str) -> None:
        """Lets an endpoint's role read its inputs, write its outputs and publish its messages.

        https://docs.aws.amazon.com/sagemaker/latest/dg/async-inference-create-endpoint-prerequisites.html
        """
        self._grant(role, ["s3:GetObject"], f"{INPUTS}/{endpoint}")
        self._grant(
            role,
            ["s3:PutObject", "s3:AbortMultipartUpload"],
            f"{OUTPUTS}/{endpoint}",
            f"{FAILURES}/{endpoint}",
        )
        topics = [self.success.topic_arn, self.error.topic_arn]
        role.add_to_policy(iam.PolicyStatement(actions=["sns:Publish"], resources=topics))
        self._grant_list(role)

    def grant_capture(self, role: iam.Role, endpoint: str) -> None:
        """Lets an endpoint's role write captured requests."""
        self._grant(role, ["s3:PutObject"], f"{CAPTURE}/{endpoint}")

    def grant_proxy(self, role: iam.Role) -> None:
        """Lets the proxy write requests and read answers."""
        self._grant(role, ["s3:PutObject"], INPUTS, REQUESTS)
        # The proxy asks for the existence, the size and the type of inputs.
        self._grant(role, ["s3:GetObject"], INPUTS, REQUESTS, OUTPUTS, FAILURES)
        self._grant_list(role)

    def _bucket(self, allowed_origins: Sequence[str]) -> s3.Bucket:
        bucket = s3.Bucket(
            self,
            "Bucket",
            encryption=s3.BucketEncryption.KMS if self.key else s3.BucketEncryption.S3_MANAGED,
            encryption_key=self.key,
            bucket_key_enabled=True if self.key else None,
            enforce_ssl=True,
            block_public_access=s3.BlockPublicAccess.BLOCK_ALL,
            removal_policy=RemovalPolicy.RETAIN,
            lifecycle_rules=_lifecycle(),
            cors=[_cors(allowed_origins)],
        )
        accept(
            bucket,
            {
                "AwsSolutions-S1": ACCESS_LOGS,
                "CKV_AWS_18": ACCESS_LOGS,
                "CKV_AWS_21": "What passes through is written once, under a new name, and goes.",
            },
        )
        return bucket

    def _topic(self, construct_id: str) -> sns.Topic:
        topic = sns.Topic(self, construct_id, enforce_ssl=True, master_key=self.key)
        if self.key is None:
            accept(topic, {"CKV_AWS_26": MESSAGES})
        return topic

    def _grant(self, role: iam.Role, actions: list[str], *folders: str) -> None:
        objects = [self.bucket.arn_for_objects(f"{folder}/*") for folder in folders]
        role.add_to_policy(iam.PolicyStatement(actions=actions, resources=objects))
        if self.key:
            role.add_to_policy(producer_statement(self.key))
        accept(role, {wildcard_finding(self.bucket, f"/{folder}/*"): NAMES for folder in folders})

    def _grant_list(self, role: iam.Role) -> None:
        # S3 answers 403 for a missing object to a role that may not list the bucket.
        statement = iam.PolicyStatement(
            actions=["s3:ListBucket"], resources=[self.bucket.bucket_arn]
        )
        role.add_to_policy(statement)


def _cors(allowed_origins: Sequence[str]) -> s3.CorsRule:
    """Lets web pages use the upload and download URLs that the API signs."""
    return s3.CorsRule(
        allowed_methods=[s3.HttpMethods.GET, s3.HttpMethods.PUT],
        allowed_origins=list(allowed_origins),
        allowed_headers=["content-type"],
        max_age=3600,
    )


def _lifecycle() -> list[s3.LifecycleRule]:
    ends = {**dict.fromkeys((INPUTS, REQUESTS, OUTPUTS, FAILURES), KEPT), CAPTURE: CAPTURE_KEPT}
    return [
        *(
            s3.LifecycleRule(id=f"Expire-{prefix}", prefix=f"{prefix}/", expiration=kept)
            for prefix, kept in ends.items()
        ),
        s3.LifecycleRule(
            id="AbortUnfinishedUploads", abort_incomplete_multipart_upload_after=Duration.days(1)
        ),
    ]
