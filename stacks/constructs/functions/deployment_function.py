"""Functions that CDK adds, and that run while a stack is deployed."""

from typing import cast

from aws_cdk import CfnResource, RemovalPolicy
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from constructs import Construct, IConstruct


def give_own_log(handler: IConstruct) -> None:
    """Gives CDK's function a log that expires, and takes its right to make one.

    Lambda would make a log that stays for ever, and make it again for lines that come late, after
    the stack is gone.
    """
    role = cast(iam.Role, handler.node.find_child("Role"))
    cast(iam.CfnRole, role.node.default_child).managed_policy_arns = None
    log_group = logs.LogGroup(
        cast(Construct, handler),
        "Log",
        retention=logs.RetentionDays.ONE_MONTH,
        removal_policy=RemovalPolicy.DESTROY,
    )
    log_group.grant_write(role)
    function = cast(CfnResource, handler.node.find_child("Resource"))
    function.add_property_override("LoggingConfig", {"LogGroup": log_group.log_group_name})
