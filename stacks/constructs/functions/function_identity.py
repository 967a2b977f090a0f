"""What a function is to the rest of AWS: its role, its place in the network, its log."""

from aws_cdk import RemovalPolicy
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from constructs import Construct

from stacks.constructs.security.findings import accept

# Of every function's construct, whichever class makes it.
FUNCTION_FINDINGS = {
    "CKV_AWS_115": "A new account has ten executions at once in all: reserving takes from others.",
    "CKV_AWS_116": "What an event starts has destinations, which tell more than a dead letter.",
    "CKV_AWS_173": "No variable holds a secret; Lambda encrypts them with its own key.",
}
RUNTIME_FINDINGS = {
    "AwsSolutions-L1": "The Python of the serving image: what is shared runs on one version."
}
INTERFACES = "Lambda makes the interfaces; these actions take no narrower resource."
# What Lambda itself does with the role, to attach a function to a network; named at
# https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-permissions
NETWORK_INTERFACE_ACTIONS = [
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:UnassignPrivateIpAddresses",
]


class FunctionIdentity(Construct):
    """A role that may write its own log; all else is granted by name."""

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


class NetworkedIdentity(FunctionIdentity):
    """The same, attached to `vpc` with a security group of its own."""

    def __init__(self, scope: Construct, construct_id: str, *, vpc: ec2.IVpc) -> None:
        super().__init__(scope, construct_id)
        self.security_group = ec2.SecurityGroup(
            self, "SecurityGroup", vpc=vpc, description=self.node.path, allow_all_outbound=False
        )
        # A trap: a group without a rule inside it keeps EC2's "allow all outbound", and CDK writes
        # the rule for NFS outside. So one inside, that leads nowhere.
        self.security_group.add_egress_rule(
            ec2.Peer.ipv4("127.0.0.1/32"), ec2.Port.all_traffic(), "Replaces the default rule"
        )
        self.role.add_to_policy(
            iam.PolicyStatement(actions=NETWORK_INTERFACE_ACTIONS, resources=["*"])
        )
        # The key is there only when the function's own code calls: Lambda keeps the permission,
        # the code doesn't get it.
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
