"""The changelog, the version and the page of promises agree."""

import datetime
import re
import tomllib
from pathlib import Path

import pytest

from modelmount import __version__
from openapi import document

HEADING = re.compile(r"^## \[(.+?)\](?: - (.+))?$", re.MULTILINE)
SEMANTIC = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)")
KINDS = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}


@pytest.fixture
def changelog(root: Path) -> str:
    return (root / "CHANGELOG.md").read_text("utf-8")


@pytest.fixture
def promises(root: Path) -> str:
    return (root / "docs" / "versions.md").read_text("utf-8")


def test_the_newest_release_is_the_version(changelog: str) -> None:
    unreleased, newest = HEADING.findall(changelog)[:2]
    assert unreleased == ("Unreleased", "")
    assert newest[0] == __version__


def test_releases_have_semantic_versions_and_dates_in_order(changelog: str) -> None:
    releases = HEADING.findall(changelog)[1:]
    assert all(SEMANTIC.fullmatch(version) for version, _ in releases)
    found = [
        (tuple(map(int, version.split("."))), datetime.date.fromisoformat(date))
        for version, date in releases
    ]
    assert found == sorted(found, reverse=True)


def test_changes_are_of_the_kinds_of_keep_a_changelog(changelog: str) -> None:
    assert set(re.findall(r"^### (.+)$", changelog, re.MULTILINE)) <= KINDS


def test_the_page_of_promises_names_the_versions_of_the_code(root: Path, promises: str) -> None:
    (program,) = (root / "lambdas").rglob("program/file.py")
    found = re.search(r'^FORMAT = "(\d+)"$', program.read_text("utf-8"), re.MULTILINE)
    assert found is not None
    kernel = tomllib.loads((root / "kernel" / "pyproject.toml").read_text("utf-8"))["project"]
    http = document.build()["info"]["version"]
    assert f"`modelmount {__version__}`" in promises
    assert f"| `format` in the file: `{found[1]}` |" in promises
    assert f"[the OpenAPI document](api.md#the-openapi-document): `{http}` |" in promises
    assert f"`{kernel['name']}` | its own: `{kernel['version']}` |" in promises
