"""Resolves the values of templates to deterministic values like AWS's own."""

from collections.abc import Mapping

from local.cloudformation.attributes import ATTRIBUTES
from local.cloudformation.intrinsics import INTRINSICS, split_get_att
from local.cloudformation.template import Resource, Stack
from local.errors import AssemblyError
from local.json_types import Json


class Resolver:
    """Resolves the values of all stacks of an assembly.

    Args:
        stacks: by name; imports reach from one into another.
    """

    def __init__(self, stacks: Mapping[str, Stack], account: str, region: str) -> None:
        self.stacks = stacks
        self.account = account
        self.region = region
        self._exports = {
            output["Export"]["Name"]: (stack, output["Value"])
            for stack in stacks.values()
            for output in stack.outputs.values()
            if "Export" in output
        }

    @property
    def resources(self) -> list[Resource]:
        """The resources of all stacks."""
        return [r for stack in self.stacks.values() for r in stack.resources.values()]

    def of_type(self, *types: str) -> list[Resource]:
        """Returns the resources of these types from all stacks, in the order of the types."""
        return [r for wanted in types for r in self.resources if r.type == wanted]

    def resolve(self, owner: Resource, value: Json) -> Json:
        """Replaces every intrinsic function in a value; errors name `owner`."""
        if isinstance(value, list):
            return [self.resolve(owner, item) for item in value]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            (name, argument), *_ = value.items()
            if name == "Ref" or name.startswith("Fn::"):
                return self._call(owner, name, argument)
        return {key: self.resolve(owner, item) for key, item in value.items()}

    def property(self, owner: Resource, name: str, default: Json = None) -> Json:
        """Returns a resolved property of a resource."""
        return self.resolve(owner, owner.properties.get(name, default))

    def ref(self, resource: Resource) -> str:
        """Returns the resource's own `Ref`."""
        return self.get_att(resource, "Ref")

    def get_att(self, resource: Resource, attribute: str) -> str:
        """Returns an attribute of the resource itself."""
        return self.attribute(resource, resource.id, attribute)

    def arn(self, service: str, rest: str) -> str:
        """Returns an ARN in this account and region."""
        return f"arn:aws:{service}:{self.region}:{self.account}:{rest}"

    def target(self, owner: Resource, value: Json) -> Resource | None:
        """Returns the resource of this stack that a bare Ref or GetAtt names."""
        if isinstance(value, dict) and "Ref" in value:
            return self.stacks[owner.stack].resources.get(value["Ref"])
        if isinstance(value, dict) and "Fn::GetAtt" in value:
            return self.stacks[owner.stack].resources.get(split_get_att(value["Fn::GetAtt"])[0])
        return None

    def reference(self, owner: Resource, name: str) -> Json:
        """Returns the value of `Ref`: a pseudo parameter, a parameter or a resource."""
        pseudo = self._pseudo_parameters(owner).get(name)
        if pseudo is not None:
            return pseudo
        parameters = self.stacks[owner.stack].parameters
        if name not in parameters:
            return self.attribute(owner, name, "Ref")
        if "Default" not in parameters[name]:
            raise AssemblyError(f"{owner.where} needs the parameter {name}, which has no default")
        return parameters[name]["Default"]

    def attribute(self, owner: Resource, name: str, attribute: str) -> str:
        """Returns an attribute of the resource `name` in the owner's stack, or its `Ref`."""
        resource = self.stacks[owner.stack].resources.get(name)
        if resource is None:
            raise AssemblyError(
                f"{owner.where} refers to {name}, which the stack {owner.stack} does not have"
            )
        value = ATTRIBUTES.get((resource.type, attribute))
        if value is None:
            asked = "Ref" if attribute == "Ref" else f"the attribute {attribute}"
            raise AssemblyError(
                f"{owner.where} needs {asked} of {resource.where}, "
                "for which the local system has no value"
            )
        return value(resource, self)

    def imported(self, owner: Resource, name: str) -> Json:
        """Returns the value that a stack exports under this name."""
        if name not in self._exports:
            raise AssemblyError(f"{owner.where} imports {name}, which no stack exports")
        stack, value = self._exports[name]
        return self.resolve(Resource(stack.name, name, "Export", {}), value)

    def output(self, owner: Resource, stack: str, name: str) -> Json:
        """Returns the value of another stack's output."""
        found = self.stacks.get(stack)
        if found is None or name not in found.outputs:
            raise AssemblyError(f"{owner.where} reads {name}, which is no output of {stack}")
        return self.resolve(Resource(stack, name, "Output", {}), found.outputs[name]["Value"])

    def _call(self, owner: Resource, name: str, argument: Json) -> Json:
        intrinsic = INTRINSICS.get(name)
        if intrinsic is None:
            raise AssemblyError(
                f"{owner.where} uses {name}, which the local system can't resolve "
                f"(it knows {', '.join(sorted(INTRINSICS))})"
            )
        return intrinsic(self, owner, argument)

    def _pseudo_parameters(self, owner: Resource) -> dict[str, str]:
        return {
            "AWS::AccountId": self.account,
            "AWS::Region": self.region,
            "AWS::Partition": "aws",
            "AWS::URLSuffix": "amazonaws.com",
            "AWS::StackName": owner.stack,
            "AWS::StackId": self.arn("cloudformation", f"stack/{owner.stack}/local"),
            "AWS::NoValue": "",
        }
