"""The tutorial shows the converter that is in the repository, and its commands' output."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs import code_blocks

pytestmark = pytest.mark.slow


def test_the_files_are_those_of_the_repository(root: Path) -> None:
    shown = code_blocks.files(root / "docs" / "compiler" / "add-a-converter.md")
    assert len(shown) == 3
    for name, code in shown:
        assert code in (root / name).read_text("utf-8"), name


def test_the_other_blocks_run_as_one_session(root: Path, tmp_path: Path) -> None:
    (tmp_path / "try.py").write_text(
        code_blocks.session(root / "docs" / "compiler" / "add-a-converter.md"), "utf-8"
    )
    done = subprocess.run(
        [sys.executable, tmp_path / "try.py"],
        env={"PYTHONPATH": str(root / "lambdas")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    first, second = done.stdout.split("DictionaryLearning: compiled")[1], done.stdout
    assert "transform" in first
    assert "Named: compiled" in second
