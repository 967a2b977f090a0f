"""A slow model's requests are put together, and each gets the answer it would get alone."""

import threading
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, scale

from benchmarks.cache import models as compiled
from container import query_batcher
from container.query_batcher import QueryBatcher
from modelmount_compiler.independence import Independence
from modelmount_compiler.instances import outputs
from serving.errors import SignatureMismatch
from serving.repository.model_reader import ModelReader
from serving.service.query import Query
from serving.service.service import Service
from tests.lambdas import zoo
from tests.lambdas.container.test_micro_batcher import wait_for
from workers.worker_model import WorkerModel


class Gate:
    """Holds up a model's answers, and counts the rows of each call."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.rows: list[int] = []
        self.is_asked, self.opened = threading.Event(), threading.Event()
        answer = WorkerModel.answer

        def held(model: WorkerModel, batch: Any, method: Any) -> Any:
            self.rows.append(len(batch))
            self.is_asked.set()
            assert self.opened.wait(30)
            return answer(model, batch, method)

        monkeypatch.setattr(WorkerModel, "answer", held)


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Gate:
    return Gate(monkeypatch)


@pytest.fixture
def batcher(tmp_path: Path) -> QueryBatcher:
    for name in ("classifier", "several"):
        zoo.publish(tmp_path, name, "1", zoo.estimators()[name])
    models = ModelReader(tmp_path / "models")
    service = Service(models, budget_bytes=2**30, refresh_seconds=0)
    return QueryBatcher(service.ask, most=8, delay_seconds=0)


def ask(batcher: QueryBatcher, row: list[float], model: str = "classifier") -> Any:
    query = Query(model, None, [row], "predict_proba")
    return outputs.rows(batcher.ask(query).result)


def asked_at_once(batcher: QueryBatcher, gate: Gate, rows: list[Any], model: str) -> list[Any]:
    """Ask the first row alone, and the others while it is being answered."""
    gate.is_asked.clear()
    gate.opened.clear()
    (micro_batcher,) = batcher._batchers.values()
    with ThreadPoolExecutor(len(rows)) as threads:
        futures: list[Future[Any]] = [threads.submit(ask, batcher, rows[0], model)]
        assert gate.is_asked.wait(30)
        for number, row in enumerate(rows[1:], 1):
            futures.append(threads.submit(ask, batcher, row, model))
            wait_for(micro_batcher, number)
        gate.opened.set()
        return [future.exception() or future.result() for future in futures]


def slow(batcher: QueryBatcher, gate: Gate, model: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the model taken for a slow one, which its first answers make it."""
    monkeypatch.setattr(query_batcher, "SLOW_MS", 0.0)
    gate.opened.set()
    for _ in range(2):  # the second one is asked as all that follow
        ask(batcher, [0.0, 0.0], model)
    gate.rows.clear()


def numbers(answers: Any) -> list[float]:
    """Flatten lists of lists."""
    if not isinstance(answers, list):
        return [answers]
    return [number for part in answers for number in numbers(part)]


@pytest.mark.parametrize("model", ["classifier", "several"])
def test_answers_are_those_to_each_alone(
    batcher: QueryBatcher, gate: Gate, monkeypatch: pytest.MonkeyPatch, model: str
) -> None:
    slow(batcher, gate, model, monkeypatch)
    rows = [[float(i), i / 3] for i in range(5)]
    together = asked_at_once(batcher, gate, rows, model)
    assert gate.rows == [1, 4]
    monkeypatch.setattr(query_batcher, "SLOW_MS", 1e9)
    alone = [ask(batcher, row, model) for row in rows]
    assert np.allclose(numbers(together), numbers(alone), rtol=1e-12)


def test_one_wrong_request_is_refused_alone(
    batcher: QueryBatcher, gate: Gate, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow(batcher, gate, "classifier", monkeypatch)
    rows: list[Any] = [[0, 0], [1, 1], ["x", 1], [1, 0]]
    answers = asked_at_once(batcher, gate, rows, "classifier")
    assert [isinstance(answer, SignatureMismatch) for answer in answers] == [0, 0, 1, 0]
    assert str(answers[2]).startswith("instances[0]")


@pytest.mark.parametrize(
    "independence", [None, Independence("dependent", 9, "…"), Independence("unknown", 0, "…")]
)
def test_rows_of_strangers_are_joined_only_where_they_are_independent(
    batcher: QueryBatcher,
    gate: Gate,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    independence: Independence | None,
) -> None:
    scaled = make_pipeline(FunctionTransformer(scale), zoo.estimators()["classifier"])
    zoo.publish(tmp_path, "scaled", "1", scaled.fit(zoo.X, zoo.Y), independence)
    slow(batcher, gate, "scaled", monkeypatch)
    assert not batcher._batchers
    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(lambda i: ask(batcher, [i, i / 3], "scaled"), range(12)))
    assert gate.rows == [1] * 12
    assert all(answer == answers[0] for answer in answers)  # a row alone is scaled to zeros


def test_a_model_that_takes_anothers_name_is_asked_one_by_one(
    batcher: QueryBatcher, gate: Gate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow(batcher, gate, "classifier", monkeypatch)
    scaled = make_pipeline(FunctionTransformer(scale), zoo.estimators()["classifier"])
    zoo.publish(tmp_path, "classifier", "2", scaled.fit(zoo.X, zoo.Y), None)
    rows = [[float(i), i / 3] for i in range(4)]
    answers = asked_at_once(batcher, gate, rows, "classifier")
    assert gate.rows == [1, 3, 1, 1, 1]
    assert all(answer == answers[0] for answer in answers)


def test_a_quick_model_is_asked_at_once(batcher: QueryBatcher, tmp_path: Path) -> None:
    compiled.publish(tmp_path, "quick", 1, 1000, 1.0, 8)
    assert not batcher.is_quick("quick")  # nobody knows yet
    for _ in range(50):
        batcher.ask(Query("quick", None, [compiled.ROW[:8]]))
        if batcher.is_quick("quick"):
            break
    else:
        pytest.fail("an answer of a small model takes longer than a millisecond each time")
    batcher.forget("quick")
    assert not batcher.is_quick("quick")


def test_a_worker_is_never_quick(batcher: QueryBatcher, monkeypatch: pytest.MonkeyPatch) -> None:
    """The event loop asks what is quick, and a worker may hang."""
    monkeypatch.setattr(query_batcher, "SLOW_MS", 1e9)
    ask(batcher, [1.0, 1.0])
    assert not batcher.is_quick("classifier")
