"""The file system: its policy, its access points and its throughput."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.stacks.configurations import MATRIX
from tests.stacks.constructs.functions.policies import FILE_SYSTEM, READ_WRITE, access_point_arn
from tests.stacks.deployment import Deployment

MADE = {"OwnerUid": "1001", "OwnerGid": "1001", "Permissions": "750"}


@pytest.mark.parametrize(
    ("name", "user", "root"),
    [
        ("Everything", "1001", {"Path": "/export/lambda", "CreationInfo": MADE}),
        ("Models", "1002", {"Path": "/export/lambda", "CreationInfo": MADE}),
        ("Candidates", "1003", {"Path": "/export/lambda/candidates"}),
    ],
)
def test_access_point_has_its_user_and_its_root(
    default: Deployment, name: str, user: str, root: dict[str, Any]
) -> None:
    access_point = default.storage.properties(f"ModelStoreFileSystem{name}")

    assert access_point["FileSystemId"] == "${ModelStoreFileSystem}"
    assert access_point["PosixUser"] == {"Uid": user, "Gid": "1001"}
    assert access_point["RootDirectory"] == root


def test_no_root_is_made_above_or_below_another_by_efs(default: Deployment) -> None:
    """EFS doesn't document the owner of the folders above a root that it makes."""
    roots = [
        point["RootDirectory"]
        for point in default.storage.of_type("AWS::EFS::AccessPoint").values()
    ]
    made = {root["Path"] for root in roots if "CreationInfo" in root}

    assert len(made) == 1
    # Whichever is mounted first, the folder is made in the same way.
    assert [root["CreationInfo"] for root in roots if "CreationInfo" in root] == [MADE, MADE]


def test_there_is_no_further_access_point(default: Deployment) -> None:
    assert default.storage.of_type("AWS::EFS::AccessPoint").keys() == {
        "ModelStoreFileSystemEverything",
        "ModelStoreFileSystemCandidates",
        "ModelStoreFileSystemModels",
    }


def test_file_system_policy_only_denies(default: Deployment) -> None:
    policy = default.storage.properties("ModelStoreFileSystem")["FileSystemPolicy"]
    everybody = {"Effect": "Deny", "Principal": {"AWS": "*"}}

    assert policy["Statement"] == [
        {
            "Sid": "DenyUnencrypted",
            **everybody,
            "Action": "*",
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        },
        {
            "Sid": "DenyOutsideAccessPoints",
            **everybody,
            "Action": READ_WRITE,
            "Condition": {"Null": {"elasticfilesystem:AccessPointArn": "true"}},
        },
        {"Sid": "DenyRoot", **everybody, "Action": "elasticfilesystem:ClientRootAccess"},
    ]


@pytest.mark.parametrize("settings", MATRIX.values(), ids=MATRIX)
def test_no_condition_key_is_used_that_efs_does_not_enforce(
    deploy: Callable[..., Deployment], settings: dict[str, Any]
) -> None:
    """The list is whole, and EFS enforces no other key for NFS clients.

    https://docs.aws.amazon.com/efs/latest/ug/iam-access-control-nfs-efs.html
    """
    deployment = deploy(**settings)
    policy = deployment.storage.properties("ModelStoreFileSystem")["FileSystemPolicy"]
    statements = [*policy["Statement"], *_client_statements(deployment)]

    keys = {
        key
        for statement in statements
        for conditions in statement.get("Condition", {}).values()
        for key in conditions
    }
    assert keys <= {
        "aws:SecureTransport",
        "aws:SourceIp",
        "elasticfilesystem:AccessPointArn",
        "elasticfilesystem:AccessedViaMountTarget",
    }


@pytest.mark.parametrize("settings", MATRIX.values(), ids=MATRIX)
def test_every_grant_is_held_to_one_access_point(
    deploy: Callable[..., Deployment], settings: dict[str, Any]
) -> None:
    statements = _client_statements(deploy(**settings))

    assert len(statements) >= 5
    for statement in statements:
        assert statement["Resource"] == FILE_SYSTEM
        arn = statement["Condition"]["StringEquals"]["elasticfilesystem:AccessPointArn"]
        assert arn in map(access_point_arn, ("Everything", "Candidates", "Models"))


@pytest.mark.parametrize("settings", MATRIX.values(), ids=MATRIX)
def test_inference_cannot_write_by_its_roles_and_not_by_its_user(
    deploy: Callable[..., Deployment], settings: dict[str, Any]
) -> None:
    deployment = deploy(**settings)
    policies = deployment.inference.of_type("AWS::IAM::Policy").values()
    actions = {
        action
        for policy in policies
        for statement in policy["PolicyDocument"]["Statement"]
        for action in _as_list(statement["Action"])
        if action.startswith("elasticfilesystem:")
    }
    models = deployment.storage.properties("ModelStoreFileSystemModels")

    assert actions == {"elasticfilesystem:ClientMount"}
    owner = models["RootDirectory"]["CreationInfo"]
    assert models["PosixUser"]["Uid"] != owner["OwnerUid"]
    assert models["PosixUser"]["Gid"] == owner["OwnerGid"]
    assert owner["Permissions"] == "750"


def _client_statements(deployment: Deployment) -> list[dict[str, Any]]:
    """Returns the statements of all roles on what NFS clients may do."""
    return [
        statement
        for template in (deployment.storage, deployment.inference)
        for policy in template.of_type("AWS::IAM::Policy").values()
        for statement in policy["PolicyDocument"]["Statement"]
        if any(a.startswith("elasticfilesystem:Client") for a in _as_list(statement["Action"]))
    ]


def _as_list(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def test_file_system_is_encrypted_and_goes_with_its_stack(default: Deployment) -> None:
    file_system = default.storage.resources["ModelStoreFileSystem"]

    assert file_system["DeletionPolicy"] == "Delete"
    assert file_system["Properties"]["Encrypted"] is True
    assert file_system["Properties"]["LifecyclePolicies"] == [
        {"TransitionToIA": "AFTER_30_DAYS"},
        {"TransitionToPrimaryStorageClass": "AFTER_1_ACCESS"},
    ]
    assert "BackupPolicy" not in file_system["Properties"]


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, {"ThroughputMode": "elastic"}),
        ({"throughput_mode": "bursting"}, {"ThroughputMode": "bursting"}),
        (
            {"throughput_mode": "provisioned", "provisioned_throughput_mibps": "64"},
            {"ThroughputMode": "provisioned", "ProvisionedThroughputInMibps": 64},
        ),
    ],
)
def test_throughput_is_as_set(
    deploy: Callable[..., Deployment], settings: dict[str, Any], expected: dict[str, Any]
) -> None:
    file_system = deploy(**settings).storage.properties("ModelStoreFileSystem")

    assert {k: v for k, v in file_system.items() if "Throughput" in k} == expected


def test_an_alarm_tells_before_burst_credits_are_gone(deploy: Callable[..., Deployment]) -> None:
    storage = deploy(throughput_mode="bursting").storage
    alarm = storage.properties("BurstCreditsAlarm")
    topic = storage.properties("ModelLoaderNoticesTopicPolicy")["PolicyDocument"]["Statement"]

    assert (alarm["Namespace"], alarm["MetricName"]) == ("AWS/EFS", "BurstCreditBalance")
    assert alarm["Dimensions"] == [{"Name": "FileSystemId", "Value": "${ModelStoreFileSystem}"}]
    assert (alarm["ComparisonOperator"], alarm["Statistic"]) == ("LessThanThreshold", "Minimum")
    assert 0 < alarm["Threshold"] < 2.1 * 1024**4
    assert alarm["AlarmActions"] == ["${ModelLoaderNoticesTopic}"]
    assert "${BurstCreditsAlarm.Arn}" in [
        statement.get("Condition", {}).get("ArnEquals", {}).get("aws:SourceArn")
        for statement in topic
    ]


def test_without_credits_there_is_no_alarm(default: Deployment) -> None:
    alarms = default.storage.of_type("AWS::CloudWatch::Alarm")

    assert alarms.keys() == {"ModelLoaderNoticesFailuresAlarm"}
