"""Finds the attributes of a class in its source: what its methods and its bases' set on `self`."""

import ast
import dataclasses
import inspect
import re
import textwrap
from collections.abc import Iterator
from functools import cache
from typing import Any

# Python's own names, and what serves fitting or drawing alone.
NO_STATE = re.compile(r"__.*__$|_HTML|_skl_callbacks|_callback|_parameter_constraints|_doc_link")


def assigned(cls: type) -> set[str]:
    """Return the names that a class or its bases assign on `self`, and parameters of `__init__`."""
    names: set[str] = set()
    for base in cls.__mro__[:-1]:
        names |= _assigned_in(base)
    return {name for name in names if not NO_STATE.match(name)}


@cache
def _assigned_in(cls: type) -> frozenset[str]:
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(cls)))
    except (OSError, TypeError, SyntaxError):  # compiled code has none
        return frozenset()
    names = set()
    if dataclasses.is_dataclass(cls):
        names |= {field.name for field in dataclasses.fields(cls)}
    for node in ast.walk(tree):
        is_init = isinstance(node, ast.FunctionDef) and node.name == "__init__"
        if isinstance(node, ast.FunctionDef) and is_init and hasattr(cls, "get_params"):
            given = node.args
            every = [*given.posonlyargs, *given.args, *given.kwonlyargs]
            names |= {each.arg for each in every if each.arg != "self"}
        names |= set(_targets(node))
    # Name mangling: self.__x in class C is _C__x.
    return frozenset(
        f"_{cls.__name__.lstrip('_')}{name}" if _is_private(name) else name for name in names
    )


def _is_private(name: str) -> bool:
    return name.startswith("__") and not name.endswith("__")


def _targets(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Attribute(value=ast.Name(id="self"), attr=name, ctx=ast.Store()):
            yield name
        case ast.Call(func=ast.Name(id="setattr"), args=[ast.Name(id="self"), constant, *_]):
            if isinstance(constant, ast.Constant):
                yield str(constant.value)


def shadows(cls: type, name: str) -> bool:
    """Whether an instance's attribute of this name would stand before code of the class."""
    found: Any = inspect.getattr_static(cls, name, None)
    if inspect.ismemberdescriptor(found) or inspect.isgetsetdescriptor(found):
        return False  # a slot, which holds data
    return callable(found) or hasattr(type(found), "__get__")
