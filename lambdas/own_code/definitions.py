"""Which module of the code beside a model defines a name; the code is read and not run."""

import ast
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from own_code.code_folder import WHEEL

MOST_FILES = 2000
MOST_BYTES = 4 * 1024 * 1024
PYTHON = ".py"


@dataclass(frozen=True, slots=True)
class Definition:
    """A name that a module defines at its top.

    Attributes:
        module: as it is imported.
        text: the definition's structure, by which copies are told from namesakes.
    """

    module: str
    text: str


class Definitions:
    """The names that modules define, by name."""

    def __init__(self, places: tuple[Path, ...]) -> None:
        self._by_name: dict[str, list[Definition]] = {}
        self.modules: dict[str, None] = {}
        for module, source in _sources(places):
            self.modules[module] = None
            for name, text in _defined(source):
                self._by_name.setdefault(name, []).append(Definition(module, text))

    def of(self, name: str) -> list[Definition]:
        """Return the modules that define a name; copies of one definition count once."""
        return list({found.text: found for found in reversed(self._by_name.get(name, []))}.values())

    @property
    def roots(self) -> set[str]:
        """The modules and packages that can be imported without a dot."""
        return {module.partition(".")[0] for module in self.modules}


def _sources(places: tuple[Path, ...]) -> Iterator[tuple[str, bytes]]:
    """Yield the name and the text of each module."""
    count = 0
    seen: set[str] = set()
    for place in places:
        for path, source in _of_wheel(place) if place.suffix == WHEEL else _of_folder(place):
            module = _module(path)
            if module and module not in seen:
                seen.add(module)
                yield module, source
                count += 1
            if count >= MOST_FILES:
                return


def _of_folder(folder: Path) -> Iterator[tuple[PurePosixPath, bytes]]:
    for path in sorted(folder.rglob(f"*{PYTHON}")):
        if path.is_file() and path.stat().st_size <= MOST_BYTES:
            yield PurePosixPath(path.relative_to(folder).as_posix()), path.read_bytes()


def _of_wheel(path: Path) -> Iterator[tuple[PurePosixPath, bytes]]:
    try:
        with zipfile.ZipFile(path) as wheel:
            for info in wheel.infolist():
                if info.filename.endswith(PYTHON) and info.file_size <= MOST_BYTES:
                    yield PurePosixPath(info.filename), wheel.read(info)
    except (zipfile.BadZipFile, OSError):
        return


def _module(path: PurePosixPath) -> str | None:
    parts = path.with_suffix("").parts
    parts = parts[:-1] if parts[-1] == "__init__" else parts
    return ".".join(parts) if parts and all(part.isidentifier() for part in parts) else None


def _defined(source: bytes) -> Iterator[tuple[str, str]]:
    """Yield what a module defines at its top, inside of `if` and `try` too."""
    try:
        waiting: list[ast.stmt] = list(ast.parse(source).body)
    except (SyntaxError, ValueError, RecursionError):
        return
    while waiting:
        statement = waiting.pop(0)
        match statement:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                yield statement.name, ast.dump(statement)
            case ast.Assign():
                for target in statement.targets:
                    for name in ast.walk(target):
                        if isinstance(name, ast.Name):
                            yield name.id, ast.dump(statement)
            case ast.AnnAssign(target=ast.Name(id=name)):
                yield name, ast.dump(statement)
            case ast.If() | ast.Try() | ast.With():
                waiting += statement.body
                waiting += getattr(statement, "orelse", [])
                waiting += [s for h in getattr(statement, "handlers", []) for s in h.body]
