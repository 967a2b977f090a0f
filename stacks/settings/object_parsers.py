"""Parsers for values that are objects of objects.

A parser takes the path of a value below its setting, and the value. It raises `PartError` with
that path for a value that is not allowed.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

from stacks.settings.errors import PartError
from stacks.settings.rules import Rule

Parser = Callable[[str, object], Any]


def decode_json(value: object, allowed: str) -> object:
    """Reads JSON where text was given. Empty text is an empty object.

    Raises:
        ValueError: with `allowed`, where the text is no JSON.
    """
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value) if value.strip() else {}
    except ValueError:
        raise ValueError(allowed) from None


def leaf(rule: Rule) -> Parser:
    """Returns a parser for a single value."""

    def parse(where: str, value: object) -> Any:
        try:
            return rule.parse(value)
        except ValueError:
            raise PartError(where, value, rule.allowed) from None

    return parse


def record(
    make: Callable[..., Any], fields: Mapping[str, Parser], required: tuple[str, ...] = ()
) -> Parser:
    """Returns a parser for an object with fixed keys. `make` takes their values by name."""

    def parse(where: str, value: object) -> Any:
        given = _object(where, value, f"an object with {', '.join(fields)}")
        for key in given:
            if key not in fields:
                raise PartError(f"{where} has a key that", key, ", ".join(fields))
        for key in required:
            if key not in given:
                raise PartError(where, value, f"an object that has {key}")
        return make(**{key: fields[key](f"{where}.{key}", item) for key, item in given.items()})

    return parse


def by_name(name: Rule, item: Parser, *, at_most: int) -> Parser:
    """Returns a parser for an object with free keys. It reads pairs of a name and its value."""
    allowed = f"an object with 1 to {at_most} entries by name"

    def parse(where: str, value: object) -> tuple[tuple[str, Any], ...]:
        given = _object(where, value, allowed)
        if not 1 <= len(given) <= at_most:
            raise PartError(where, value, allowed)
        return tuple(
            (leaf(name)(f"{where} has a key that", key), item(f"{where}.{key}", entry))
            for key, entry in given.items()
        )

    return parse


def _object(where: str, value: object, allowed: str) -> Mapping[Any, object]:
    if not isinstance(value, Mapping):
        raise PartError(where, value, allowed)
    return value
