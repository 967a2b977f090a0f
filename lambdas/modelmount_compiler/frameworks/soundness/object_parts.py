"""Walks through all objects that a loaded model holds, at any depth."""

import functools
from collections.abc import Iterator, Mapping
from types import BuiltinMethodType, FunctionType, MethodType
from typing import Any

import numpy as np

Part = tuple[str, Any]
PLAIN = (str, bytes, int, float, complex, bool, type(None), np.generic)
FUNCTIONS = (FunctionType, BuiltinMethodType, np.ufunc, type(np.clip), type)
SHOWN_KEY = 60
MOST_PARTS = 5_000_000


class TooManyParts(Exception):
    """The model holds more objects than are looked at."""


def parts(root: object) -> Iterator[Part]:
    """Yield each object once, with its place in the model; numbers and texts alone aren't.

    Lists, tuples, sets, dictionaries, arrays of objects, attributes, partial functions and the
    objects of bound methods are followed.
    """
    stack: list[Part] = [("", root)]
    seen: dict[int, Any] = {}  # holds what it names, so that no number is used again
    while stack:
        where, part = stack.pop()
        if id(part) in seen:
            continue
        seen[id(part)] = part
        if len(seen) > MOST_PARTS:
            raise TooManyParts
        yield where or type(part).__name__, part
        inner = [pair for pair in _inside(part, where) if not isinstance(pair[1], PLAIN)]
        stack.extend(reversed(inner))


def _inside(part: Any, where: str) -> Iterator[Part]:
    if isinstance(part, FUNCTIONS):
        return
    yield from _items(part, where)
    if isinstance(part, functools.partial):
        yield f"{where}.func", part.func
        yield f"{where}.args", part.args
        yield f"{where}.keywords", part.keywords
    elif isinstance(part, MethodType):
        yield f"{where}.__self__", part.__self__
        yield f"{where}.__func__", part.__func__
    yield from _attributes(part, where)


def _items(part: Any, where: str) -> Iterator[Part]:
    if isinstance(part, Mapping):
        for key, value in part.items():
            place = f"{where}[{_shown(key)}]"
            yield place, key
            yield place, value
    elif isinstance(part, list | tuple | set | frozenset):
        for index, value in enumerate(part):
            yield f"{where}[{index}]", value
    elif isinstance(part, np.ndarray) and part.dtype.hasobject:
        for index, value in enumerate(part.ravel().tolist()):
            yield f"{where}[{index}]", value


def _attributes(part: Any, where: str) -> Iterator[Part]:
    if isinstance(part, np.ndarray):  # a mapped one has its file
        return
    for name, value in (getattr(part, "__dict__", None) or {}).items():
        yield f"{where}.{name}".lstrip("."), value
    for cls in type(part).__mro__:
        slots = cls.__dict__.get("__slots__", ())
        for name in (slots,) if isinstance(slots, str) else slots:
            if isinstance(name, str) and hasattr(part, name):
                yield f"{where}.{name}".lstrip("."), getattr(part, name)
    metric = getattr(part, "dist_metric", None)  # of a tree in Cython
    if metric is not None:
        yield f"{where}.dist_metric", metric


def classes(part: object) -> tuple[str, ...]:
    """Return the names of a part's class and of all that it extends."""
    return tuple(f"{cls.__module__}.{cls.__qualname__}" for cls in type(part).__mro__)


def _shown(key: object) -> str:
    return repr(key)[:SHOWN_KEY] if isinstance(key, PLAIN) else f"<{type(key).__name__}>"
