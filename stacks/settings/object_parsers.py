"""Context values that are objects of objects: every part is checked, and named when it is wrong.

A parser takes where a value stands, as it is told after the setting's name, and the value.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

from stacks.settings.rules import PartError, Rule

Parser = Callable[[str, object], Any]


def decoded(value: object, allowed: str) -> object:
    """Read JSON where text was given (`-c key=value`); raises `ValueError` with what is allowed."""
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value) if value.strip() else {}
    except ValueError:
        raise ValueError(allowed) from None


def leaf(rule: Rule) -> Parser:
    """Return a parser of a single value."""

    def parse(where: str, value: object) -> Any:  # noqa: ANN401 (as the rule's own)
        try:
            return rule.parse(value)
        except ValueError:
            raise PartError(where, value, rule.allowed) from None

    return parse


def record(
    make: Callable[..., Any], fields: Mapping[str, Parser], required: tuple[str, ...] = ()
) -> Parser:
    """Return a parser of an object with fixed keys, which are given to `make` by name."""

    def parse(where: str, value: object) -> Any:  # noqa: ANN401 (what `make` makes)
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
    """Return a parser of an object with free keys: a tuple of (name, what `item` reads)."""
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
