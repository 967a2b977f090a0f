"""Rules for single values.

A rule describes what it allows and reads a value. It raises `ValueError` for any other value.
`-c key=value` gives text and cdk.json gives JSON types. Rules read both.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

EXACT_FLOATS = 2**53  # a float holds every whole number below


@dataclass(frozen=True, slots=True)
class Rule:
    """The values that a setting may have.

    Attributes:
        allowed: a description, for error messages and the documentation.
        parse: turns a context value into the setting, or raises `ValueError`.
    """

    allowed: str
    parse: Callable[[object], Any]


def choice(*options: str) -> Rule:
    """Allows exactly one of `options`."""
    return text("|".join(map(re.escape, options)), ", ".join(f"`{o}`" for o in options))


def text(pattern: str, allowed: str) -> Rule:
    """Allows text that matches `pattern` as a whole."""

    def parse(value: object) -> str:
        if not isinstance(value, str) or not re.fullmatch(pattern, value):
            raise ValueError(allowed)
        return value

    return Rule(allowed, parse)


def whole_number(low: int, high: int) -> Rule:
    """Allows a whole number from `low` to `high`."""
    allowed = f"a whole number from {low} to {high}"

    def parse(value: object) -> int:
        number = _number(value, allowed)
        if not number.is_integer() or not low <= number <= high:
            raise ValueError(allowed)
        return int(number)

    return Rule(allowed, parse)


def number(low: float, high: float) -> Rule:
    """Allows a number from `low` to `high`."""
    allowed = f"a number from {low:g} to {high:g}"

    def parse(value: object) -> float:
        number = _number(value, allowed)
        if not low <= number <= high:
            raise ValueError(allowed)
        return number

    return Rule(allowed, parse)


def list_of(item: Rule, *, at_least: int = 0) -> Rule:
    """Allows a JSON list or text separated by commas. Each item is checked, and none may repeat."""
    empty = "" if at_least else " and maybe empty"
    allowed = f"a list, separated by commas{empty}, of: {item.allowed}"

    def parse(value: object) -> tuple[Any, ...]:
        items = tuple(map(item.parse, _items(value, allowed)))
        if len(items) < at_least or len(set(items)) < len(items):
            raise ValueError(allowed)
        return items

    return Rule(allowed, parse)


def either(word: str, rule: Rule) -> Rule:
    """Allows the single `word`, also as a list of one, or what `rule` allows."""

    def parse(value: object) -> Any:
        return (word,) if value in (word, [word]) else rule.parse(value)

    return Rule(f"`{word}`, or {rule.allowed}", parse)


def _items(value: object, allowed: str) -> list[object]:
    if isinstance(value, str):
        return [item.strip() for item in value.split(",")] if value.strip() else []
    if isinstance(value, list):
        return value
    raise ValueError(allowed)


def _number(value: object, allowed: str) -> float:
    # int() and float() would also read "1_000", " 7", "inf" and "nan".
    if isinstance(value, str) and re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", value):
        return float(value)
    # JSON's true is an int to Python.
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < EXACT_FLOATS:
        return float(value)
    raise ValueError(allowed)
