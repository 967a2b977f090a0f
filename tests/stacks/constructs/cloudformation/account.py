"""CloudFormation's rules for what one stack reads of another, for templates alone.

What is replaced is told by the schemas that AWS publishes, as cfn-lint has them.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

from tests.stacks.deployment import Deployment

IMPORT, READ = "Fn::ImportValue", "Fn::GetStackOutput"


class Refused(Exception):
    """CloudFormation refuses the update."""


def replacing(resource_type: str) -> set[str]:
    """Returns the properties of which a change replaces a resource."""
    schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", resource_type).schema
    return {path.split("/")[2] for path in schema.get("createOnlyProperties", ())}


def identity(template: Mapping[str, Any], value: Any) -> Any:
    """Returns `value` with each resource that it names replaced by what identifies this one."""
    if isinstance(value, list):
        return [identity(template, each) for each in value]
    if not isinstance(value, dict):
        return value
    name = value.get("Ref") or value.get("Fn::GetAtt", [None])[0]
    resource = template["Resources"].get(name)
    if resource is None:
        return {key: identity(template, each) for key, each in value.items()}
    pinned = replacing(resource["Type"])
    given = resource.get("Properties", {})
    return [name, value, {k: identity(template, given[k]) for k in sorted(pinned & given.keys())}]


def found(value: Any, function: str) -> Iterator[Any]:
    """Yields the argument of each call of an intrinsic function."""
    if isinstance(value, dict):
        if function in value:
            yield value[function]
        for each in value.values():
            yield from found(each, function)
    elif isinstance(value, list):
        for each in value:
            yield from found(each, function)


class Account:
    """Stacks that are deployed.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-stack-exports.html
    """

    def __init__(self) -> None:
        self._stacks: dict[str, Mapping[str, Any]] = {}

    def deploy(self, deployment: Deployment) -> None:
        """Updates each stack, in the order of the command line. Raises Refused."""
        for name in ("Storage", "SageMaker", "Inference"):
            template: Mapping[str, Any] = getattr(deployment, name.lower()).raw
            self._check_exports(name, template)
            self._check_reads(name, template)
            self._stacks[name] = template

    def _check_exports(self, name: str, template: Mapping[str, Any]) -> None:
        new = _exports(template)
        for export, value in _exports(self._stacks.get(name, {})).items():
            users = [
                other
                for other, deployed in self._stacks.items()
                if other != name and export in found(deployed, IMPORT)
            ]
            if users and new.get(export) != value:
                raise Refused(f"export {export} is in use by {users}")

    def _check_reads(self, name: str, template: Mapping[str, Any]) -> None:
        exports = {e for other in self._stacks.values() for e in _exports(other)}
        for export in found(template, IMPORT):
            if export not in exports:
                raise Refused(f"{name} imports {export}, which nothing exports")
        for read in found(template, READ):
            stack = self._stacks[read["StackName"].rpartition("-")[2]]
            if read["OutputName"] not in stack["Outputs"]:
                raise Refused(f"{name} reads {read}, which is no output")


def _exports(template: Mapping[str, Any]) -> dict[str, str]:
    return {
        output["Export"]["Name"]: json.dumps(identity(template, output["Value"]))
        for output in template.get("Outputs", {}).values()
        if "Export" in output
    }
