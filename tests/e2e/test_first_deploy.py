"""`bin/first-deploy --local`, as a person runs it who has no account yet."""

import os
import re
import subprocess
import tempfile
from pathlib import Path

import pytest

from first_deploy.checks import ALL

ROW = re.compile(r"^\| (\d+) \| [^|]+ \| ([a-z ]+) \| (.*) \|[^|]*\|$", re.M)


@pytest.fixture(scope="module")
def run(
    root: Path, assembly: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[subprocess.CompletedProcess[str], Path]:
    folder = tmp_path_factory.mktemp("first")
    done = subprocess.run(
        [
            *(str(root / "bin" / "first-deploy"), "--local", "--assembly", str(assembly)),
            *("--state", str(folder / "state"), "--report", str(folder / "report.md")),
        ],
        env={**os.environ, "TMPDIR": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    return done, folder


def test_every_check_is_asked_or_left_out_with_the_reason(
    run: tuple[subprocess.CompletedProcess[str], Path],
) -> None:
    done, folder = run
    report = (folder / "report.md").read_text("utf-8")
    found = {int(number): (outcome, answer) for number, outcome, answer in ROW.findall(report)}
    assert set(found) == {check.number for check in ALL}, done.stderr
    for check in ALL:
        outcome, answer = found[check.number]
        if check.aws_alone:
            assert (outcome, answer) == ("left out", check.aws_alone)
        elif check.by_hand:
            assert (outcome, answer) == ("by hand", check.by_hand)
        else:
            assert outcome == "as expected", (check.title, answer, done.stdout)
            assert answer
    assert done.returncode == 0


def test_the_report_says_what_a_local_run_does_not_show(
    run: tuple[subprocess.CompletedProcess[str], Path],
) -> None:
    report = (run[1] / "report.md").read_text("utf-8")
    assert all(f"- {check.number}: {check.here}" in report for check in ALL if check.here)


def test_progress_is_told_and_nothing_is_left(
    run: tuple[subprocess.CompletedProcess[str], Path],
) -> None:
    done, folder = run
    assert "[9] Three uploads are published …" in done.stdout
    assert done.stdout.splitlines()[1] == "A local run costs nothing."
    assert not (folder / "state" / "journal.json").exists()
    left = {path.name for path in folder.iterdir()} - {"state", "report.md"}
    assert not [name for name in left if name.startswith("first-deploy-")]
    assert Path(tempfile.gettempdir()) != folder
