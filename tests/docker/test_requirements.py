"""What is pinned is what is asked for, each file by its hash."""

import re
from pathlib import Path

import pytest
from packaging.requirements import Requirement

LOCKED = sorted((Path(__file__).parents[2] / "docker").rglob("*.in"))


def _lines(path: Path) -> list[str]:
    text = path.read_text().replace("\\\n", " ")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def test_each_file_is_found() -> None:
    assert len(LOCKED) == 5


@pytest.mark.parametrize("asked", LOCKED, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_all_that_is_asked_for_is_pinned_by_hash(asked: Path) -> None:
    pinned = {}
    for line in _lines(asked.with_suffix(".txt")):
        requirement, *hashes = re.split(r"\s+--hash=sha256:", line)
        assert hashes, line
        found = Requirement(requirement)
        pinned[found.name] = str(found.specifier)
    for line in _lines(asked):
        wanted = Requirement(line)
        assert pinned[wanted.name] == str(wanted.specifier)


def test_the_kernel_is_built_by_what_it_asks_for() -> None:
    kernel = (Path(__file__).parents[2] / "kernel" / "pyproject.toml").read_text()
    (asked,) = _lines(Path(__file__).parents[2] / "docker" / "requirements-build.in")
    assert f'requires = ["{asked}"]' in kernel
