"""Imports inside `local` go one way: no circle, and the order of its docstring."""

import ast
from collections.abc import Iterator, Mapping
from graphlib import TopologicalSorter
from pathlib import Path

import local

FOLDER = Path(local.__file__).parent


def _modules() -> dict[str, Path]:
    modules = {}
    for path in FOLDER.rglob("*.py"):
        parts = path.relative_to(FOLDER.parent).with_suffix("").parts
        modules[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return modules


def _imported(path: Path, modules: Mapping[str, Path]) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        for name in names:
            found = name if name in modules else name.rpartition(".")[0]
            if found in modules:
                yield found


def _graph() -> dict[str, set[str]]:
    modules = _modules()
    return {name: set(_imported(path, modules)) - {name} for name, path in modules.items()}


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


def test_no_circle_joins_modules_or_packages() -> None:
    graph = _graph()
    TopologicalSorter(graph).prepare()
    for name, path in _modules().items():
        if path.name == "__init__.py":
            TopologicalSorter(_between_children(graph, name)).prepare()


def test_imports_follow_the_order_of_the_docstring() -> None:
    rows = [line.split() for line in str(local.__doc__).splitlines() if line.startswith("    ")]
    level = {f"local.{name}": number for number, row in enumerate(rows) for name in row}
    graph = _between_children(_graph(), "local")
    assert set(level) == set(graph)
    for name, imported in graph.items():
        for other in imported:
            assert level[other] < level[name], f"{name} imports {other}"
