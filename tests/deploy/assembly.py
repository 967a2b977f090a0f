"""A copy of the assembly that MiniStack can take; docs/ci.md names what is changed, and why."""

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

REJECTED = (
    "AWS::EC2::FlowLog",
    "AWS::EC2::SecurityGroupEgress",
    "AWS::EC2::SecurityGroupIngress",
)
PROXY = "MINISTACK_LAMBDA_PROXY_URL"  # MiniStack sends a function's events there
IMAGE = "modelmount-lambda:latest"


def adapt(source: Path, target: Path, relay: str) -> None:
    """Copy an assembly; its functions' events go to `relay`/<stack>-<logical id>."""
    shutil.copytree(source, target)
    for path in target.glob("*.assets.json"):
        manifest = json.loads(path.read_text())
        manifest["dockerImages"] = {}
        path.write_text(json.dumps(manifest))
    for path in target.glob("*.template.json"):
        template = json.loads(path.read_text())
        if "Resources" not in template:
            continue
        template["Resources"] = _without_rejected(template["Resources"])
        for name, resource in template["Resources"].items():
            if resource["Type"] == "AWS::Lambda::Function" and "Role" in resource["Properties"]:
                stack = path.name.removesuffix(".template.json")
                _send_events(resource["Properties"], f"{relay}/{stack}-{name}")
        path.write_text(json.dumps(template))


def edit(assembly: Path, stack: str, change: Any) -> None:
    """Change a template in place: `change` gets its resources."""
    path = assembly / f"{stack}.template.json"
    template = json.loads(path.read_text())
    change(template["Resources"])
    path.write_text(json.dumps(template))
    _rename_published(assembly, stack, hashlib.sha256(path.read_bytes()).hexdigest())


def _rename_published(assembly: Path, stack: str, digest: str) -> None:
    """Publish the template under a new name: what is there already isn't published again."""
    listed = assembly / f"{stack}.assets.json"
    files = json.loads(listed.read_text())["files"]
    name = f"{stack}.template.json"
    (old,) = (key for key, file in files.items() if file["source"]["path"] == name)
    for path in (listed, assembly / "manifest.json"):
        path.write_text(path.read_text().replace(old, digest))


def _without_rejected(resources: dict[str, Any]) -> dict[str, Any]:
    kept = {name: r for name, r in resources.items() if r["Type"] not in REJECTED}
    for resource in kept.values():
        needs = resource.get("DependsOn", [])
        needs = [needs] if isinstance(needs, str) else needs
        resource["DependsOn"] = [name for name in needs if name in kept]
    return kept


def _send_events(properties: dict[str, Any], url: str) -> None:
    if properties["Code"].get("ZipFile"):
        return  # CDK's own, which runs while the stack is deployed
    if "ImageUri" in properties["Code"]:
        properties["Code"] = {"ImageUri": IMAGE}
    properties.setdefault("Environment", {}).setdefault("Variables", {})[PROXY] = url
