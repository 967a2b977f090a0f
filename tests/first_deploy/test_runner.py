"""The order of a run: what is asked, what isn't reached, and what happens in any case."""

from pathlib import Path
from typing import Any

import pytest

from first_deploy.check import Check
from first_deploy.checks import ALL
from first_deploy.journal import Journal
from first_deploy.report import report
from first_deploy.result import Differs, Result
from first_deploy.runner import Runner
from first_deploy.stage import Stage


class Deployment:
    """One that is only destroyed."""

    stage = "first-x"

    def __init__(self, left: list[str] | Exception, *, is_local: bool = False) -> None:
        self.is_local = is_local
        self._left = left

    def destroy(self) -> list[str]:
        if isinstance(self._left, Exception):
            raise self._left
        return self._left


def checked(number: int, answer: Any, needs: tuple[int, ...] = (), aws_alone: str = "") -> Check:
    def ask(_: Stage) -> str:
        if isinstance(answer, BaseException):
            raise answer
        return str(answer)

    return Check(number, f"check {number}", "yes", ("ADR 1",), ask, needs, aws_alone)


def run(
    folder: Path, *checks: Check, left: list[str] | Exception | None = None, is_local: bool = False
) -> tuple[dict[int, tuple[str, str]], list[str], Journal]:
    journal = Journal.open(folder, None)
    deployment: Any = Deployment(left or [], is_local=is_local)
    told: list[str] = []
    runner = Runner(Stage(deployment, journal), checks, told.append)
    try:
        runner.run()
    finally:
        runner.destroy()
    return {n: (r.outcome, r.answer) for n, r in journal.results.items()}, told, journal


def test_outcomes(tmp_path: Path) -> None:
    found, told, _ = run(
        tmp_path,
        checked(1, "yes"),
        checked(2, Differs("no")),
        checked(3, ValueError("broken")),
        checked(4, "yes", needs=(1, 2)),
        checked(5, "yes", needs=(1,)),
    )
    assert found == {
        1: ("as expected", "yes"),
        2: ("differs", "no"),
        3: ("failed", "ValueError: broken"),
        4: ("not reached", "check 2 is not as expected"),
        5: ("as expected", "yes"),
        30: ("as expected", "nothing"),
    }
    assert any(line.startswith("[2] check 2") for line in told)


def test_a_local_run_says_why_it_leaves_out(tmp_path: Path) -> None:
    check = checked(1, ValueError("asked"), aws_alone="there is no IAM")
    found, _, _ = run(tmp_path, check, is_local=True)
    assert found[1] == ("left out", "there is no IAM")


def test_what_is_left_is_told_and_kept_in_mind(tmp_path: Path) -> None:
    found, _, journal = run(tmp_path, checked(1, "yes"), left=["stack Modelmount-first-x-Storage"])
    assert found[30] == ("differs", "stack Modelmount-first-x-Storage")
    assert Journal.open(tmp_path, None).stage == journal.stage


def test_a_destroy_that_fails_is_told(tmp_path: Path) -> None:
    found, _, _ = run(tmp_path, left=RuntimeError("no network"))
    assert found[30] == ("failed", "RuntimeError: no network")


def test_an_interrupted_run_is_destroyed(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        run(tmp_path, checked(1, KeyboardInterrupt()))
    assert not list(tmp_path.glob("*.json"))


def test_a_run_that_goes_on_asks_again_what_was_not_as_expected(tmp_path: Path) -> None:
    journal = Journal.open(tmp_path, None)
    journal.record(Result(1, "as expected", "yes"))
    journal.record(Result(2, "differs", "no"))
    found, told, _ = run(tmp_path, checked(1, ValueError("asked twice")), checked(2, "yes"))
    assert found[1] == found[2] == ("as expected", "yes")
    assert "[1] check 1: as expected, before" in told


def test_a_run_whose_stage_was_destroyed_begins_anew(tmp_path: Path) -> None:
    run(tmp_path, checked(1, "yes"), left=["a bucket"])
    found, _, _ = run(tmp_path, checked(1, "again"))
    assert found == {1: ("as expected", "again"), 30: ("as expected", "nothing")}


def test_the_report_says_what_was_expected_of_what_differs(tmp_path: Path) -> None:
    _, _, journal = run(tmp_path, checked(4, Differs("503 | down\nagain")))
    text = report("here", "0.1", "$1", ALL, journal.results, is_local=False)
    assert (
        "| 4 | Inference may be asked before the first upload | differs | 503 \\| down again |"
        in text
    )
    assert "- 4: 200 and no model" in text
    assert "| 9 | Three uploads are published | not reached |" in text
    assert "| 34 | The bill is what the price list says | by hand |" in text
    assert "What a local run doesn't show" not in text
