"""What is pinned is what is asked for, each file by its hash."""

from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tests.docker.locked import DOCKER, SAGEMAKER, lines, locked

ASKED = sorted(DOCKER.rglob("*.in"))


def test_each_file_is_found() -> None:
    assert len(ASKED) == 8


@pytest.mark.parametrize("asked", ASKED, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_all_that_is_asked_for_is_pinned_by_hash(asked: Path) -> None:
    pinned = {package.name: package for package in locked(asked.with_suffix(".txt"))}
    assert all(package.hashes for package in pinned.values())
    for line in lines(asked):
        wanted = Requirement(line)
        assert f"=={pinned[wanted.name].version}" == str(wanted.specifier)


def test_each_package_is_in_one_file() -> None:
    seen: dict[str, str] = {}
    for file in SAGEMAKER:
        for package in locked(DOCKER / file):
            assert seen.setdefault(package.name, file) == file


def test_the_kernel_is_built_by_what_it_asks_for() -> None:
    kernel = (DOCKER.parent / "kernel" / "pyproject.toml").read_text("utf-8")
    asked, _ = lines(DOCKER / "requirements-build.in")
    assert f'requires = ["{asked}"]' in kernel
