"""The network: no way in, and no way out but to the file system and the bucket."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.stacks.deployment import Deployment

SUBNET_IDS = ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]
STORE = "ModelStoreSecurityGroup"
GROUPS = {
    "stage": "ModelLoaderStageIdentitySecurityGroup",
    "preparer": "ModelLoaderPreparerIdentitySecurityGroup",
    "publish": "ModelLoaderPublishIdentitySecurityGroup",
    "reconcile": "ModelLoaderReconcileIdentitySecurityGroup",
    "inference": "InferenceIdentitySecurityGroup",
}
LEADS_NOWHERE = {
    "CidrIp": "127.0.0.1/32",
    "Description": "Replaces the default rule",
    "IpProtocol": "-1",
}


def _both(deployment: Deployment, resource_type: str) -> list[dict[str, Any]]:
    templates = (deployment.storage, deployment.inference)
    return [p for template in templates for p in template.of_type(resource_type).values()]


def test_there_is_no_way_to_the_internet(default: Deployment) -> None:
    types = {
        resource["Type"]
        for template in (default.storage, default.inference)
        for resource in template.resources.values()
    }

    assert {t for t in types if t.startswith("AWS::EC2::")} == {
        "AWS::EC2::VPC",
        "AWS::EC2::Subnet",
        "AWS::EC2::RouteTable",
        "AWS::EC2::SubnetRouteTableAssociation",
        "AWS::EC2::VPCEndpoint",
        "AWS::EC2::SecurityGroup",
        "AWS::EC2::SecurityGroupIngress",
        "AWS::EC2::SecurityGroupEgress",
        "AWS::EC2::FlowLog",
    }


def test_two_private_subnets_in_two_zones(default: Deployment) -> None:
    subnets = list(default.storage.of_type("AWS::EC2::Subnet").values())

    assert [s["AvailabilityZone"] for s in subnets] == [
        {"Fn::Select": [index, {"Fn::GetAZs": ""}]} for index in (0, 1)
    ]
    assert [s["MapPublicIpOnLaunch"] for s in subnets] == [False, False]


def test_zones_that_are_given_are_used(deploy: Callable[..., Deployment]) -> None:
    storage = deploy(availability_zones="us-east-1a,us-east-1c,us-east-1f").storage
    subnets = storage.of_type("AWS::EC2::Subnet").values()

    assert [s["AvailabilityZone"] for s in subnets] == ["us-east-1a", "us-east-1c", "us-east-1f"]
    assert len(storage.of_type("AWS::EFS::MountTarget")) == 3


def test_both_subnets_reach_s3_through_the_gateway(default: Deployment) -> None:
    (endpoint,) = default.storage.of_type("AWS::EC2::VPCEndpoint").values()

    assert endpoint["VpcEndpointType"] == "Gateway"
    assert endpoint["ServiceName"] == "com.amazonaws.${AWS::Region}.s3"
    assert endpoint["RouteTableIds"] == [
        f"${{{key}}}" for key in default.storage.of_type("AWS::EC2::RouteTable")
    ]


def test_functions_and_mount_targets_are_in_both_subnets(default: Deployment) -> None:
    subnets = [f"${{{key}}}" for key in default.storage.of_type("AWS::EC2::Subnet")]
    targets = _both(default, "AWS::EFS::MountTarget")

    assert [target["SubnetId"] for target in targets] == subnets
    assert [target["SecurityGroups"] for target in targets] == [[f"${{{STORE}.GroupId}}"]] * 2
    for name, group in GROUPS.items():
        assert default.function(name)["VpcConfig"] == {
            "SecurityGroupIds": [f"${{{group}.GroupId}}"],
            "SubnetIds": subnets,
        }


def test_group_rules_let_functions_to_the_file_system_and_two_to_s3(default: Deployment) -> None:
    inside = {
        group: properties["SecurityGroupEgress"]
        for template in (default.storage, default.inference)
        for group, properties in template.of_type("AWS::EC2::SecurityGroup").items()
    }
    (nothing,) = inside.pop(STORE)
    to_s3 = {
        "CidrIp": "0.0.0.0/0",
        "Description": "S3 through the gateway endpoint",
        "IpProtocol": "tcp",
        "FromPort": 443,
        "ToPort": 443,
    }

    assert nothing["Description"] == "Disallow all traffic"
    assert inside == {
        GROUPS["stage"]: [LEADS_NOWHERE, to_s3],
        GROUPS["reconcile"]: [LEADS_NOWHERE, to_s3],
        GROUPS["preparer"]: [LEADS_NOWHERE],
        GROUPS["publish"]: [LEADS_NOWHERE],
        GROUPS["inference"]: [LEADS_NOWHERE],
    }
    assert not any(
        "SecurityGroupIngress" in group for group in _both(default, "AWS::EC2::SecurityGroup")
    )


def test_rules_between_groups_are_nfs_alone(default: Deployment) -> None:
    egress = _both(default, "AWS::EC2::SecurityGroupEgress")
    ingress = _both(default, "AWS::EC2::SecurityGroupIngress")
    functions = {f"${{{group}.GroupId}}" for group in GROUPS.values()}

    assert {rule["GroupId"] for rule in egress} == functions
    assert {rule["SourceSecurityGroupId"] for rule in ingress} == functions
    assert {rule["DestinationSecurityGroupId"] for rule in egress} == {f"${{{STORE}.GroupId}}"}
    assert {rule["GroupId"] for rule in ingress} == {f"${{{STORE}.GroupId}}"}
    for rule in egress + ingress:
        assert (rule["IpProtocol"], rule["FromPort"], rule["ToPort"]) == ("tcp", 2049, 2049)


@pytest.mark.parametrize("subnet_ids", [SUBNET_IDS, ",".join(SUBNET_IDS)])
def test_given_network_is_used_as_it_is(
    deploy: Callable[..., Deployment], subnet_ids: object
) -> None:
    deployment = deploy(vpc_id="vpc-0123456789abcdef0", subnet_ids=subnet_ids)
    targets = _both(deployment, "AWS::EFS::MountTarget")

    assert not _both(deployment, "AWS::EC2::VPC")
    assert not _both(deployment, "AWS::EC2::Subnet")
    assert not _both(deployment, "AWS::EC2::VPCEndpoint")
    assert [target["SubnetId"] for target in targets] == SUBNET_IDS
    for group in _both(deployment, "AWS::EC2::SecurityGroup"):
        assert group["VpcId"] == "vpc-0123456789abcdef0"
    for name in GROUPS:
        assert deployment.function(name)["VpcConfig"]["SubnetIds"] == SUBNET_IDS
    assert deployment.messages == ()


def test_network_reaches_the_model_bucket_alone_and_only_reads(default: Deployment) -> None:
    (endpoint,) = default.storage.of_type("AWS::EC2::VPCEndpoint").values()

    assert endpoint["PolicyDocument"]["Statement"] == [
        {
            "Sid": "ReadModelBucket",
            "Effect": "Allow",
            "Principal": "*",
            "Action": [
                "s3:GetObject",
                "s3:GetObjectVersion",
                "s3:ListBucket",
                "s3:ListBucketVersions",
            ],
            "Resource": ["${ModelBucket.Arn}", "${ModelBucket.Arn}/*"],
        }
    ]
