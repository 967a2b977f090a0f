"""The network of the functions and the file system. Its only way out leads to the bucket."""

import hashlib
from collections.abc import Sequence

from aws_cdk import Annotations, Stack
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from aws_cdk import aws_s3 as s3
from constructs import Construct

from stacks.constructs.network.flow_log import FlowLog
from stacks.constructs.security.findings import accept


class Network(Construct):
    """Isolated subnets in two zones or more with an S3 gateway endpoint, or the given subnets.

    Attributes:
        vpc: the network.
        subnets: the subnets of functions and mount targets.
        revision: a text for the ids of what can't move to another network; "" for the default one.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        bucket: s3.IBucket,
        vpc_id: str | None,
        subnet_ids: Sequence[str],
        availability_zones: Sequence[str],
        flow_logs: bool,
    ) -> None:
        super().__init__(scope, construct_id)
        # A trap: CloudFormation makes the new before it deletes the old. Subnets of one network
        # can't share their addresses, and a file system has mount targets in one network alone.
        named = vpc_id or "/".join(availability_zones)
        self.revision = hashlib.sha256(named.encode()).hexdigest()[:6] if named else ""
        self.vpc = (
            self._reuse(vpc_id)
            if vpc_id
            else self._create(bucket, availability_zones, flow_logs=flow_logs)
        )
        self.subnets = (
            ec2.SubnetSelection(subnets=[self._subnet(subnet_id) for subnet_id in subnet_ids])
            if subnet_ids
            else ec2.SubnetSelection(subnet_type=ec2.SubnetType.PRIVATE_ISOLATED)
        )

    def _create(
        self, bucket: s3.IBucket, availability_zones: Sequence[str], *, flow_logs: bool
    ) -> ec2.IVpc:
        vpc = ec2.Vpc(
            self,
            f"Vpc{self.revision}",
            max_azs=None if availability_zones else 2,
            availability_zones=list(availability_zones) or None,
            nat_gateways=0,
            subnet_configuration=[
                ec2.SubnetConfiguration(
                    name="Isolated", subnet_type=ec2.SubnetType.PRIVATE_ISOLATED, cidr_mask=20
                )
            ],
            # Nothing uses the default group. Emptying it takes a custom resource that may change
            # security groups.
            restrict_default_security_group=False,
        )
        endpoint = vpc.add_gateway_endpoint(
            "S3Endpoint", service=ec2.GatewayVpcEndpointAwsService.S3
        )
        endpoint.add_to_policy(_read_only(bucket))
        if flow_logs:
            FlowLog(self, "FlowLog", vpc=vpc)
        else:
            accept(vpc, {"AwsSolutions-VPC7": "Turned off by the setting flow_logs."})
        return vpc

    def _reuse(self, vpc_id: str) -> ec2.IVpc:
        # Vpc.from_lookup would call AWS at synth.
        return ec2.Vpc.from_vpc_attributes(
            self, "Vpc", vpc_id=vpc_id, availability_zones=Stack.of(self).availability_zones
        )

    def _subnet(self, subnet_id: str) -> ec2.ISubnet:
        subnet = ec2.Subnet.from_subnet_id(self, subnet_id, subnet_id)
        Annotations.of(subnet).acknowledge_warning(
            "@aws-cdk/aws-ec2:noSubnetRouteTableId",
            "No route is added to a network that is reused.",
        )
        return subnet


def _read_only(bucket: s3.IBucket) -> iam.PolicyStatement:
    return iam.PolicyStatement(
        sid="ReadModelBucket",
        principals=[iam.StarPrincipal()],
        actions=[
            "s3:GetObject",
            "s3:GetObjectVersion",
            "s3:ListBucket",
            "s3:ListBucketVersions",
        ],
        resources=[bucket.bucket_arn, bucket.arn_for_objects("*")],
    )
