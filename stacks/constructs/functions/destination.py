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
class Delivery:
    """To a function or a queue, and what delivering there takes."""

    def __init__(self, arn: str, *statements: iam.PolicyStatement) -> None:
        self._arn = arn
        self._statements = statements

    def bind(
        self,
        _scope: Construct,
        fn: lambda_.IFunction,
        *,
        type: lambda_.DestinationType,  # noqa: A002, ARG002 (the interface's)
    ) -> lambda_.DestinationConfig:
        """Let `fn` deliver."""
        for statement in self._statements:
            fn.add_to_role_policy(statement)
        return lambda_.DestinationConfig(destination=self._arn)


def to_function(function: lambda_.IFunction) -> Delivery:
    """Return a destination that is invoked with the result."""
    arn = function.function_arn
    return Delivery(arn, iam.PolicyStatement(actions=["lambda:InvokeFunction"], resources=[arn]))


def to_queue(queue: sqs.IQueue) -> Delivery:
    """Return a destination that keeps the result, with what its key asks for where it has one."""
    arn, key = queue.queue_arn, queue.encryption_master_key
    send = iam.PolicyStatement(actions=["sqs:SendMessage"], resources=[arn])
    return Delivery(arn, send, *([send_through(key)] if key else []))


def send_through(key: kms.IKey) -> iam.PolicyStatement:
    """Return what whoever sends to an encrypted queue or topic needs of its key."""
    return iam.PolicyStatement(
        actions=["kms:Decrypt", "kms:GenerateDataKey"], resources=[key.key_arn]
    )
