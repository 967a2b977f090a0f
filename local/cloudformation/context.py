"""The part of the resolver that intrinsic functions and attributes may use."""

from collections.abc import Mapping
from typing import Protocol

from local.cloudformation.template import Resource, Stack
from local.json_types import Json


class ResolutionContext(Protocol):
    """Looks values up in one assembly. `Resolver` implements it."""

    stacks: Mapping[str, Stack]
    account: str
    region: str

    def resolve(self, owner: Resource, value: Json) -> Json:
        """Replaces every intrinsic function in a value; errors name `owner`."""

    def property(self, owner: Resource, name: str, default: Json = None) -> Json:
        """Returns a resolved property of a resource."""

    def reference(self, owner: Resource, name: str) -> Json:
        """Returns the value of `Ref`."""

    def attribute(self, owner: Resource, name: str, attribute: str) -> str:
        """Returns the value of `Fn::GetAtt`."""

    def imported(self, owner: Resource, name: str) -> Json:
        """Returns the value that a stack exports under this name."""

    def output(self, owner: Resource, stack: str, name: str) -> Json:
        """Returns the value of another stack's output."""

    def arn(self, service: str, rest: str) -> str:
        """Returns an ARN in this account and region."""
