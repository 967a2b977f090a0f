"""Reads from the source which operations of AWS a function calls, beginning at its handler.

A whole module counts once it is imported. Of the handler's own module, only the functions count
that the entry point reaches.
"""

import ast
import functools
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import botocore.session
from botocore import xform_name

from tests.stacks.deployment import ROOT

LAMBDAS = ROOT / "lambdas"


@dataclass
class Code:
    """The code that a handler reaches.

    Attributes:
        services: the services that have a client.
        calls: pairs of a receiver's name and a method.
        modules: the modules that are read.
    """

    services: set[str] = field(default_factory=set)
    calls: set[tuple[str, str]] = field(default_factory=set)
    modules: set[str] = field(default_factory=set)

    def operations(self) -> set[tuple[str, str]]:
        """Returns service and method of each call of a client.

        A client must bear the name of its service.
        """
        found = set()
        for service in self.services:
            known = _methods(service)
            for receiver, method in self.calls:
                if method in known:
                    # The client of `sagemaker-runtime` is called `runtime`.
                    client = service.rpartition("-")[2]
                    assert receiver.strip("_") == client, f"{receiver}.{method}: what is it?"
                    found.add((service, method))
        return found


def reached(handler: str) -> Code:
    """Reads everything that `package.module.function` reaches."""
    module, _, entry = handler.rpartition(".")
    body = _body(module)
    functions = {node.name: node for node in body if isinstance(node, ast.FunctionDef)}
    names = _called(entry, functions)
    code = Code(modules={module})
    for node in body:
        if not isinstance(node, ast.FunctionDef) or node.name in names:
            _read(node, code)
    return code


def _called(entry: str, functions: dict[str, ast.FunctionDef]) -> set[str]:
    found: set[str] = set()
    waiting = [entry]
    while waiting:
        name = waiting.pop()
        if name in functions and name not in found:
            found.add(name)
            waiting += [n.id for n in ast.walk(functions[name]) if isinstance(n, ast.Name)]
    return found


def _read(node: ast.AST, code: Code) -> None:
    for inner in ast.walk(node):
        if isinstance(inner, ast.Call):
            _note(inner, code)
        for name in _imported(inner):
            if _path(name).exists() and name not in code.modules:
                code.modules.add(name)
                for statement in _body(name):
                    _read(statement, code)


def _note(call: ast.Call, code: Code) -> None:
    if not isinstance(call.func, ast.Attribute):
        return
    receiver, method = ast.unparse(call.func.value).rpartition(".")[2], call.func.attr
    argument = call.args[0].value if call.args and isinstance(call.args[0], ast.Constant) else None
    if (receiver, method) == ("boto3", "client"):
        assert isinstance(argument, str), "a client of a service that isn't spelt out"
        code.services.add(argument)
    elif method in ("get_paginator", "get_waiter"):
        code.calls.add((receiver, str(argument)))
    else:
        code.calls.add((receiver, method))


def _imported(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        yield str(node.module)
        yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _body(module: str) -> list[ast.stmt]:
    """Returns a module's statements without those for type checkers alone."""
    body = ast.parse(_path(module).read_text("utf-8")).body
    return [n for n in body if not (isinstance(n, ast.If) and "TYPE_CHECKING" in ast.dump(n.test))]


def _path(module: str) -> Path:
    return (LAMBDAS / module.replace(".", "/")).with_suffix(".py")


@functools.cache
def _methods(service: str) -> set[str]:
    model = botocore.session.get_session().get_service_model(service)
    return {xform_name(operation) for operation in model.operation_names}
