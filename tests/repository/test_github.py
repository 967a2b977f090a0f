"""Workflows and issue forms are valid, and workflows run pinned actions and known targets."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

GITHUB = Path(__file__).parents[2] / ".github"
WORKFLOWS = sorted((GITHUB / "workflows").iterdir())
FORMS = sorted((GITHUB / "ISSUE_TEMPLATE").iterdir())
USES = re.compile(r"uses: (\S+?)@(\S+)(.*)")
VERSION = re.compile(r" # v\d+\.\d+\.\d+")


def schema(path: Path) -> str:
    """Return the name of the schema that GitHub holds a file against."""
    if path.parent.name == "workflows":
        return "vendor.github-workflows"
    kind = "config" if path.name == "config.yml" else "forms"
    return f"vendor.github-issue-{kind}"


@pytest.mark.parametrize("path", [*WORKFLOWS, *FORMS], ids=lambda path: path.name)
def test_each_file_is_valid(path: Path) -> None:
    tool = str(Path(sys.executable).with_name("check-jsonschema"))
    command = [tool, "--builtin-schema", schema(path), str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_the_forms_are_for_bugs_refused_models_and_features() -> None:
    names = ["bug.yml", "config.yml", "feature.yml", "model-refused.yml"]
    assert [path.name for path in FORMS] == names


def test_each_action_is_pinned_by_one_commit() -> None:
    pins: dict[str, set[str]] = {}
    for path in WORKFLOWS:
        for action, commit, comment in USES.findall(path.read_text("utf-8")):
            assert re.fullmatch(r"[0-9a-f]{40}", commit), f"{path.name}: {action}"
            assert VERSION.fullmatch(comment), f"{path.name}: {action}"
            pins.setdefault(action, set()).add(commit)
    assert pins
    assert all(len(commits) == 1 for commits in pins.values())


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_each_workflow_may_only_read(path: Path) -> None:
    text = path.read_text("utf-8")
    assert re.search(r"^permissions:\n  contents: read\n(?! )", text, re.MULTILINE)
    assert text.count("permissions:") == 1


def test_pushes_and_pull_requests_are_checked_by_targets_of_make(root: Path) -> None:
    text = (GITHUB / "workflows" / "checks.yml").read_text("utf-8")
    (listed,) = re.findall(r"target: \[(.+)\]", text)
    targets = set(re.findall(r"^([a-z]+):", (root / "Makefile").read_text("utf-8"), re.MULTILINE))
    assert set(listed.split(", ")) == {"lint", "unit", "synth"}
    assert set(listed.split(", ")) - targets == set()
