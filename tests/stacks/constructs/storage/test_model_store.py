"""The file system: its policy, its access points and its throughput."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.stacks.constructs.functions.policies import READ_WRITE, ROLES
from tests.stacks.deployment import Deployment


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("Everything", "/export/lambda"),
        ("Candidates", "/export/lambda/candidates"),
        ("Models", "/export/lambda/models"),
    ],
)
def test_access_point_is_a_folder_of_one_user(default: Deployment, name: str, path: str) -> None:
    access_point = default.storage.properties(f"ModelStoreFileSystem{name}")

    assert access_point["FileSystemId"] == "${ModelStoreFileSystem}"
    assert access_point["PosixUser"] == {"Uid": "1001", "Gid": "1001"}
    assert access_point["RootDirectory"] == {
        "Path": path,
        "CreationInfo": {"OwnerUid": "1001", "OwnerGid": "1001", "Permissions": "750"},
    }


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
        {
            "Sid": "DenyWriteExceptLoader",
            **everybody,
            "Action": "elasticfilesystem:ClientWrite",
            "Condition": {
                "ArnNotEquals": {
                    "aws:PrincipalArn": [
                        f"${{{ROLES[name]}.Arn}}"
                        for name in ("stage", "preparer", "publish", "reconcile")
                    ]
                }
            },
        },
    ]


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
        ({}, {"ThroughputMode": "bursting"}),
        ({"throughput_mode": "elastic"}, {"ThroughputMode": "elastic"}),
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
