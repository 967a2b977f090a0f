"""A setting that replaces the file system is turned on and off again on a live deployment."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.deploy.assembly import adapt
from tests.deploy.conftest import synthesize
from tests.deploy.ministack import ACCOUNT, REGION, MiniStack

STACKS = ("Modelmount-dev-Storage", "Modelmount-dev-Inference")
NOBODY = "http://127.0.0.1:9"  # no function is called here


@pytest.fixture(scope="module")
def toggled(
    root: Path, synthesized: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Path]:
    """Assemblies without and with a key of one's own."""
    folder = tmp_path_factory.mktemp("toggled")
    adapt(synthesized, folder / "off", NOBODY)
    adapt(synthesize(root, folder / "synthesized", "kms=on"), folder / "on", NOBODY)
    return folder / "off", folder / "on"


def test_inference_follows_a_file_system_that_is_replaced(
    ministack: MiniStack, toggled: tuple[Path, Path]
) -> None:
    """Inference's stack takes the new access point each time: its rights name what is there.

    MiniStack resolves references between stacks when a stack is deployed, as AWS does. It doesn't
    refuse to change what others import: tests/stacks has a model of that rule.
    """
    off, on = toggled
    ministack.cdk("bootstrap", f"aws://{ACCOUNT}/{REGION}", "--app", str(off))
    seen = []
    for assembly in (off, on, off):
        ministack.cdk("deploy", "--all", "--require-approval", "never", "--app", str(assembly))
        assert {_status(ministack, stack) for stack in STACKS} <= {
            "CREATE_COMPLETE",
            "UPDATE_COMPLETE",
        }
        there = {a["AccessPointArn"] for a in _access_points(ministack)}
        assert len(there) == 3
        named = _named_by_inference(ministack)
        assert len(named) == 1
        assert named <= there
        seen.append(named)
    assert len(set.union(*seen)) == 3


def _status(ministack: MiniStack, stack: str) -> str:
    client = ministack.client("cloudformation")
    return str(client.describe_stacks(StackName=stack)["Stacks"][0]["StackStatus"])


def _access_points(ministack: MiniStack) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = ministack.client("efs").describe_access_points()["AccessPoints"]
    return found


def _named_by_inference(ministack: MiniStack) -> set[str]:
    """Return the access points that policies of inference's role name."""
    iam = ministack.client("iam")
    found = set()
    for role in iam.list_roles(MaxItems=1000)["Roles"]:
        name = role["RoleName"]
        if not name.startswith("Modelmount-dev-Inference-Inference"):
            continue
        for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]:
            document = iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"]
            found |= _access_point_arns(document)
    return found


def _access_point_arns(document: Any) -> set[str]:
    if isinstance(document, str):
        document = json.loads(document)
    statements = document["Statement"]
    conditions = [
        v for s in statements for test in s.get("Condition", {}).values() for v in test.values()
    ]
    texts = [
        text for value in conditions for text in (value if isinstance(value, list) else [value])
    ]
    return {text for text in texts if ":access-point/" in str(text)}
