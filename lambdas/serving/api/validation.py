"""Says in sentences what a body of JSON lacks. `msgspec` finds the fault and its place."""

import re
import typing
from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from modelmount_compiler.suggestions import suggestion
from serving.errors import BadRequest

KINDS = {
    "array": "a list",
    "bool": "true or false",
    "float": "a number",
    "int": "a whole number",
    "null": "null",
    "object": "an object",
    "str": "a string",
}
MISSING = re.compile(r"Object missing required field `(.*)`")
UNKNOWN = re.compile(r"Object contains unknown field `(.*)`", re.DOTALL)
CHOICE = re.compile(r"Invalid enum value '(.*)'", re.DOTALL)
OTHER_KIND = re.compile(r"Expected `([^`]*)`, got `([^`]*)`")
STEP = re.compile(r"\.(\w+)|\[[^\]]*\]")


def refusal(error: msgspec.ValidationError, expected: Any) -> BadRequest:
    """Return the refusal of a body.

    Args:
        expected: the type of the body.
    """
    text, _, path = str(error).partition(" - at `")
    path = path.rstrip("`") or "$"
    place = "The body" if path == "$" else path.removeprefix("$.").removeprefix("$")
    return BadRequest(f"{place} {_fault(text, list(_types(expected, path)))}", field=path)


def _fault(text: str, types: list[Any]) -> str:
    """Say what is wrong in words that follow the name of the place."""
    rules: list[tuple[re.Pattern[str], Callable[[re.Match[str], list[Any]], str]]] = [
        (MISSING, _missing),
        (UNKNOWN, _unknown),
        (CHOICE, _choice),
        (OTHER_KIND, _other_kind),
    ]
    for pattern, say in rules:
        if found := pattern.fullmatch(text):
            return say(found, types)
    for name, kind in KINDS.items():
        text = text.replace(f"`{name}`", kind)
    return f"doesn't fit: {text[:1].lower()}{text[1:]}."


def _missing(found: re.Match[str], _: list[Any]) -> str:
    return f"lacks the field {found[1]!r}."


def _unknown(found: re.Match[str], types: list[Any]) -> str:
    known = [name for each in types for name in getattr(each, "__struct_encode_fields__", ())]
    takes = f"; it takes {', '.join(known)}" if known else ""
    return f"has the unknown field {found[1]!r:.200}{takes}.{suggestion(found[1], known)}"


def _choice(found: re.Match[str], types: list[Any]) -> str:
    known = [str(value) for each in types for value in typing.get_args(each)]
    return f"is {found[1]!r:.200}; it is one of {', '.join(known)}.{suggestion(found[1], known)}"


def _other_kind(found: re.Match[str], _: list[Any]) -> str:
    kinds = [KINDS.get(name, name) for name in found[1].split(" | ")]
    # Who may leave a field out needs no null.
    wanted = " or ".join(kind for kind in kinds if kind != "null") or "null"
    return f"is {KINDS.get(found[2], found[2])}; it must be {wanted}."


def _types(expected: Any, path: str) -> Iterator[Any]:
    """Yield the types that a value can have at a path."""
    found = list(_alternatives(expected))
    for step in STEP.finditer(path.removeprefix("$")):
        found = [inner for each in found for inner in _inside(each, step[1])]
    yield from found


def _alternatives(expected: Any) -> Iterator[Any]:
    """Yield the members of a union; of any other type, the type."""
    origin = typing.get_origin(expected)
    if origin is typing.Annotated:
        yield from _alternatives(typing.get_args(expected)[0])
    elif origin is typing.Union or type(expected).__name__ == "UnionType":
        for each in typing.get_args(expected):
            yield from _alternatives(each)
    else:
        yield expected


def _inside(expected: Any, field: str | None) -> Iterator[Any]:
    """Yield the types of a struct's field, or of a container's values where no field is named."""
    if field is not None:
        fields = getattr(expected, "__struct_fields__", ())
        named = dict(zip(getattr(expected, "__struct_encode_fields__", ()), fields, strict=True))
        hints = typing.get_type_hints(expected, include_extras=True) if field in named else {}
        if field in named:
            yield from _alternatives(hints[named[field]])
    elif arguments := typing.get_args(expected):
        yield from _alternatives(arguments[-1])
