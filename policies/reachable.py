"""Searches what the policy lets a model reach for code that could do harm.

python -m policies.reachable        prints the table of docs/loading-policy.md

Loading calls the functions of the policy's calls, and `__setstate__` and `__del__` of its classes.
Answering calls the functions that a model may hold, and the methods of its classes.
"""

import ast
import importlib
import inspect
import textwrap
from collections.abc import Iterator
from typing import Any

from modelmount_compiler.frameworks.loading_policy import policy

FILES = {"open", "fopen", "memmap", "fromfile", "tofile", "savetxt", "loadtxt", "genfromtxt"}
RUNS = {"eval", "exec", "compile", "__import__", "import_module", "system", "popen", "Popen"}
CONNECTS = {"socket", "urlopen", "urlretrieve", "create_connection"}
CALLED = {**dict.fromkeys(FILES, "opens a file"), **dict.fromkeys(RUNS, "runs what it is given")}
CALLED |= dict.fromkeys(CONNECTS, "opens a connection")
BY_LOADING = ("__new__", "__setstate__", "__del__", "__setattr__", "__reduce__")

Finding = tuple[str, str]


def search() -> tuple[list[Finding], list[Finding]]:
    """Return what loading reaches, and what answering could reach, with what it does."""
    rules = policy.for_version()
    loading: set[Finding] = set()
    answering: set[Finding] = set()
    for name in rules.calls:
        loading |= {(name, what) for what in _harms(_found(name))}
    for name in rules.functions:
        answering |= {(name, what) for what in _harms(_found(name))}
    for name in rules.classes:
        cls = _found(name)
        if isinstance(cls, type):
            for base, method, function in _methods(cls):
                found = loading if method in BY_LOADING else answering
                found |= {(f"{base}.{method}", what) for what in _harms(function)}
    return sorted(loading), sorted(answering)


def _found(name: str) -> Any:
    module, _, attribute = name.rpartition(".")
    try:
        return getattr(importlib.import_module(module), attribute, None)
    except ImportError:
        return None  # of another version


def _methods(cls: type) -> Iterator[tuple[str, str, Any]]:
    for base in cls.__mro__:
        for name, value in vars(base).items():
            function = getattr(value, "__func__", getattr(value, "fget", value))
            if inspect.isfunction(function):
                yield f"{base.__module__}.{base.__qualname__}", name, function


def _harms(function: Any) -> Iterator[str]:
    """Yield what the source of a function does; compiled code has none."""
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(inspect.unwrap(function))))
    except (OSError, TypeError, SyntaxError):
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = node.func
            name = called.id if isinstance(called, ast.Name) else getattr(called, "attr", "")
            if name in CALLED and not _is_regular(called):
                yield CALLED[name]
            if name in ("getattr", "setattr") and _is_chosen(node):
                yield f"{name} by a name that isn't written there"


def _is_regular(called: ast.expr) -> bool:
    """Whether `compile` is of regular expressions, or `eval` a method of a model."""
    of = called.value if isinstance(called, ast.Attribute) else None
    return isinstance(of, ast.Name) and of.id in ("re", "model", "f")


def _is_chosen(call: ast.Call) -> bool:
    is_builtin = isinstance(call.func, ast.Name)
    return is_builtin and len(call.args) > 1 and not isinstance(call.args[1], ast.Constant)


def tables() -> str:
    """Return both tables in Markdown."""
    loading, answering = search()
    text = "| while loading | what it does |\n|---|---|\n" + _rows(loading)
    return f"{text}\n| while answering | what it does |\n|---|---|\n{_rows(answering)}"


def _rows(findings: list[Finding]) -> str:
    rows = [f"| {name.replace('_', chr(92) + '_')} | {what} |\n" for name, what in findings]
    return "".join(rows) or "| nothing | |\n"


if __name__ == "__main__":
    print(tables(), end="")
