"""Every template as a whole: an unintended change shows in the diff.

After a change that was meant: `pytest tests/stacks --snapshot-update`, and read the diff.
"""

import json
import re
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension

from tests.stacks.deployment import Deployment, Template

# Hashes change with the code of functions, and say nothing about the stacks.
ASSET_HASH = re.compile(r"\b[0-9a-f]{64}\b")


def _quiet(template: Template) -> Any:
    text = ASSET_HASH.sub("<asset hash>", json.dumps(template.raw))
    quiet = json.loads(text)
    for resource in quiet["Resources"].values():
        # CDK's function that sets the bucket's notifications: its code changes with CDK's version.
        if "ZipFile" in resource.get("Properties", {}).get("Code", {}):
            resource["Properties"]["Code"]["ZipFile"] = "<code of CDK>"
    return quiet


@pytest.mark.parametrize("stack", ["storage", "inference"])
def test_stack_is_as_last_seen(
    default: Deployment, snapshot: SnapshotAssertion, stack: str
) -> None:
    template = _quiet(getattr(default, stack))

    assert template == snapshot.use_extension(JSONSnapshotExtension)
