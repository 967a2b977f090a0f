"""The benchmark of workers, for a few seconds: its outcome, not its times."""

from pathlib import Path

import pytest

from benchmarks.workers import beside, cost, first, hostile
from environments.installed import ROOT_VARIABLE
from workers import zygotes


def test_hostile_models_harm_no_honest_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "none")
    monkeypatch.syspath_prepend(hostile.UNGUARDED)
    monkeypatch.setenv(ROOT_VARIABLE, "restored afterwards")
    zygotes.shared().close()  # so that a new one inherits the path
    found = beside.Beside(tmp_path, 14).run(8.0)
    assert found["honest_asked"] > 100
    assert found["honest_failed"] == 0
    assert found["answers_changed"] == 0
    assert found["inputs_seen"] == 0
    assert found["errors_without_a_name"] == 0
    told = " ".join(found["others"])
    assert "exiter: MODEL_CRASHED" in told
    assert "segfaulter: MODEL_CRASHED" in told
    assert "glutton: MODEL_OUT_OF_MEMORY" in told
    assert {"crasher", "exiter", "segfaulter", "hanger"} <= set(found["put_aside"])
    assert not {"first", "second", "third", "compiled", "spy"} & set(found["put_aside"])
    assert "crasher: MODEL_CRASHED" in told
    assert "hanger: MODEL_TIMED_OUT" in told
    assert "spy: answered" in told


def test_both_ways_are_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cost, "SIZES", {1: 5})
    found = cost.measure(tmp_path, 1)
    assert found["nearest neighbours, 1 rows"]["worker"] > 0


def test_environments_hold_their_libraries_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(ROOT_VARIABLE, "restored afterwards")
    monkeypatch.setattr(first, "ENVIRONMENTS", ("one", "two"))
    found = first.measure(tmp_path, 1)
    assert found["warm_ms"] < found["cold_ms"]
    # A worker that shared nothing would take as much as a parent alone does.
    assert found["mib_that_a_worker_does_not_share"] < found["mib_of_one_parent_alone"] / 2
    zygotes.shared().close()
