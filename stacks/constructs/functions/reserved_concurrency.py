"""Executions that are kept for one function, and that it cannot exceed."""

from typing import cast

from aws_cdk import aws_lambda as lambda_

from stacks.constructs.security.findings import withdraw


def reserve(function: lambda_.Function, executions: int) -> None:
    """Reserves executions for `function`: a cap for it, and taken from all others."""
    resource = cast(lambda_.CfnFunction, function.node.default_child)
    resource.reserved_concurrent_executions = executions
    withdraw(function, "CKV_AWS_115")
