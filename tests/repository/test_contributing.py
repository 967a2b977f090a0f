"""What contributors are told to run is there."""

import re
import shlex
import subprocess
from pathlib import Path

import pytest

PAGES = ("CONTRIBUTING.md", ".github/PULL_REQUEST_TEMPLATE.md", "README.md", "docs/upgrading.md")
INLINE = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
BLOCK = re.compile(r"^```\w*\n(.*?)^```", re.MULTILINE | re.DOTALL)
TARGET = re.compile(r"^([a-z]+):", re.MULTILINE)
MAKE = re.compile(r"\bmake ([a-z]+)")
TOOL = re.compile(r"\.venv/bin/(\S+)")


def code(path: Path) -> list[str]:
    """Return the lines of a page that are code."""
    text = path.read_text("utf-8")
    blocks = "".join(BLOCK.findall(text)).splitlines()
    return [*blocks, *INLINE.findall(BLOCK.sub("", text))]


@pytest.fixture
def commands(root: Path) -> list[str]:
    return code(root / "CONTRIBUTING.md")


@pytest.mark.parametrize("page", PAGES)
def test_make_has_each_target_that_is_named(root: Path, page: str) -> None:
    targets = set(TARGET.findall((root / "Makefile").read_text("utf-8")))
    named = {target for line in code(root / page) for target in MAKE.findall(line)}
    assert named
    assert named - targets == set()


def test_each_file_that_is_named_exists(root: Path, commands: list[str]) -> None:
    folders = {path.name for path in root.iterdir() if path.is_dir()} - {".venv"}
    named = [
        word
        for line in commands
        for word in shlex.split(line)
        if "/" in word and word.split("/")[0] in folders
    ]
    assert "tests/modelmount/test_version.py" in named
    assert [name for name in named if not (root / name).exists()] == []


def test_each_search_finds_something(root: Path, commands: list[str]) -> None:
    searches = [line for line in commands if line.startswith("git grep")]
    assert len(searches) > 3
    for search in searches:
        done = subprocess.run(shlex.split(search), cwd=root, capture_output=True, check=False)
        assert done.returncode == 0, search


def test_hooks_are_this_projects_own_tools(root: Path) -> None:
    text = (root / ".pre-commit-config.yaml").read_text("utf-8")
    assert set(re.findall(r"- repo: (\S+)", text)) == {"local"}
    tools = set(TOOL.findall(text))
    assert tools
    assert (
        tools - set(re.findall(r"\$\(BIN\)/(\S+)", (root / "Makefile").read_text("utf-8"))) == set()
    )
