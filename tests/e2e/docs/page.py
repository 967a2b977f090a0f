"""Runs the code blocks of a page."""

import json
import os
import sys
from collections import Counter
from collections.abc import Collection, Mapping
from pathlib import Path

from tests.e2e.docs import answers, blocks
from tests.e2e.docs.sessions import Bash, Python, Session


class Page:
    """Runs a page's blocks in order, and counts them.

    Args:
        folder: where they run, a copy of the repository.
        scratch: an empty folder.
        not_run: lines that are left out.
        runs_python: whether `python` blocks are run.
    """

    def __init__(
        self,
        folder: Path,
        scratch: Path,
        variables: Mapping[str, str],
        not_run: Collection[str],
        *,
        runs_python: bool,
    ) -> None:
        self._folder = folder
        self._not_run = not_run
        self._runs_python = runs_python
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
        self._endpoints: list[str] = []
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
        elif block.language == "python" and not self._runs_python:
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
        if line not in self._not_run:
            return line
        self.counts["lines not run"] += 1
        return ":"

    def _read(self, block: blocks.Block) -> None:
        content = json.loads(block.text)
        if block.follows:
            answers.compare_json(block.text, self._printed)
            self.counts["answers compared"] += 1
        elif not block.title:
            self.counts["parsed"] += 1
            if list(content) == ["endpoints"]:
                self._endpoints.append(block.text)

    def settings(self) -> list[dict[str, str]]:
        """Return the settings of each deployment that the page speaks of."""
        noted = self._scratch / "cdk"
        lines = noted.read_text("utf-8").splitlines() if noted.exists() else []
        deployed = [found for each in lines if (found := _settings(json.loads(each))) is not None]
        return [*deployed, *({"sagemaker": text} for text in self._endpoints)]

    def close(self) -> None:
        for session in self._sessions.values():
            session.close()


def _settings(arguments: list[str]) -> dict[str, str] | None:
    """Return the settings of a call of cdk; None for `bootstrap` and `destroy`, which take none."""
    verb, *rest = arguments
    assert verb in ("bootstrap", "deploy", "destroy", "diff"), arguments
    if verb == "destroy":
        assert len(rest) == 1, arguments  # the stack
        return None
    if verb == "bootstrap":
        assert rest == []
        return None
    rest = [each for each in rest if each != "--all"]
    assert rest[::2] == ["-c"] * (len(rest) // 2), arguments
    return dict(each.split("=", 1) for each in rest[1::2])
