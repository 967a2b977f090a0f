"""Every code block of README and docs runs as it is written, on a local system."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.e2e.docs import blocks
from tests.e2e.docs.page import Page

PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
WITH_BLOCKS = [str(page.relative_to(ROOT)) for page in PAGES if blocks.read(page)]

# Pages whose Python another test runs, in an environment of its own.
PYTHON_RUN_BY = {
    "docs/compiler/README.md": "tests/packaging/test_compiler_wheel.py",
    "docs/refused.md": "tests/lambdas/own_code/test_refused_page.py",
}

# What can't run here at all: the page, the line, and why.
NOT_RUN = {
    (
        "docs/environments.md",
        'make environments NAMES="sklearn-1.5 sklearn-1.6"',
    ): "tests/environment_builder builds some",
    ("docs/first-deploy.md", "bin/first-deploy"): "needs an account",
    ("docs/first-deploy.md", "bin/first-deploy --local"): "tests/e2e/test_first_deploy.py runs it",
    (
        "docs/adr/0030-releases-by-alias-and-the-base-image-by-digest.md",
        "docker/pin_base_image.py",
    ): "asks a registry; tests/docker has one of its own",
    (
        "docs/cognito.md",
        "SESSION=$(sign_in 'Much-longer-than-12!' | session)",
    ): "the stand-in for Cognito asks for no second factor",
    (
        "docs/cognito.md",
        'ANSWER=$(respond SOFTWARE_TOKEN_MFA ",SOFTWARE_TOKEN_MFA_CODE=$CODE")',
    ): "the stand-in for Cognito asks for no second factor",
    ("docs/upgrading.md", "git pull"): "needs a repository to pull from",
    ("docs/upgrading.md", "git checkout v0.1.0"): "needs a release",
    ("docs/upgrading.md", "python3 -m pip install ."): "tests/packaging builds and installs it",
    (
        "CONTRIBUTING.md",
        ".venv/bin/python -m pytest tests/stacks/test_snapshots.py --snapshot-update",
    ): "tests/stacks compares the snapshots; this takes a minute",
    (
        "docs/compiler/README.md",
        "pip wheel --no-deps --wheel-dir wheels ./compiler ./kernel",
    ): "tests/packaging builds them",
    (
        "docs/compiler/README.md",
        'pip install --find-links wheels "modelmount-compiler[kernel]" scikit-learn',
    ): "tests/packaging installs it",
    (
        "docs/compiler/README.md",
        "PYTHONPATH=.:lambdas .venv/bin/python -m tests.sweep --write",
    ): "tests/sweep runs a sample; all take half an hour",
    (
        "docs/compiler/add-a-converter.md",
        ".venv/bin/mypy lambdas/modelmount_compiler",
    ): "make lint checks all types; this takes a minute",
}


@pytest.mark.parametrize("name", WITH_BLOCKS)
def test_each_block_runs_as_it_is_written(
    name: str,
    folder: Path,
    tmp_path: Path,
    variables: dict[str, str],
    synthesized: Callable[[dict[str, str]], Path],
    measured: Callable[[str], None],
) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    not_run = [line for page_name, line in NOT_RUN if page_name == name]
    page = Page(folder, scratch, variables, not_run, runs_python=name not in PYTHON_RUN_BY)
    try:
        found = blocks.read(ROOT / name)
        for block, after in zip(found, [*found[1:], None], strict=True):
            try:
                page.run(block, after)
            except AssertionError as error:
                raise AssertionError(f"{name}, line {block.line}: {error}") from None
    finally:
        page.close()
    for settings in page.settings():
        synthesized(settings)
        page.counts["settings synthesized"] += 1
    measured(f"{name}: " + ", ".join(f"{n} {what}" for what, n in sorted(page.counts.items())))


def test_what_is_not_run_is_still_there() -> None:
    lines = {
        (name, line)
        for name in WITH_BLOCKS
        for block in blocks.read(ROOT / name)
        for line in block.text.splitlines()
    }
    assert NOT_RUN.keys() - lines == set()


def test_the_tests_of_other_pages_run_them() -> None:
    for name, test in PYTHON_RUN_BY.items():
        *_, folder, page = Path(name).parts
        assert f'"{folder}" / "{page}"' in (ROOT / test).read_text("utf-8")
