"""The child that compiles: whatever happens to it becomes a record, not an error."""

import json
import time
from pathlib import Path
from typing import Any

import joblib
import pytest
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from modelmount_compiler.compilation import Compilation
from modelmount_compiler.verify import compile_verified
from preparation import compile as compiling
from preparation.sandbox import run_child
from serving.records import codec

pytestmark = pytest.mark.slow

X, SPECIES = load_iris(return_X_y=True)
LARGE = 8 * 2**30


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "model.joblib"
    joblib.dump(make_pipeline(StandardScaler(), LogisticRegression()).fit(X, SPECIES), path)
    return path


def in_child(model: Path, *examples: Path) -> Compilation:
    target = model.with_name("compiled")
    arguments = ["preparation.compile", str(target), "60", "-", str(model), "joblib"]
    found = run_child(
        [*arguments, *map(str, examples)],
        seconds=120,
        memory_bytes=LARGE,
        readable=[model, *examples],
        writable=[model.parent],
    )
    return codec.decode(Compilation, json.loads(found)["compilation"])


def attempt(model: Path, seconds: float = 60.0) -> Compilation:
    return compiling.attempt(model, "joblib", model.with_name("compiled"), seconds, [])


def test_a_child_compiles(model: Path, tmp_path: Path) -> None:
    listing = tmp_path / "model.json"
    example = {"instances": X[:3].tolist(), "predictions": [0, 0, 0]}
    listing.write_text(json.dumps({"files": {"model.joblib": "0" * 64}, "examples": [example]}))
    found = in_child(model, listing)
    assert (found.file, found.reason) == ("compiled", None)
    assert found.original_bytes == model.stat().st_size
    assert found.compiled_bytes == model.with_name("compiled").stat().st_size
    assert found.original_load_ms > 0
    assert found.seconds_allowed == 60


def failing(error: BaseException) -> Any:
    def compile_to(*_: object, **__: object) -> Compilation:
        raise error

    return compile_to


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (MemoryError(), "memory_mb"),
        (RecursionError("too deep"), "compiling failed: RecursionError: too deep"),
        (KeyError("coef_"), "compiling failed: KeyError: 'coef_'"),
    ],
)
def test_a_failing_converter_is_a_reason(
    model: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException, reason: str
) -> None:
    monkeypatch.setattr(compile_verified, "compile_to", failing(error))
    found = attempt(model)
    assert found.file is None
    assert reason in str(found.reason)


def test_the_time_is_up(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def endless(*_: object) -> None:
        while True:
            try:
                time.sleep(60)
            except Exception as error:  # a library that swallows what it doesn't know
                print(error)

    monkeypatch.setattr(compile_verified, "compile_model", endless)
    found = attempt(model, seconds=2.0)
    assert found.reason == "compiling took longer than 2 s"
    assert 1.6 <= found.seconds < 60
    assert not model.with_name("compiled").exists()
