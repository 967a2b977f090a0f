"""The benchmark of workers, for a few seconds: its outcome, not its times."""

from pathlib import Path

import pytest

from benchmarks.workers import beside, cost, hostile
from workers import zygotes


def test_hostile_models_harm_no_honest_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "none")
    monkeypatch.syspath_prepend(hostile.UNGUARDED)
    zygotes.shared().close()  # so that a new one inherits the path
    found = beside.Beside(tmp_path, 14).run(8.0)
    assert found["honest_asked"] > 100
    assert found["honest_failed"] == 0
    assert found["answers_changed"] == 0
    assert found["inputs_seen"] == 0
    told = " ".join(found["others"])
    assert "crasher: MODEL_CRASHED" in told
    assert "hanger: MODEL_TIMED_OUT" in told
    assert "spy: answered" in told


def test_both_ways_are_measured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cost, "SIZES", {1: 5})
    found = cost.measure(tmp_path, 1)
    assert found["nearest neighbours, 1 rows"]["worker"] > 0
