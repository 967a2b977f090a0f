"""Reads settings from CDK's context: `-c key=value` on the command line, or cdk.json."""

import dataclasses
import difflib
from collections.abc import Mapping, Sequence
from typing import Any

from stacks.settings.errors import PartError, SettingsError
from stacks.settings.rules import Rule

# The CDK command line keeps its own state in the context. It marks most of its keys with a colon
# or an @, but not these.
CDK_OWN_KEYS = frozenset({"acknowledged-issue-numbers", "cli-telemetry"})

Fields = Sequence[dataclasses.Field[Any]]


def setting(rule: Rule, default: object, description: str) -> Any:
    """Returns a dataclass field that carries its rule and its description."""
    return dataclasses.field(default=default, metadata={"rule": rule, "description": description})


def parse_context(fields: Fields, context: Mapping[str, object]) -> dict[str, Any]:
    """Reads the context keys that are not CDK's own, each by the rule of its field.

    Raises:
        SettingsError: with the key, its value and what is allowed.
    """
    by_name = {field.name: field for field in fields}
    given = {key: value for key, value in context.items() if not _is_cdk_key(key)}
    for key in given:
        if key not in by_name:
            raise SettingsError(_unknown(key, tuple(by_name)))
    return {key: _parse(by_name[key], value) for key, value in given.items()}


def _is_cdk_key(key: str) -> bool:
    return ":" in key or key.startswith("@") or key in CDK_OWN_KEYS


def _unknown(key: str, known: tuple[str, ...]) -> str:
    nearest = difflib.get_close_matches(key, known, n=1)
    hint = f"Did you mean {nearest[0]!r}? " if nearest else ""
    return f"Unknown setting {key!r}. {hint}Known are: {', '.join(known)}."


def _parse(field: dataclasses.Field[Any], value: object) -> Any:  # each field's own type
    rule: Rule = field.metadata["rule"]
    try:
        return rule.parse(value)
    except PartError as error:
        raise SettingsError(f"{field.name}{error}") from None
    except ValueError:
        raise SettingsError(f"{field.name} is {value!r}; allowed: {rule.allowed}.") from None
