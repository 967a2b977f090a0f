"""What is deployed is what was synthesized, but for the gaps that docs/ci.md names."""

import json
from collections.abc import Set
from pathlib import Path
from typing import Any

from tests.deploy.assembly import IMAGE, PROXY, REJECTED


def test_the_copy_differs_in_nothing_but_what_is_named(synthesized: Path, assembly: Path) -> None:
    for path in synthesized.glob("*.template.json"):
        resources = json.loads(path.read_text()).get("Resources", {})
        copied = json.loads((assembly / path.name).read_text()).get("Resources", {})
        left_out = {name for name, r in resources.items() if r["Type"] in REJECTED}
        assert copied.keys() == resources.keys() - left_out
        for name, resource in copied.items():
            assert _without_named(resource) == _without_named(resources[name], left_out)


def _without_named(resource: dict[str, Any], left_out: Set[str] = frozenset()) -> dict[str, Any]:
    needs = resource.get("DependsOn", [])
    needs = {needs} if isinstance(needs, str) else set(needs)
    properties = dict(resource.get("Properties", {}))
    if "ImageUri" in properties.get("Code", {}):
        properties["Code"] = IMAGE
    if "Environment" in properties:
        variables = properties["Environment"].get("Variables", {})
        properties["Environment"] = {k: v for k, v in variables.items() if k != PROXY}
    return {**resource, "DependsOn": needs - left_out, "Properties": properties}
