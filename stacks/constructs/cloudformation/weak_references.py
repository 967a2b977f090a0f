"""References to values of other stacks, which follow a replacement.

CDK's weak references read an output of another stack by its name. The reading template stays the
same, letter by letter, when a resource behind the output is replaced. The command line then skips
the stack, and CloudFormation may find nothing to update. So each reference carries the revision of
what is behind it.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, cast

from aws_cdk import (
    CfnOutput,
    CfnResource,
    DefaultStackSynthesizer,
    IBoundStackSynthesizer,
    ISynthesisSession,
    Stack,
)

from stacks.constructs.cloudformation.replacement import Revisions

PUBLISHED = "Publish"  # CDK's own scope of the outputs that other stacks read
READ = "Fn::GetStackOutput"


class RevisedReferences(DefaultStackSynthesizer):
    """Synthesizes a stack whose weak references change with what they refer to."""

    def reusable_bind(self, stack: Stack) -> IBoundStackSynthesizer:
        """Binds the stack to this very object: CDK would bind a copy that Python doesn't know."""
        self.bind(stack)
        return self

    def synthesize(self, session: ISynthesisSession) -> None:
        """Writes the template once to find the references, and again with their revisions."""
        self._synthesize_template(session)
        stack = self._bound_stack
        template = json.loads(Path(session.assembly.outdir, stack.template_file).read_text("utf-8"))
        resources = {stack.resolve(r.logical_id): r for r in _resources(stack)}
        revisions = dict(_revisions(stack))
        for name, content in template.get("Resources", {}).items():
            for path, function in _reading(content):
                _replace(resources[name], path, function, _revised(function, revisions))
        super().synthesize(session)


def _resources(stack: Stack) -> list[CfnResource]:
    return [child for child in stack.node.find_all() if isinstance(child, CfnResource)]


def _revisions(reader: Stack) -> Iterator[tuple[str, str]]:
    """Yields the outputs of all other stacks by name, each with the revision of its value."""
    for stack in reader.node.root.node.children:
        published = stack.node.try_find_child(PUBLISHED)
        if published is None:
            continue
        producer = cast(Stack, stack)
        revisions = Revisions(producer)
        for output in published.node.children:
            if isinstance(output, CfnOutput):
                name = f"{producer.stack_name}.{producer.resolve(output.logical_id)}"
                yield name, revisions.of(output.value)


def _reading(value: Any, *path: str) -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
    """Yields each outermost intrinsic function that reads, with the keys that lead to it."""
    if isinstance(value, dict):
        if any(key.startswith("Fn::") for key in value):
            if READ in json.dumps(value):
                yield path, value
            return
        for key, each in value.items():
            yield from _reading(each, *path, key.replace(".", r"\."))
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from _reading(each, *path, str(index))


def _revised(value: Any, revisions: Mapping[str, str]) -> Any:
    """Joins each value that is read with a delimiter that says its revision, and never shows.

    Another name for the output would do as well, until an update is rolled back: the former
    template reads by the former name, which the other stack no longer has.
    """
    if isinstance(value, list):
        return [_revised(each, revisions) for each in value]
    if not isinstance(value, dict):
        return value
    if READ in value:
        read = f"{value[READ]['StackName']}.{value[READ]['OutputName']}"
        return {"Fn::Join": [f"|{revisions[read]}|", [value]]}
    return {key: _revised(each, revisions) for key, each in value.items()}


def _replace(
    resource: CfnResource, path: tuple[str, ...], old: Mapping[str, Any], new: Mapping[str, Any]
) -> None:
    at = ".".join(path)
    for key in old.keys() - new.keys():
        resource.add_deletion_override(f"{at}.{key}")
    resource.add_override(at, new)
