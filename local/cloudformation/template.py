"""A CloudFormation template, typed: a stack, its resources and its outputs."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from local.json_types import Json


@dataclass(frozen=True)
class Resource:
    """A resource of a template, under its logical id."""

    stack: str
    id: str
    type: str
    properties: Mapping[str, Json]

    @property
    def where(self) -> str:
        """The name of this resource in messages."""
        return f"{self.stack}/{self.id} ({self.type})"


@dataclass(frozen=True)
class Stack:
    """A template under its stack's name."""

    name: str
    resources: Mapping[str, Resource]
    outputs: Mapping[str, Json] = field(default_factory=dict)
    parameters: Mapping[str, Json] = field(default_factory=dict)
    mappings: Mapping[str, Json] = field(default_factory=dict)


def parse_stack(name: str, template: Json) -> Stack:
    """Parses a template's JSON."""
    resources = {
        key: Resource(name, key, body["Type"], body.get("Properties", {}))
        for key, body in template.get("Resources", {}).items()
    }
    return Stack(
        name,
        resources,
        outputs=template.get("Outputs", {}),
        parameters=template.get("Parameters", {}),
        mappings=template.get("Mappings", {}),
    )
