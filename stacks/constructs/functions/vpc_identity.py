"""The identity of a function in the network: also its security group and its file system."""

from typing import Any

from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from stacks.constructs.functions.function_identity import FunctionIdentity
from stacks.constructs.network.network import Network
from stacks.constructs.security.findings import accept

INTERFACES = "Lambda makes the interfaces; these actions take no narrower resource."
# Lambda itself attaches a function to a network with these actions of the function's role:
# https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-permissions
NETWORK_INTERFACE_ACTIONS = [
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:UnassignPrivateIpAddresses",
]


class VpcIdentity(FunctionIdentity):
    """A function's role and log, its security group in the network, and the file system it mounts.

    Attributes:
        security_group: lets nothing in, and nothing out until more is granted.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        network: Network,
        filesystem: lambda_.FileSystem,
    ) -> None:
        super().__init__(scope, construct_id)
        self._network = network
        self._filesystem = filesystem
        self.security_group = ec2.SecurityGroup(
            self,
            "SecurityGroup",
            vpc=network.vpc,
            description=self.node.path,
            allow_all_outbound=False,
        )
        # A trap: EC2 adds "allow all outbound" to a group without an inline egress rule, and CDK
        # does not write the rule for NFS inline. This inline rule leads nowhere.
        self.security_group.add_egress_rule(
            ec2.Peer.ipv4("127.0.0.1/32"), ec2.Port.all_traffic(), "Replaces the default rule"
        )
        self._allow_interfaces()

    @property
    def function_options(self) -> dict[str, Any]:
        """Returns the options of `lambda_.Function` that give a function this identity."""
        return {
            **super().function_options,
            "filesystem": self._filesystem,
            "vpc": self._network.vpc,
            "vpc_subnets": self._network.subnets,
            "security_groups": [self.security_group],
        }

    def _allow_interfaces(self) -> None:
        """Lets Lambda attach the function to the network, and denies it to the function's code."""
        self.role.add_to_policy(
            iam.PolicyStatement(actions=NETWORK_INTERFACE_ACTIONS, resources=["*"])
        )
        # The condition key exists only in calls by the function's own code.
        self.role.add_to_policy(
            iam.PolicyStatement(
                effect=iam.Effect.DENY,
                actions=NETWORK_INTERFACE_ACTIONS,
                resources=["*"],
                conditions={"Null": {"lambda:SourceFunctionArn": "false"}},
            )
        )
        accept(self.role, {"AwsSolutions-IAM5[Resource::*]": INTERFACES})
        accept(self.role.node.find_child("DefaultPolicy"), {"CKV_AWS_111": INTERFACES})
