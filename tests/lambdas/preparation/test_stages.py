"""Whose fault it is when a child ends: the model's own, or its compiler's."""

import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from modelmount_compiler.program.operations.trees.numpy_forest import DAMAGED
from modelmount_compiler.verify import compile_verified
from preparation import compile as compiling
from preparation import stages
from preparation.sandbox import ChildFailed, run_child
from preparation.stages import Progress, Stage
from serving.errors import UploadRejected

GIB = 2**30


def told(progress: Callable[[Progress], None]) -> Stage:
    notes: list[bytes] = []
    progress(Progress(notes.append))
    found = stages.read(notes[-1])
    assert found is not None
    return found


def test_what_a_child_notes_is_read() -> None:
    assert told(lambda progress: progress.begin("loading")).doing == "loading"

    def ask(progress: Progress) -> None:
        with progress.asking(7):
            assert progress.stage.rows == 7

    assert told(ask).doing == "compiling"


def test_what_interrupts_a_call_leaves_the_note() -> None:
    def ask(error: BaseException) -> Stage:
        progress = Progress(lambda _: None)
        with pytest.raises(type(error)), progress.asking(3):
            raise error
        return progress.stage

    assert ask(KeyboardInterrupt()).doing == "asking"
    assert ask(ValueError("no")).doing == "compiling"


@pytest.mark.parametrize("noted", [b"", b"\0\0", b"{}", b"[]", b'{"doing": 1}', b"\xff", b"null"])
def test_unreadable_notes(noted: bytes) -> None:
    assert stages.read(noted) is None


@pytest.mark.parametrize(
    ("doing", "ended_by", "code"),
    [
        ("asking", signal.SIGSEGV, "CRASHES"),
        ("asking", signal.SIGKILL, "CRASHES"),
        ("asking", signal.SIGABRT, "CRASHES"),
        ("loading", signal.SIGBUS, "CRASHES"),
        ("loading", signal.SIGKILL, None),
        ("compiling", signal.SIGSEGV, None),
        ("compiling", None, None),
        ("loading", None, None),
    ],
)
def test_who_is_at_fault(doing: Any, ended_by: int | None, code: str | None) -> None:
    stage = Stage(doing, time.monotonic() - 1000)
    if code is None:
        stages.refuse_if_at_fault(stage, ended_by, "It ended.")
        return
    with pytest.raises(UploadRejected, match="It ended") as error:
        stages.refuse_if_at_fault(stage, ended_by, "It ended.")
    assert error.value.rejection_code == code


@pytest.mark.parametrize(
    ("took", "rows", "usual", "hangs"),
    [(4, 1, 0, False), (6, 1, 0, True), (6, 1000, 0.001, False), (120, 1000, 0.001, True)],
)
def test_slow_is_no_hang(took: float, rows: int, usual: float, hangs: bool) -> None:
    assert Stage("asking", 0.0, rows, usual).hangs(took) is hangs
    assert not Stage("compiling", 0.0, rows, usual).hangs(took)


def test_a_child_leaves_its_note_with_its_parent() -> None:
    code = (
        "import os, signal; from preparation.sandbox import note; from preparation.stages import "
        "Progress; Progress(note).begin('asking', 5); os.kill(os.getpid(), signal.SIGSEGV)"
    )
    with pytest.raises(ChildFailed) as error:
        run_child(["-c", code], seconds=60, memory_bytes=GIB)
    found = stages.read(error.value.noted)
    assert found is not None
    assert (found.doing, found.rows) == ("asking", 5)
    assert error.value.exit_signal == signal.SIGSEGV


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "model.joblib"
    rows = np.random.default_rng(0).normal(size=(40, 2))
    joblib.dump(LogisticRegression().fit(rows, rows[:, 0] > 0), path)
    return path


@pytest.mark.slow
def test_an_original_that_hangs_while_it_is_compared(
    model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def hang(*_: Any, **__: Any) -> Any:
        if len(_[1]) > 1:
            time.sleep(600)
        return np.zeros(len(_[1]))

    monkeypatch.setattr(LogisticRegression, "predict", hang)
    monkeypatch.setattr(stages, "HANGS_SECONDS", 0.5)
    # On a busy machine the calls before it took long, too.
    monkeypatch.setattr(stages, "TIMES_LONGER", 0.01)
    with pytest.raises(UploadRejected) as error:
        compiling.attempt(model, "joblib", model.with_name("compiled"), 8.0, [])
    assert error.value.rejection_code == "HANGS"


@pytest.mark.slow
def test_damage_that_the_compiler_finds(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> Any:
        raise ValueError(DAMAGED)

    monkeypatch.setattr(compile_verified, "compile_to", fail)
    with pytest.raises(UploadRejected, match="is damaged"):
        compiling.attempt(model, "joblib", model.with_name("compiled"), 60.0, [])
