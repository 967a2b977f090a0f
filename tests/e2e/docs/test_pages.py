"""Every code block of README and docs runs as it is written, on a local system."""

import json
import os
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.e2e.docs import answers, blocks
from tests.e2e.docs.sessions import Bash, Python, Session

PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
WITH_BLOCKS = [str(page.relative_to(ROOT)) for page in PAGES if blocks.read(page)]

# Pages whose Python another test runs, in an environment of its own.
PYTHON_RUN_BY = {"docs/compiler/README.md": "tests/packaging/test_compiler_wheel.py"}

# What can't run here at all: the page, the line, and why.
NOT_RUN = {
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
        "docs/compiler/add-a-converter.md",
        ".venv/bin/mypy lambdas/modelmount_compiler",
    ): "make lint checks all types; this takes a minute",
}


class Page:
    """Runs a page's blocks in order, and counts them."""

    def __init__(self, name: str, folder: Path, scratch: Path, variables: dict[str, str]) -> None:
        self._name = name
        self._folder = folder
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        self._environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "CDK_", "PYTHON"))},
            **variables,
            "PATH": path,
            "HOME": str(folder.parent),
            "DOCS_CDK": str(scratch / "cdk"),
            "DOCS_ERROR_IS_SHOWN": str(scratch / "error"),
            "NO_PROXY": "127.0.0.1,localhost",
        }
        self._scratch = scratch
        self._sessions: dict[str, Session] = {}
        self._printed = ""
        self.counts: Counter[str] = Counter()

    def run(self, block: blocks.Block, after: blocks.Block | None) -> None:
        """Run a block, or read it.

        Args:
            after: the page's next block.

        Raises:
            AssertionError: it failed, or an answer isn't what the page shows.
        """
        assert block.language in blocks.LANGUAGES, f"a block is one of {blocks.LANGUAGES}"
        if block.title:
            (self._folder / block.title).write_text(block.text, "utf-8")
            self.counts["files written"] += 1
        if block.shows:
            assert block.text in (self._folder / block.shows).read_text("utf-8"), block.shows
            self.counts["compared with the repository"] += 1
        elif block.language == "python" and self._name in PYTHON_RUN_BY:
            self.counts["run by another test"] += 1
        elif block.language in blocks.RUN:
            self._allow_errors(after)
            self._printed = "".join(self._run(block.language, c) for c in blocks.chunks(block.text))
            self.counts["run"] += 1
        elif block.language == "json":
            self._read(block)
        else:
            self.counts["not code"] += 1

    def _allow_errors(self, after: blocks.Block | None) -> None:
        """Let requests fail in a block after which the page shows an error."""
        shown = after is not None and after.follows and '"error"' in after.text
        mark = self._scratch / "error"
        mark.touch() if shown else mark.unlink(missing_ok=True)

    def _run(self, language: str, chunk: blocks.Chunk) -> str:
        if language not in self._sessions:
            kind = {"sh": Bash, "python": Python}[language]
            environment = dict(self._environment)
            if language == "python":
                environment["PYTHONPATH"] = str(self._folder / "lambdas")
            self._sessions[language] = kind(self._folder, self._scratch, environment)
        lines = [self._replaced(line) for line in chunk.code.splitlines()]
        printed = self._sessions[language].run("\n".join(lines) + "\n")
        if chunk.said is not None:
            answers.compare_text(chunk.said, printed)
            self.counts["answers compared"] += 1
        return printed

    def _replaced(self, line: str) -> str:
        if (self._name, line) not in NOT_RUN:
            return line
        self.counts["lines not run"] += 1
        return ":"

    def _read(self, block: blocks.Block) -> None:
        json.loads(block.text)
        if block.follows:
            answers.compare_json(block.text, self._printed)
            self.counts["answers compared"] += 1
        else:
            self.counts["parsed"] += 1

    def settings(self) -> list[dict[str, str]]:
        """Return the settings of each deployment that the page speaks of."""
        noted = self._scratch / "cdk"
        lines = noted.read_text("utf-8").splitlines() if noted.exists() else []
        return [found for line in lines if (found := _settings(json.loads(line))) is not None]

    def close(self) -> None:
        for session in self._sessions.values():
            session.close()


def _settings(arguments: list[str]) -> dict[str, str] | None:
    """Return the settings of a call of cdk; None for `bootstrap`, which takes none."""
    verb, *rest = arguments
    assert verb in ("bootstrap", "deploy", "diff"), arguments
    if verb == "bootstrap":
        assert rest == []
        return None
    rest = [each for each in rest if each != "--all"]
    assert rest[::2] == ["-c"] * (len(rest) // 2), arguments
    return dict(each.split("=", 1) for each in rest[1::2])


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
    page = Page(name, folder, scratch, variables)
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
