"""A run that was cut off goes on with its own stage, and with no other."""

import json
from pathlib import Path

import pytest

from first_deploy.journal import Journal, JournalError
from first_deploy.result import Result


def test_a_new_run_has_a_stage_of_its_own(tmp_path: Path) -> None:
    first, second = (Journal.open(tmp_path / name, None) for name in "ab")
    assert first.stage.startswith("first-")
    assert first.stage != second.stage
    assert not list(tmp_path.iterdir())  # nothing is begun before it is agreed to


def test_a_run_goes_on(tmp_path: Path) -> None:
    begun = Journal.open(tmp_path, "first-mine")
    begun.note("lambda:first-mine-probe-write")
    begun.note("lambda:first-mine-probe-write")
    begun.record(Result(2, "as expected", "deployed", 300.0))
    found = Journal.open(tmp_path, None)
    assert found == begun
    assert found.made == ["lambda:first-mine-probe-write"]
    found.close()
    assert Journal.open(tmp_path, None).stage != "first-mine"


@pytest.mark.parametrize("stage", ["prod", "dev", "my-first-"])
def test_a_stage_of_others_is_refused(tmp_path: Path, stage: str) -> None:
    with pytest.raises(JournalError, match="begins with 'first-'"):
        Journal.open(tmp_path, stage)


def test_another_run_has_to_be_finished_first(tmp_path: Path) -> None:
    Journal.open(tmp_path, "first-one").keep()
    with pytest.raises(JournalError, match="--destroy"):
        Journal.open(tmp_path, "first-two")


@pytest.mark.parametrize("text", ["{", "[]", json.dumps({"stage": "first-x", "run": "1"})])
def test_a_journal_that_cannot_be_read_is_not_passed_over(tmp_path: Path, text: str) -> None:
    (tmp_path / "journal.json").write_text(text)
    with pytest.raises(JournalError, match="destroy by hand"):
        Journal.open(tmp_path, None)
