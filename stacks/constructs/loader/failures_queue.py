"""The queue of events that nobody could handle."""

from aws_cdk import Duration
from aws_cdk import aws_kms as kms
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from stacks.constructs.security.findings import accept


class FailuresQueue(sqs.Queue):
    """An encrypted queue that keeps each event for two weeks."""

    def __init__(self, scope: Construct, construct_id: str, *, key: kms.IKey | None) -> None:
        super().__init__(
            scope,
            construct_id,
            encryption=sqs.QueueEncryption.KMS if key else sqs.QueueEncryption.SQS_MANAGED,
            encryption_master_key=key,
            enforce_ssl=True,
            retention_period=Duration.days(14),
        )
        accept(self, {"AwsSolutions-SQS3": "It is where dead letters go itself."})
        if key is None:
            accept(self, {"CKV_AWS_27": "Encrypted by SQS itself, which the check doesn't know."})
