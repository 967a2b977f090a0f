"""Destinations of asynchronous invocations, with the least permissions for a delivery.

CDK's own destinations also allow a function's versions and aliases (`:*`), and allow reading a
queue's attributes.
https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
"""

import jsii
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from stacks.constructs.security.encryption_key import producer_statement


@jsii.implements(lambda_.IDestination)
class Destination:
    """A function or a queue, with the statements that a delivery needs."""

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
        """Lets `fn` deliver here."""
        for statement in self._statements:
            fn.add_to_role_policy(statement)
        return lambda_.DestinationConfig(destination=self._arn)


def to_function(function: lambda_.IFunction) -> Destination:
    """Returns a destination that invokes `function` with the result."""
    arn = function.function_arn
    return Destination(arn, iam.PolicyStatement(actions=["lambda:InvokeFunction"], resources=[arn]))


def to_queue(queue: sqs.IQueue) -> Destination:
    """Returns a destination that keeps the result in `queue`, which may be encrypted."""
    arn, key = queue.queue_arn, queue.encryption_master_key
    send = iam.PolicyStatement(actions=["sqs:SendMessage"], resources=[arn])
    return Destination(arn, send, *([producer_statement(key)] if key else []))
