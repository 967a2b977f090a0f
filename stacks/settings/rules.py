"""What a context value may be: `-c key=value` gives text, cdk.json gives JSON types, both are read.

A rule says in words what it allows and reads a value, raising `ValueError` for any other.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

EXACT_FLOATS = 2**53


@dataclass(frozen=True, slots=True)
class Rule:
    """What one setting may be.

    Attributes:
        allowed: in words, for error messages and the documentation.
        parse: turns a context value into the setting, or raises `ValueError`.
    """

    allowed: str
    parse: Callable[[object], Any]


class PartError(ValueError):
    """A part of a value isn't allowed.

    Args:
        where: the part, as it is told after the setting's name.
        value: what was given there.
        allowed: in words.
    """

    def __init__(self, where: str, value: object, allowed: str) -> None:
        super().__init__(f"{where} is {value!r}; allowed: {allowed}.")


def choice(*options: str) -> Rule:
    """Allow exactly one of `options`."""
    return text("|".join(map(re.escape, options)), ", ".join(f"`{o}`" for o in options))


def text(pattern: str, allowed: str) -> Rule:
    """Allow text that matches `pattern` as a whole."""

    def parse(value: object) -> str:
        if not isinstance(value, str) or not re.fullmatch(pattern, value):
            raise ValueError(allowed)
        return value

    return Rule(allowed, parse)


def whole_number(low: int, high: int) -> Rule:
    """Allow a whole number from `low` to `high`."""
    allowed = f"a whole number from {low} to {high}"

    def parse(value: object) -> int:
        number = _number(value, allowed)
        if not number.is_integer() or not low <= number <= high:
            raise ValueError(allowed)
        return int(number)

    return Rule(allowed, parse)


def number(low: float, high: float) -> Rule:
    """Allow a number from `low` to `high`."""
    allowed = f"a number from {low:g} to {high:g}"

    def parse(value: object) -> float:
        number = _number(value, allowed)
        if not low <= number <= high:
            raise ValueError(allowed)
        return number

    return Rule(allowed, parse)


def list_of(item: Rule, *, at_least: int = 0) -> Rule:
    """Allow a JSON list, or text separated by commas; each item is checked, and none may repeat."""
    empty = "" if at_least else " and maybe empty"
    allowed = f"a list, separated by commas{empty}, of: {item.allowed}"

    def parse(value: object) -> tuple[Any, ...]:
        items = tuple(map(item.parse, _items(value, allowed)))
        if len(items) < at_least or len(set(items)) < len(items):
            raise ValueError(allowed)
        return items

    return Rule(allowed, parse)


def either(word: str, rule: Rule) -> Rule:
    """Allow the single `word`, given as a list of one, or what `rule` allows."""

    def parse(value: object) -> Any:  # noqa: ANN401 (as the rule's own)
        return (word,) if value in (word, [word]) else rule.parse(value)

    return Rule(f"`{word}`, or {rule.allowed}", parse)


def _items(value: object, allowed: str) -> list[object]:
    if isinstance(value, str):
        return [item.strip() for item in value.split(",")] if value.strip() else []
    if isinstance(value, list):
        return value
    raise ValueError(allowed)


def _number(value: object, allowed: str) -> float:
    # Not int() and float() themselves: they also read "1_000", " 7", "inf" and "nan".
    if isinstance(value, str) and re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", value):
        return float(value)
    # JSON's true is an int to Python.
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < EXACT_FLOATS:
        return float(value)
    raise ValueError(allowed)
