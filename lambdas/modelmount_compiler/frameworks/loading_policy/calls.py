"""Holds a call that loading would make against the policy."""

import re
from collections.abc import Callable, Sequence
from typing import Any

from modelmount_compiler.frameworks.loading_policy.globals import Global
from modelmount_compiler.frameworks.loading_policy.policy import (
    ARRAY_WRAPPER,
    GENERATORS,
    RECONSTRUCTOR,
    Policy,
)
from modelmount_compiler.frameworks.loading_policy.values import CONTAINERS, Made, is_plain, parts

FEW = 1000  # of arguments that a call may have any number of
OBJECT, DICT = "builtins.object", "builtins.dict"
BLOCK = "pandas._libs.internals._unpickle_block"
INDEX_KEYS = {"data", "name", "start", "stop", "step", "dtype", "names"}
GENERATOR_NAMES = {name.rpartition(".")[2] for name in GENERATORS}
NUMBER = re.compile(r"[+-]?(\d{1,400}(\.\d{0,400})?|\.\d{1,400})(E[+-]?\d{1,6})?|-?(NaN|Infinity)")

# A kind of argument by the word that the data has for it.
KINDS: dict[str, Callable[[Any], bool]] = {
    "none": lambda value: value is None,
    "bool": lambda value: type(value) is bool,
    "int": lambda value: type(value) is int,
    "float": lambda value: type(value) is float,
    "str": lambda value: type(value) is str,
    "bytes": lambda value: isinstance(value, bytes | bytearray) or _is(value, "builtins.bytes"),
    "order": lambda value: type(value) is str and value in "CFA",
    "()": lambda value: value == (),
    "ints": lambda value: type(value) is tuple and all(type(each) is int for each in value),
    "plain": lambda value: not isinstance(value, CONTAINERS) and is_plain(value),
    "items": lambda value: type(value) is list,
    "counts": lambda value: type(value) is dict and is_plain(value),
    "dtype": lambda value: _is(value, "numpy.dtype"),
    "array": lambda value: _is(value, "numpy.ndarray"),
    "number-text": lambda value: type(value) is str and bool(NUMBER.fullmatch(value)),
    "generator": lambda value: str(value) in GENERATORS or value in GENERATOR_NAMES,
    "blocks": lambda value: type(value) is tuple and all(_is(each, BLOCK) for each in value),
    "axes": lambda value: type(value) is list and all(_is(each, "pandas.Index") for each in value),
    "index": lambda value: (
        type(value) is dict
        and value.keys() <= INDEX_KEYS
        and all(isinstance(part, str | int | float | None | Made) for part in parts(value))
    ),
}


def _is(value: object, name: str) -> bool:
    return isinstance(value, Made) and value.made_of == name


def _fits(value: Any, kind: str, policy: Policy) -> bool:
    word, _, name = kind.partition(" ")
    if kind.startswith("="):
        text = value.decode("latin1") if isinstance(value, bytes) else value
        return isinstance(text, str) and text == kind[1:]
    if word in ("class", "function"):
        return isinstance(value, Global) and str(value) == name
    if word == "numeric":
        return isinstance(value, Global) and str(value) in policy.numeric
    if word == "of":
        return _is(value, name)
    if word == "type":
        return isinstance(value, Global) and str(value) in policy.types
    return bool(KINDS[kind](value))


def made_by(function: Global, arguments: Sequence[Any], policy: Policy) -> Made | None:
    """Return what a call makes, or None when the policy doesn't let it be."""
    name = str(function)
    if name == RECONSTRUCTOR:
        return _reconstructed(arguments, policy)
    if rule := policy.calls.get(name):
        return _by_rule(name, rule, arguments, policy)
    if (prefix := policy.unpickled_by(name)) is not None:
        return _unpickled(prefix, arguments, policy)
    takes = policy.classes.get(name, {}).get("takes")
    if takes == "numbers" and all(isinstance(each, int | float) for each in arguments):
        return Made(name)
    return None


def _by_rule(name: str, rule: Any, arguments: Sequence[Any], policy: Policy) -> Made | None:
    each = rule.get("each", ())
    is_few = 0 < len(arguments) <= FEW
    if is_few and all(any(_fits(value, kind, policy) for kind in each) for value in arguments):
        return Made(name, list(arguments))
    for kinds in rule["takes"]:
        if len(kinds) == len(arguments) and all(
            _fits(value, kind, policy) for value, kind in zip(arguments, kinds, strict=True)
        ):
            return Made(rule.get("makes", name), list(arguments))
    return None


def _reconstructed(arguments: Sequence[Any], policy: Policy) -> Made | None:
    if len(arguments) != 3:
        return None
    made, base, state = arguments
    if str(base) == DICT and type(state) is dict and _holds_items(made, policy):
        return Made(str(made), [state])
    if str(base) == "builtins.tuple" and type(state) is tuple:
        return new(made, state, policy) if state else None
    is_object = isinstance(base, Global) and str(base) == OBJECT and state is None
    return new(made, (), policy) if is_object else None


def _holds_items(made: object, policy: Policy) -> bool:
    return isinstance(made, Global) and "holds" in policy.data.get(str(made), {})


def _unpickled(prefix: str, arguments: Sequence[Any], policy: Policy) -> Made | None:
    """Return what one of Cython's helpers makes: an object of a class of its own module."""
    if not arguments or not isinstance(arguments[0], Global):
        return None
    made, rest = str(arguments[0]), arguments[1:]
    is_own = made == prefix or (prefix.endswith(".") and made.startswith(prefix))
    if not is_own or "compiled" not in policy.classes.get(made, {}):
        return None
    if prefix.endswith("."):
        return Made(made) if not rest else None
    has_state = len(rest) == 2 and type(rest[0]) is int and type(rest[1]) in (tuple, type(None))
    if has_state and all(isinstance(each, int | float | None | Made) for each in rest[1] or ()):
        return Made(made, [rest[1]])
    return None


def new(made: object, arguments: Sequence[Any], policy: Policy) -> Made | None:
    """Return what `made.__new__` makes, or None when the policy doesn't let it be."""
    if not isinstance(made, Global):
        return None
    name = str(made)
    if name in policy.calls and (called := _by_rule(name, policy.calls[name], arguments, policy)):
        return called
    rule = policy.classes.get(name) or policy.data.get(name)
    if name == ARRAY_WRAPPER and not arguments:
        return Made(name)
    if rule is None and name not in policy.classes:
        return None
    if not arguments:
        return Made(name)
    is_tuple = rule is not None and rule.get("takes") == "fields"
    return Made(name, list(arguments)) if is_tuple else None
