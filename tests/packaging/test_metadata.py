"""What the packages say of themselves is so."""

import ast
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement

PROJECTS = ("pyproject.toml", "kernel/pyproject.toml", "compiler/pyproject.toml")
LICENCE = "Apache License\n                           Version 2.0, January 2004"


def project(root: Path, name: str) -> dict[str, Any]:
    return tomllib.loads((root / name).read_text("utf-8"))


@pytest.mark.parametrize("name", PROJECTS)
def test_the_licence_is_the_one_that_the_metadata_names(root: Path, name: str) -> None:
    assert project(root, name)["project"]["license"] == "Apache-2.0"
    text = (root / name).with_name("LICENSE").read_text("utf-8")
    assert LICENCE in text
    assert text == (root / "LICENSE").read_text("utf-8")


def test_the_licence_is_whole(root: Path) -> None:
    text = (root / "LICENSE").read_text("utf-8")
    for number in range(1, 10):
        assert f"\n   {number}. " in text
    assert "END OF TERMS AND CONDITIONS" in text
    assert text.rstrip().endswith("limitations under the License.")


def test_all_packages_are_built_by_one_version_of_setuptools(root: Path) -> None:
    required = {str(project(root, name)["build-system"]["requires"]) for name in PROJECTS}
    assert len(required) == 1


def test_the_command_line_declares_the_packages_that_it_imports(root: Path) -> None:
    declared = project(root, "pyproject.toml")["project"]["dependencies"]
    imported = {
        name.split(".")[0]
        for path in (root / "modelmount").glob("*.py")
        for name in _imported(ast.parse(path.read_text("utf-8")))
    }
    others = imported - sys.stdlib_module_names - {"modelmount"}
    assert others == {Requirement(line).name for line in declared}


def _imported(node: ast.AST) -> Iterator[str]:
    """Yield the names of modules that are imported at run time."""
    if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
        return
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        yield str(node.module)
    for child in ast.iter_child_nodes(node):
        yield from _imported(child)
