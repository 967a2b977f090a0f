"""That the benchmarks of serving run: every part once, on the smallest model."""

from pathlib import Path
from typing import Any

import pytest

from benchmarks.serving import __main__ as benchmark
from benchmarks.serving import coverage, latency, models


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(models, "ALL", (models.pipeline,))
    monkeypatch.setattr(latency, "SECONDS", 0.001)


def test_the_warm_handler_is_compared_with_predict(tmp_path: Path) -> None:
    found = benchmark.warm(1, tmp_path)
    assert {name.split(", ", 1)[1] for name in found} == {
        f"{method}, {rows} rows" for method in benchmark.METHODS for rows in (1, 100)
    }
    assert all(figures["handler"] > 0 and figures["compiled"] > 0 for figures in found.values())


def test_both_handlers_start_and_answer(tmp_path: Path) -> None:
    (found,) = benchmark.cold(1, tmp_path).values()
    assert found["naive_ms"] > 0
    assert found["ours_ms"] > 0


def test_a_model_goes_through_the_gate(tmp_path: Path) -> None:
    case = next(case for case in coverage.cases() if case.name == "LogisticRegression")
    row: Any = coverage.judge(case, tmp_path, 60)
    assert row.compiled
    assert "LogisticRegression" in coverage.page([row], 60)
