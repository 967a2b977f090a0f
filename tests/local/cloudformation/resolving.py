"""A resolver over templates given by stack name."""

from local.cloudformation.resolver import Resolver
from local.cloudformation.template import Resource, parse_stack
from tests.local.sample.resources import Template


def resolver(**templates: Template) -> Resolver:
    """Returns a resolver over these stacks."""
    stacks = {name: parse_stack(name, body) for name, body in templates.items()}
    return Resolver(stacks, "123456789012", "eu-west-1")


def owner(stack: str = "A") -> Resource:
    """Returns a resource to resolve for."""
    return Resource(stack, "Owner", "AWS::Test::Owner", {})
