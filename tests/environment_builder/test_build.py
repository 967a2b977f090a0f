"""Environments are built whole or not at all. One small package stands for many."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from environment_builder.build import Builder
from environment_builder.definition import Definition, read
from environment_builder.errors import BuildError, NoPython

pytestmark = pytest.mark.slow

HERE = f"3.{sys.version_info[1]}"
SIX = "six==1.17.0 --hash=sha256:4721f391ed90541fddacab5acf947aa0d3dc7d27b2e1e8eda2be8970586c3274"


@pytest.fixture
def small(tmp_path: Path) -> Definition:
    return defined(tmp_path, "small", SIX)


def defined(folder: Path, name: str, *lines: str) -> Definition:
    (folder / f"{name}.txt").write_text("\n".join((f"# python: {HERE}", *lines, "")))
    return read(name, folder)


def builder(tmp_path: Path, said: list[str]) -> Builder:
    return Builder(tmp_path / "environments", None, said.append)


def test_an_environment_has_a_record_and_a_python_that_imports(
    tmp_path: Path, small: Definition
) -> None:
    builder(tmp_path, []).build(small)
    folder = tmp_path / "environments/small"
    record = json.loads((folder / "environment.json").read_bytes())
    assert record["name"] == "small"
    assert record["packages"] == {"six": "1.17.0"}
    said = _output(folder / "bin/python", "-c", "import six, platform; print(six.__file__)")
    assert said.startswith(str(folder))
    assert _output(folder / "bin/python", "-V") == f"Python {record['python_version']}"


def test_what_is_there_is_left_and_what_changed_is_replaced(
    tmp_path: Path, small: Definition
) -> None:
    said: list[str] = []
    builder(tmp_path, said).build(small)
    builder(tmp_path, said).build(small)
    assert said[-1] == "small: is there"
    (tmp_path / "small.txt").write_text(small.path.read_text() + "# another edition\n")
    builder(tmp_path, said).build(small)
    assert "MB of its own" in said[-1]
    left = {path.name for path in (tmp_path / "environments").iterdir()}
    assert left == {".lock", "small"}


def test_a_build_that_fails_leaves_the_former_one(tmp_path: Path, small: Definition) -> None:
    builder(tmp_path, []).build(small)
    before = (tmp_path / "environments/small/environment.json").read_bytes()
    wrong = defined(tmp_path, "small", SIX[:-1] + "0")
    with pytest.raises(BuildError, match=r"(?i)hash"):
        builder(tmp_path, []).build(wrong)
    assert (tmp_path / "environments/small/environment.json").read_bytes() == before


def test_half_a_build_is_none_and_the_next_one_finishes_it(
    tmp_path: Path, small: Definition
) -> None:
    half = tmp_path / "environments/.small.new/bin"
    half.mkdir(parents=True)
    (half / "python").write_text("")
    assert builder(tmp_path, []).others("") == []
    builder(tmp_path, []).build(small)
    assert [path.name for path in builder(tmp_path, []).others("")] == ["small"]


def test_a_package_that_nobody_named_is_refused(tmp_path: Path, small: Definition) -> None:
    with pytest.raises(BuildError, match="holds what nobody named: six"):
        builder(tmp_path, []).build(replace(small, pins=("numpy==2.3.5",)))


def test_a_python_that_is_missing_is_told_with_a_line_that_installs_it(
    tmp_path: Path, small: Definition
) -> None:
    with pytest.raises(NoPython, match=r"uv python install 3\.99"):
        builder(tmp_path, []).build(replace(small, pythons=("3.99",)))


def test_byte_code_is_the_same_in_two_environments_and_tells_its_own_path(
    tmp_path: Path, small: Definition
) -> None:
    twin = defined(tmp_path, "twin", SIX, "# another")
    for definition in (small, twin):
        builder(tmp_path, []).build(definition)
    one, two = (
        next((tmp_path / "environments" / name).rglob("six.*.pyc")) for name in ("small", "twin")
    )
    assert one.samefile(two)
    code = "import six; print(six.with_metaclass.__code__.co_filename)"
    told = _output(tmp_path / "environments/twin/bin/python", "-c", code)
    assert told.startswith(str(tmp_path / "environments/twin"))


def _output(*command: str | Path) -> str:
    environment = {**os.environ, "PYTHONPATH": ""}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return done.stdout.strip()
