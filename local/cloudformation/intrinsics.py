"""CloudFormation's intrinsic functions.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference.html
"""

import re
from collections.abc import Callable

from local.cloudformation.context import ResolutionContext
from local.cloudformation.template import Resource
from local.errors import AssemblyError
from local.json_types import Json

Intrinsic = Callable[[ResolutionContext, Resource, Json], Json]


def split_get_att(argument: Json) -> tuple[str, str]:
    """Splits the argument of `Fn::GetAtt` into logical id and attribute."""
    name, attribute = argument.split(".", 1) if isinstance(argument, str) else argument
    return name, attribute


def _ref(context: ResolutionContext, owner: Resource, name: Json) -> Json:
    return context.reference(owner, name)


def _get_att(context: ResolutionContext, owner: Resource, argument: Json) -> str:
    return context.attribute(owner, *split_get_att(argument))


def _join(context: ResolutionContext, owner: Resource, argument: Json) -> str:
    separator, items = argument
    return str(separator).join(str(item) for item in context.resolve(owner, items))


def _sub(context: ResolutionContext, owner: Resource, argument: Json) -> str:
    text, variables = (argument, {}) if isinstance(argument, str) else argument

    def replace(match: re.Match[str]) -> str:
        name = match[1]
        if name.startswith("!"):
            return "${" + name[1:] + "}"
        if name in variables:
            return str(context.resolve(owner, variables[name]))
        logical_id, dot, attribute = name.partition(".")
        if dot:
            return context.attribute(owner, logical_id, attribute)
        return str(context.reference(owner, name))

    return re.sub(r"\$\{([^}]+)\}", replace, text)


def _select(context: ResolutionContext, owner: Resource, argument: Json) -> Json:
    index, items = context.resolve(owner, argument)
    if int(index) >= len(items):
        raise AssemblyError(f"{owner.where}: Fn::Select {index} of {len(items)} items")
    return items[int(index)]


def _split(context: ResolutionContext, owner: Resource, argument: Json) -> list[str]:
    separator, text = context.resolve(owner, argument)
    return str(text).split(separator)


def _import_value(context: ResolutionContext, owner: Resource, argument: Json) -> Json:
    return context.imported(owner, context.resolve(owner, argument))


def _get_stack_output(context: ResolutionContext, owner: Resource, argument: Json) -> Json:
    read = context.resolve(owner, argument)
    return context.output(owner, read["StackName"], read["OutputName"])


def _get_azs(context: ResolutionContext, _owner: Resource, _argument: Json) -> list[str]:
    return [f"{context.region}{letter}" for letter in "abc"]


def _find_in_map(context: ResolutionContext, owner: Resource, argument: Json) -> Json:
    found = context.stacks[owner.stack].mappings
    for key in context.resolve(owner, argument):
        if key not in found:
            raise AssemblyError(f"{owner.where}: Fn::FindInMap {argument} has no {key}")
        found = found[key]
    return found


INTRINSICS: dict[str, Intrinsic] = {
    "Ref": _ref,
    "Fn::GetAtt": _get_att,
    "Fn::Join": _join,
    "Fn::Sub": _sub,
    "Fn::Select": _select,
    "Fn::Split": _split,
    "Fn::ImportValue": _import_value,
    "Fn::GetStackOutput": _get_stack_output,
    "Fn::GetAZs": _get_azs,
    "Fn::FindInMap": _find_in_map,
}
