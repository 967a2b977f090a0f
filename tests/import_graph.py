"""Which module imports which, read from the sources: nothing is run."""

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Module:
    """A module, and the modules of the same tree that it imports anywhere, functions included."""

    name: str
    path: Path
    is_package: bool
    imports: frozenset[str] = frozenset()


def files(folder: Path) -> list[Path]:
    """List the Python files below a folder; there must be some."""
    found = sorted(folder.rglob("*.py"))
    assert found, folder
    return found


def read(base: Path, package: str | None = None) -> dict[str, Module]:
    """Read the modules below `base`, which stands on the import path, or those of one package."""
    found = {}
    for path in files(base / package if package else base):
        parts = path.relative_to(base).with_suffix("").parts
        is_package = parts[-1] == "__init__"
        name = ".".join(parts[:-1] if is_package else parts)
        found[name] = Module(name, path, is_package)
    return {
        name: replace(module, imports=frozenset(_imported(module, set(found))))
        for name, module in found.items()
        if name
    }


def relative(modules: dict[str, Module], package: str) -> dict[str, Module]:
    """Return the modules inside a package, named as seen from there."""
    prefix = f"{package}."
    return {
        name.removeprefix(prefix): replace(
            module,
            name=name.removeprefix(prefix),
            imports=frozenset(i.removeprefix(prefix) for i in module.imports if i != package),
        )
        for name, module in modules.items()
        if name != package
    }


def top_levels(path: Path) -> set[str]:
    """Return the first parts of all names that a file imports."""
    return {name.split(".")[0] for name, _ in _statements(path)}


def circles(modules: dict[str, Module]) -> list[list[str]]:
    """Return groups of modules of which each is imported, on some way, by what it imports."""
    reach = {name: _reached(name, modules) for name in modules}
    groups = {
        tuple(sorted(other for other in reach[name] if name in reach[other]))
        for name in modules
        if name in reach[name]
    }
    return [list(group) for group in sorted(groups)]


def arrows(modules: dict[str, Module], rooms: Mapping[str, str]) -> set[tuple[str, str]]:
    """Return which room imports which, without an arrow that other arrows imply.

    Args:
        rooms: the room of each module that lies in one.
    """
    direct = {
        (rooms[name], rooms[imported])
        for name, module in modules.items()
        for imported in module.imports
        if name in rooms and imported in rooms and rooms[name] != rooms[imported]
    }
    return {(a, b) for a, b in direct if not _reaches(a, b, direct - {(a, b)})}


def drawing(arrows: Iterable[tuple[str, str]]) -> str:
    """Return arrows as a Mermaid flowchart: https://mermaid.js.org/syntax/flowchart.html."""
    lines = [f"    {start} --> {end}" for start, end in sorted(arrows)]
    return "\n".join(["flowchart TD", *lines])


def joined_paths(path: Path) -> set[str]:
    """Return the strings that stand on the right of a `/`, as in `folder / "name"`."""
    return {
        node.right.value
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div)
        if isinstance(node.right, ast.Constant) and isinstance(node.right.value, str)
    }


def _reached(start: str, modules: dict[str, Module]) -> set[str]:
    found: set[str] = set()
    waiting = [*modules[start].imports]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += modules[name].imports
    return found


def _reaches(start: str, end: str, arrows: set[tuple[str, str]]) -> bool:
    seen, waiting = {start}, [start]
    while waiting:
        here = waiting.pop()
        fresh = {there for first, there in arrows if first == here} - seen
        seen |= fresh
        waiting += fresh
    return end in seen


def _imported(module: Module, known: set[str]) -> Iterator[str]:
    for name, parent in _statements(module.path):
        target = name if name in known else parent
        if target in known and target != module.name:
            yield target


def _statements(path: Path) -> Iterator[tuple[str, str]]:
    """Yield each imported name, dotted, and the module it is taken from."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from ((f"{node.module}.{alias.name}", node.module) for alias in node.names)
