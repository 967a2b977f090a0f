"""What makes CloudFormation replace a resource that other stacks refer to."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

from aws_cdk import CfnResource, Stack

# The properties of which a change replaces the resource, by their names in CDK.
# https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/ calls them
# "Update requires: Replacement".
REPLACING: Mapping[str, tuple[str, ...]] = {
    "AWS::EC2::SecurityGroup": ("group_description", "group_name", "vpc_id"),
    "AWS::EC2::Subnet": ("vpc_id", "availability_zone", "cidr_block"),
    "AWS::EC2::VPC": ("cidr_block",),
    "AWS::EFS::AccessPoint": ("file_system_id", "posix_user", "root_directory"),
    "AWS::EFS::FileSystem": ("encrypted", "kms_key_id", "performance_mode"),
    "AWS::KMS::Key": (),
    "AWS::Lambda::Function": ("function_name", "package_type"),
}


class Revisions:
    """Tells for values of one stack in which revision the resources behind them are.

    The revision changes with the properties that replace a resource, and with the revision of
    every resource that these name in turn.
    """

    def __init__(self, stack: Stack) -> None:
        self._stack = stack
        self._resources: dict[str, CfnResource] = {
            stack.resolve(child.logical_id): child
            for child in stack.node.find_all()
            if isinstance(child, CfnResource) and Stack.of(child) is stack
        }

    def of(self, value: object) -> str:
        """Returns a short text that stays as long as no resource behind `value` is replaced."""
        pinned = {name: self._pinned(name) for name in sorted(self._behind(value))}
        return hashlib.sha256(json.dumps(pinned, sort_keys=True).encode()).hexdigest()[:8]

    def _behind(self, value: object) -> set[str]:
        found: set[str] = set()
        waiting = list(_referenced(self._stack.resolve(value)))
        while waiting:
            name = waiting.pop()
            if name in self._resources and name not in found:
                found.add(name)
                waiting += _referenced(self._pinned(name))
        return found

    def _pinned(self, name: str) -> Any:
        resource = self._resources[name]
        names = REPLACING[resource.cfn_resource_type]
        return self._stack.resolve([getattr(resource, each) for each in names])


def _referenced(value: Any) -> Iterator[str]:
    """Yields the logical ids that a resolved value names."""
    match value:
        case {"Ref": str(name)}:
            yield name
        case {"Fn::GetAtt": [str(name), _]}:
            yield name
        case dict():
            for each in value.values():
                yield from _referenced(each)
        case list():
            for each in value:
                yield from _referenced(each)
