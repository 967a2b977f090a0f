"""The role and the log of a function."""

from typing import Any

from aws_cdk import RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from constructs import Construct


class FunctionIdentity(Construct):
    """A role that may write its own log, and nothing else until more is granted.

    Attributes:
        role: the role that the function assumes.
        log_group: the log of the function.
    """

    def __init__(self, scope: Construct, construct_id: str) -> None:
        super().__init__(scope, construct_id)
        self.log_group = logs.LogGroup(
            self,
            "Log",
            retention=logs.RetentionDays.ONE_MONTH,
            removal_policy=RemovalPolicy.DESTROY,
        )
        self.role = iam.Role(self, "Role", assumed_by=iam.ServicePrincipal("lambda.amazonaws.com"))
        self.log_group.grant_write(self.role)

    @property
    def function_options(self) -> dict[str, Any]:
        """Returns the options of `lambda_.Function` that give a function this identity."""
        return {"role": self.role, "log_group": self.log_group}
