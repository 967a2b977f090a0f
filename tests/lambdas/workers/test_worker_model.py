"""What a model in a worker does to its callers: crashes, hangs, takes memory, comes back."""

import os
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.multioutput import MultiOutputClassifier
from sklearn.neighbors import KNeighborsClassifier

from benchmarks.cache import models
from benchmarks.workers import hostile
from serving.errors import (
    AnswerTooLarge,
    ModelCrashed,
    ModelOutOfMemory,
    ModelPutAside,
    ModelTimedOut,
    ModelUnavailable,
    SignatureMismatch,
)
from serving.repository.model_reader import ModelReader
from serving.service.query import Query
from serving.service.service import Service
from tests.lambdas.workers.conftest import Ask, asker, service_of
from workers import breaker
from workers.bounds import MIB, Bounds
from workers.worker_model import ModelFault, WorkerModel

ROW = [1.0, 1.0]


def pid_of(ask: Ask) -> int:
    return int(ask("hostile", "os.getpid()")[0])


def is_there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.parametrize(
    ("code", "how"),
    [
        ("os.kill(os.getpid(), signal.SIGSEGV)", "SIGSEGV"),
        ("os.abort()", "SIGABRT"),
        ("os._exit(7)", "exit code 7"),
        ("sys.exit(3)", "exit code 1"),
        ("os.close(3)", "crashed|ended"),
    ],
)
def test_a_worker_that_ends_is_told_and_started_again(ask: Ask, code: str, how: str) -> None:
    before = pid_of(ask)
    with pytest.raises(ModelCrashed, match=how):
        ask("hostile", code)
    assert pid_of(ask) != before
    assert not is_there(before)


def test_a_worker_that_ended_while_nobody_asked_is_not_noticed(ask: Ask) -> None:
    """As when it was frozen, or when the kernel needed its memory."""
    before = pid_of(ask)
    os.kill(before, 9)
    time.sleep(0.1)
    assert pid_of(ask) != before


def test_a_hang_ends_at_its_time_out_and_no_other_model_waits(root: Path) -> None:
    ask = asker(service_of(root, Bounds(seconds=2, load_seconds=60)))
    hanging = pid_of(ask)
    assert ask("honest", ROW) == [1]
    errors: list[BaseException] = []

    def hang() -> None:
        with pytest.raises(ModelUnavailable) as error:
            ask("hostile", "[1 for _ in iter(int, 1)]")
        errors.append(error.value)

    callers = [threading.Thread(target=hang) for _ in range(4)]
    begun = time.monotonic()
    for caller in callers:
        caller.start()
    assert ask("honest", ROW) == [1]
    assert time.monotonic() - begun < 2, "it waited for the one that hangs"
    for caller in callers:
        caller.join()
    assert time.monotonic() - begun < 8
    assert any(isinstance(error, ModelTimedOut) for error in errors)
    assert "didn't answer within 2 s" in str(next(e for e in errors if type(e) is ModelTimedOut))
    assert not is_there(hanging)


def test_a_worker_that_ignores_signals_is_ended_too(root: Path) -> None:
    ask = asker(service_of(root, Bounds(seconds=1, load_seconds=60)))
    hanging = pid_of(ask)
    ask("hostile", "[signal.signal(n, signal.SIG_IGN) for n in (2, 15)]")
    with pytest.raises(ModelTimedOut):
        ask("hostile", "time.sleep(60)")
    assert not is_there(hanging)


def test_memory_beyond_the_bound_is_refused_and_freed(ask: Ask) -> None:
    before = pid_of(ask)
    with pytest.raises(ModelOutOfMemory, match="took more memory than its process may"):
        ask("hostile", "np.ones(2**27)")
    assert pid_of(ask) != before
    assert ask("hostile", "np.ones(2**20).sum()") == ["1048576.0"]


def test_a_worker_that_takes_what_the_process_has_left_is_ended(root: Path) -> None:
    bounds = Bounds(seconds=20, memory_bytes=2**40, process_bytes=900 * MIB)
    ask = asker(service_of(root, bounds))
    ask("honest", ROW)
    with pytest.raises(ModelOutOfMemory, match="all memory that this deployment has left"):
        ask("hostile", "(np.ones(2**27), time.sleep(20))")
    assert ask("honest", ROW) == [1]


def test_a_worker_that_grows_is_started_again(
    ask: Ask, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("workers.worker_model.CHECK_SECONDS", 0.0)
    before = pid_of(ask)
    assert ask("hostile", "globals().setdefault('leak', np.ones(2**24)).size") == ["16777216"]
    assert "had grown" in caplog.text
    assert pid_of(ask) != before


def test_errors_of_the_models_code_are_no_refusals(ask: Ask) -> None:
    with pytest.raises(ModelFault, match="ZeroDivisionError"):
        ask("hostile", "1 / 0")
    assert ask("hostile", "'on'") == ["on"]


def test_refusals_have_the_text_and_the_field_of_the_model(ask: Ask, service: Service) -> None:
    with pytest.raises(SignatureMismatch) as wrong:
        ask("honest", [1.0, "x"])
    assert wrong.value.field == "$.instances[0][1]"
    with pytest.raises(SignatureMismatch, match="no transform"):
        service.ask(Query("honest", None, [ROW], "transform"))


def test_an_answer_that_cannot_be_carried_is_not_carried(ask: Ask) -> None:
    with pytest.raises(AnswerTooLarge, match="send fewer instances"):
        ask("hostile", "np.ones((1, 2**21))")


def test_other_forms_of_answers(ask: Ask, root: Path, service: Service) -> None:
    assert ask("hostile", "'Åbo'", "'x' * 9") == ["Åbo", "xxxxxxxxx"]
    assert ask("hostile", "np.array([[1, None, 'é', float('inf')]], object)") == [
        [1, None, "é", float("inf")]
    ]
    labels = np.array([[0, 1, 0, 1], [0, 1, 5, 6]]).T
    rows = np.array([[0.0, 0.0], [1.0, 1.0], [0.0, 0.1], [1.0, 0.9]])
    several = MultiOutputClassifier(KNeighborsClassifier(1)).fit(rows, labels)
    models.publish_original(root, "several", several)
    answer = service.ask(Query("several", None, [[0.0, 0.0]], "predict_proba")).result
    assert [part.tolist() for part in answer] == [[[1.0, 0.0]], [[1.0, 0.0, 0.0, 0.0]]]


def test_a_large_batch(ask: Ask) -> None:
    assert sum(ask("honest", *[ROW] * 200_000)) == 200_000


@pytest.mark.parametrize(
    "sent",
    [
        "b'junk' * 9",
        "b'\\xff' * 12",
        "__import__('struct').pack('<IQ', 9, 0) + b'{\"a\": 1}}'",
        "__import__('struct').pack('<IQ', 4, 0) + b'null'",
    ],
)
def test_what_is_no_answer_ends_the_worker(ask: Ask, sent: str) -> None:
    before = pid_of(ask)
    code = f"(os.write(3, {sent}), time.sleep(9))"
    with pytest.raises(ModelCrashed):
        ask("hostile", code)
    assert pid_of(ask) != before


def test_what_a_worker_says_unasked_is_not_the_next_answer(ask: Ask) -> None:
    later = "threading.Timer(0.2, os.write, (3, b'x' * 99)).start()"
    before = pid_of(ask)
    ask("hostile", later)
    time.sleep(0.5)
    assert pid_of(ask) != before


def test_repeated_failures_put_the_version_aside_and_others_go_on(
    ask: Ask, service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    for _ in range(breaker.FAILURES):
        with pytest.raises(ModelCrashed):
            ask("hostile", "os.abort()")
    with pytest.raises(ModelPutAside, match=r"SIGABRT.*again and again.*tried again in") as aside:
        ask("hostile", "1")
    assert 1 <= aside.value.retry_seconds <= breaker.FIRST_PAUSE_SECONDS
    assert 'MODEL_PUT_ASIDE {"model": "hostile", "version": "1", "reason": "It crash' in caplog.text
    (told,) = service.describe("hostile")["versions"]
    assert told["put_aside"]["reason"] == "It crashed (SIGABRT)."
    assert 1 <= told["put_aside"]["seconds"] <= breaker.FIRST_PAUSE_SECONDS
    assert "put_aside" not in service.describe("honest")["versions"][0]
    assert ask("honest", ROW) == [1]
    assert service.is_put_aside("hostile")
    assert not service.is_put_aside("honest")


@pytest.mark.parametrize("falls_back", [True, False])
def test_the_version_before_takes_over_where_the_setting_says_so(
    root: Path, falls_back: bool
) -> None:
    hostile.numbers(root, "m", version=1)
    hostile.publish(root, "m", "import os; os.abort()", version=2)
    service = service_of(root, Bounds(), falls_back=falls_back)
    query = Query("m", None, [ROW])
    for _ in range(breaker.FAILURES):
        with pytest.raises(ModelCrashed):
            service.ask(query)
    if falls_back:
        assert service.ask(query).manifest.version == "1"
    with pytest.raises(ModelPutAside):
        service.ask(Query("m", "2" if falls_back else None, [ROW]))


def test_a_worker_ends_when_its_model_is_dropped(ask: Ask, service: Service) -> None:
    pid = pid_of(ask)
    service.unload("hostile")
    assert not is_there(pid)
    assert pid_of(ask) != pid


def test_a_worker_ends_when_its_version_is_evicted(root: Path) -> None:
    for number in range(3):
        hostile.numbers(root, f"m{number}")
    service = Service(ModelReader(root / "models"), budget_bytes=40 * MIB, refresh_seconds=0)
    ask = asker(service)
    pid = pid_of(ask)
    for number in range(3):
        ask(f"m{number}", ROW)
    assert not is_there(pid)
    assert service._cache.used_bytes <= 40 * MIB


def test_too_many_callers_of_one_worker_are_sent_away(
    ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workers.worker_model.MAX_CALLERS", 1)
    errors: list[Any] = []

    def wait() -> None:
        try:
            ask("hostile", "time.sleep(1)")
        except ModelUnavailable as error:
            errors.append(error)

    callers = [threading.Thread(target=wait) for _ in range(3)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert len(errors) == 2
    assert "answers other requests" in str(errors[0])


def test_the_time_of_loading_counts_for_the_first_answer(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hostile.publish(root, "slow", "import time; time.sleep(2)\n" + hostile.CODE)
    ask = asker(service_of(root, Bounds(seconds=4)))
    begun = time.monotonic()
    with pytest.raises(ModelUnavailable):
        ask("slow", "time.sleep(9)")
    assert time.monotonic() - begun < 6


def test_a_model_that_hangs_while_it_loads_is_given_up(root: Path) -> None:
    hostile.publish(root, "endless", "while True: pass")
    ask = asker(service_of(root, Bounds(seconds=2)))
    ask("honest", ROW)
    with pytest.raises(ModelTimedOut):
        ask("endless", "1")


def test_the_memory_of_a_worker_is_near_what_the_kernel_counts(ask: Ask, service: Service) -> None:
    pid = pid_of(ask)
    text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    private = sum(
        int(line.split()[1]) * 1024 for line in text.splitlines() if line.startswith("Private_")
    )
    (entry,) = service._cache._entries.select(lambda _: True).values()
    assert isinstance(entry.value, WorkerModel)
    assert private / 2 < entry.size < 4 * private
