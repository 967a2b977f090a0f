"""Lambda's destinations, with no more permission than a delivery takes.

CDK's own also allow a function's versions and aliases (`:*`), and reading a queue's attributes.
https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
"""

import jsii
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs
from constructs import Construct


@jsii.implements(lambda_.IDestination)
class FunctionDelivery:
    """To a function."""

    def __init__(self, function: lambda_.IFunction) -> None:
        self._arn = function.function_arn

    def bind(
        self,
        _scope: Construct,
        fn: lambda_.IFunction,
        *,
        type: lambda_.DestinationType,  # noqa: A002, ARG002 (the interface's)
    ) -> lambda_.DestinationConfig:
        """Let `fn` deliver."""
        fn.add_to_role_policy(
            iam.PolicyStatement(actions=["lambda:InvokeFunction"], resources=[self._arn])
        )
        return lambda_.DestinationConfig(destination=self._arn)


@jsii.implements(lambda_.IDestination)
class QueueDelivery:
    """To a queue, and what its key asks for where it has one."""

    def __init__(self, queue: sqs.IQueue) -> None:
        self._queue = queue

    def bind(
        self,
        _scope: Construct,
        fn: lambda_.IFunction,
        *,
        type: lambda_.DestinationType,  # noqa: A002, ARG002 (the interface's)
    ) -> lambda_.DestinationConfig:
        """Let `fn` deliver."""
        fn.add_to_role_policy(
            iam.PolicyStatement(actions=["sqs:SendMessage"], resources=[self._queue.queue_arn])
        )
        if self._queue.encryption_master_key:
            fn.add_to_role_policy(send_through(self._queue.encryption_master_key))
        return lambda_.DestinationConfig(destination=self._queue.queue_arn)


def send_through(key: kms.IKey) -> iam.PolicyStatement:
    """Return what whoever sends to an encrypted queue or topic needs of its key."""
    return iam.PolicyStatement(
        actions=["kms:Decrypt", "kms:GenerateDataKey"], resources=[key.key_arn]
    )
