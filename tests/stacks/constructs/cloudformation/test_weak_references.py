"""What one stack reads of another may be replaced, and the reader follows."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from stacks.constructs.cloudformation.replacement import REPLACING
from tests.stacks.configurations import MATRIX, SAGEMAKER
from tests.stacks.constructs.cloudformation.account import (
    IMPORT,
    READ,
    Account,
    Refused,
    found,
    identity,
    replacing,
)
from tests.stacks.deployment import Deployment, synthesize
from tests.stacks.mutations.mutant import mutated

pytestmark = pytest.mark.slow

STRENGTH = "@aws-cdk/core:defaultCrossStackReferences"
OTHER_NETWORK = {"vpc_id": "vpc-01234567", "subnet_ids": "subnet-01234567,subnet-12345678"}
# Each replaces something in the storage stack that inference reads.
TOGGLES = {
    "a key": {"kms": "on"},
    "another network": OTHER_NETWORK,
    "other zones": {"availability_zones": "us-east-1c,us-east-1d"},
}
STAGED = {"aws:cdk:disable-asset-staging": True}
Deploy = Callable[..., Deployment]


@pytest.fixture(scope="module")
def other_user(tmp_path_factory: pytest.TempPathFactory) -> Deployment:
    """Returns a deployment of a later version, whose access point has another user."""
    module = "stacks.constructs.storage.model_store"
    with mutated(module, [('READER = "1002"', 'READER = "1003"')]) as build:
        return synthesize(tmp_path_factory.mktemp("cdk.out"), STAGED, build)


@pytest.mark.parametrize("settings", MATRIX.values(), ids=MATRIX)
def test_nothing_is_exported(deploy: Deploy, settings: dict[str, str]) -> None:
    """An export in use can neither change nor go."""
    nothing_exported(deploy(**settings))


def nothing_exported(deployment: Deployment) -> None:
    """Checks that no stack exports a value, and none imports one."""
    for template in (deployment.storage, deployment.sagemaker, deployment.inference):
        assert not list(found(template.raw, IMPORT))
        assert not [o for o in template.raw.get("Outputs", {}).values() if "Export" in o]


@pytest.mark.parametrize("settings", TOGGLES.values(), ids=TOGGLES)
def test_a_live_deployment_takes_other_settings_and_its_former_ones_again(
    deploy: Deploy, settings: dict[str, str]
) -> None:
    account = Account()
    for each in ({}, settings, {}):
        account.deploy(deploy(**each))


def test_a_live_deployment_takes_a_replaced_access_point(
    deploy: Deploy, other_user: Deployment
) -> None:
    account = Account()
    for each in (deploy(), other_user, deploy()):
        account.deploy(each)


def test_endpoints_on_sagemaker_come_and_go(deploy: Deploy) -> None:
    account = Account()
    endpoints = deploy(sagemaker=json.dumps(SAGEMAKER))
    for each in (deploy(), endpoints):
        account.deploy(each)


@pytest.mark.parametrize("settings", TOGGLES.values(), ids=TOGGLES)
def test_a_deployment_with_exports_refuses_them_until_both_kinds_were_deployed(
    deploy: Deploy, settings: dict[str, str]
) -> None:
    account = Account()
    account.deploy(deploy(**{STRENGTH: "strong"}))
    with pytest.raises(Refused, match="in use by"):
        account.deploy(deploy(**settings))

    account = Account()
    account.deploy(deploy(**{STRENGTH: "strong"}))
    account.deploy(deploy(**{STRENGTH: "both"}))
    account.deploy(deploy(**settings))


@pytest.mark.parametrize("settings", TOGGLES.values(), ids=TOGGLES)
def test_readers_of_what_is_replaced_change(deploy: Deploy, settings: dict[str, str]) -> None:
    """Else the command line skips their stack: its template would be the same."""
    assert _unchanged_readers(deploy(), deploy(**settings)) == []


def test_readers_of_a_replaced_access_point_change(deploy: Deploy, other_user: Deployment) -> None:
    before, after = deploy(), other_user
    assert _unchanged_readers(before, after) == []
    former = before.inference.raw["Resources"]
    changed = {
        resource["Type"]
        for name, resource in after.inference.raw["Resources"].items()
        if resource != former[name]
    }
    # Nothing but what mounts it.
    assert changed == {"AWS::Lambda::Function", "AWS::IAM::Policy"}


def test_readers_stay_while_nothing_is_replaced(deploy: Deploy) -> None:
    before, after = deploy(), deploy(throughput_mode="bursting", reconcile_hours="12")
    assert before.storage.raw != after.storage.raw
    assert before.inference.raw == after.inference.raw


@pytest.mark.parametrize("settings", TOGGLES.values(), ids=TOGGLES)
def test_nothing_is_made_beside_what_it_collides_with(
    deploy: Deploy, settings: dict[str, str]
) -> None:
    """CloudFormation makes what replaces a resource before it deletes the old one.

    Subnets of one network can't share addresses, and the mount targets of one file system have to
    be in one network. https://docs.aws.amazon.com/efs/latest/ug/accessing-fs.html
    """
    before, after = deploy().storage.raw, deploy(**settings).storage.raw
    for read in (_subnets, _networks):
        former, new = read(before), read(after)
        for same in former.keys() & new.keys():
            assert former[same] == new[same]


def _subnets(template: Any) -> dict[str, Any]:
    """Returns subnets by their network and their addresses."""
    return {
        json.dumps(identity(template, [p["VpcId"], p["CidrBlock"]])): identity(template, p)
        for p in _properties(template, "AWS::EC2::Subnet")
    }


def _networks(template: Any) -> dict[str, Any]:
    """Returns the network of each file system that is mounted in one."""
    groups = {
        json.dumps({"Fn::GetAtt": [name, "GroupId"]}): resource["Properties"]["VpcId"]
        for name, resource in template["Resources"].items()
        if resource["Type"] == "AWS::EC2::SecurityGroup"
    }
    return {
        json.dumps(identity(template, target["FileSystemId"])): identity(
            template, groups[json.dumps(target["SecurityGroups"][0])]
        )
        for target in _properties(template, "AWS::EFS::MountTarget")
    }


def _properties(template: Any, resource_type: str) -> list[Any]:
    resources = template["Resources"].values()
    return [r["Properties"] for r in resources if r["Type"] == resource_type]


@pytest.mark.parametrize("settings", MATRIX.values(), ids=MATRIX)
def test_every_read_has_its_output(deploy: Deploy, settings: dict[str, str]) -> None:
    Account().deploy(deploy(**settings))


def test_what_replaces_a_resource_is_what_its_schema_says() -> None:
    for resource_type, names in REPLACING.items():
        documented = {name.lower() for name in replacing(resource_type)}
        assert {name.replace("_", "") for name in names} <= documented, resource_type


@pytest.mark.parametrize("settings", [*MATRIX.values(), *TOGGLES.values()])
def test_every_replacing_property_that_is_set_counts(
    deploy: Deploy, settings: dict[str, str]
) -> None:
    deployment = deploy(**settings)
    for template in (deployment.storage.raw, deployment.sagemaker.raw):
        for resource in _published(template):
            given = {name.lower() for name in resource.get("Properties", {})}
            pinned = {name.lower() for name in replacing(resource["Type"])}
            names = {name.replace("_", "") for name in REPLACING[resource["Type"]]}
            assert given & pinned <= names, resource["Type"]


def _published(template: Any) -> list[Any]:
    """Returns the resources behind the outputs that other stacks read."""
    names = {
        value.get("Ref") or value["Fn::GetAtt"][0]
        for key, output in template.get("Outputs", {}).items()
        if key.startswith("PublishOutput")
        for value in [output["Value"]]
    }
    return [template["Resources"][name] for name in names]


def _unchanged_readers(before: Deployment, after: Deployment) -> list[str]:
    """Returns the resources of inference that read something replaced, and read the same."""
    former = before.inference.raw["Resources"]
    return [
        name
        for name, resource in after.inference.raw["Resources"].items()
        if former.get(name) == resource
        and any(_identity(before, r) != _identity(after, r) for r in found(resource, READ))
    ]


def _identity(deployment: Deployment, read: Any) -> Any:
    template = deployment.storage.raw
    return identity(template, template["Outputs"][read["OutputName"]]["Value"])
