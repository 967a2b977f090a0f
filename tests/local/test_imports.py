"""Imports inside `local` go one way: no circle, and the order of its docstring."""

from collections.abc import Mapping
from graphlib import TopologicalSorter
from pathlib import Path

import local
from tests import import_graph

FOLDER = Path(local.__file__).parent


def _graph() -> dict[str, set[str]]:
    modules = import_graph.read(FOLDER.parent, "local")
    return {name: set(module.imports) for name, module in modules.items()}


def _between_children(graph: Mapping[str, set[str]], package: str) -> dict[str, set[str]]:
    """Merges each child of a package with all that is below it."""
    depth = package.count(".") + 2
    merged: dict[str, set[str]] = {}
    for name, imported in graph.items():
        if name.startswith(f"{package}."):
            child = ".".join(name.split(".")[:depth])
            inside = {i for i in imported if i.startswith(f"{package}.")}
            found = {".".join(i.split(".")[:depth]) for i in inside} - {child}
            merged.setdefault(child, set()).update(found)
    return merged


def test_no_circle_joins_packages() -> None:
    """Circles of modules are a matter of tests/test_architecture.py."""
    graph = _graph()
    packages = [m for m in import_graph.read(FOLDER.parent, "local").values() if m.is_package]
    assert packages
    for package in packages:
        TopologicalSorter(_between_children(graph, package.name)).prepare()


def test_imports_follow_the_order_of_the_docstring() -> None:
    rows = [line.split() for line in str(local.__doc__).splitlines() if line.startswith("    ")]
    level = {f"local.{name}": number for number, row in enumerate(rows) for name in row}
    graph = _between_children(_graph(), "local")
    assert set(level) == set(graph)
    for name, imported in graph.items():
        for other in imported:
            assert level[other] < level[name], f"{name} imports {other}"
