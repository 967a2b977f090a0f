"""A model of each kind, prepared in the image and served by it."""

import io
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import joblib
import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from tests.image.emulator import Running, Stopwatch
from tests.image.uploads import Uploads, request
from tests.lambdas.deployment import dumped
from tests.lambdas.modelmount_compiler.boosted import X as WITH_GAPS
from tests.lambdas.modelmount_compiler.boosted import files, instances
from tests.lambdas.modelmount_compiler.graphs import product

IRIS, SPECIES = load_iris(return_X_y=True)
UNCOMPILED = {"PYTHONPYCACHEPREFIX": "/nowhere", "PYTHONDONTWRITEBYTECODE": "1"}


@dataclass(frozen=True)
class Upload:
    """A file, what its model is asked, and what its own library answers to that.

    Attributes:
        compiled: whether the preparer may compile it; else its own library serves it.
    """

    key: str
    data: bytes
    asked: list[Any]
    expected: list[Any]
    compiled: bool = False

    @property
    def model(self) -> str:
        return self.key.partition("/")[0]

    @property
    def request(self) -> dict[str, Any]:
        body = {"model": self.model, "instances": self.asked}
        return request("POST", "/inference", body)


def _uploads() -> Iterator[Upload]:
    pipeline = make_pipeline(StandardScaler(), LogisticRegression()).fit(IRIS, SPECIES)
    data, rows = dumped(pipeline), IRIS[::40]
    expected = pipeline.predict(rows).tolist()
    for name in ("sklearn", "sklearn-compiled"):
        yield Upload(f"{name}/1/m.joblib", data, rows.tolist(), expected, "compiled" in name)
    for name, file in (
        ("xgboost", "model.ubj"),
        ("catboost", "model.cbm"),
        ("lightgbm", "model.txt"),
        ("lightgbm-compiled", "model.txt"),
    ):
        data, original = files()[file]
        expected = np.ravel(original.predict(WITH_GAPS[:5])).tolist()
        asked = instances(WITH_GAPS[:5])
        yield Upload(f"{name}/1/{file}", data, asked, expected, "compiled" in name)
    yield Upload("onnx/1/model.onnx", product([[1.0], [1.0]]), [[1, 2], [3, 4]], [3.0, 7.0])


UPLOADS = {upload.model: upload for upload in _uploads()}


@pytest.fixture(scope="module")
def published(uploads: Uploads) -> dict[str, Any]:
    outcomes: dict[str, Any] = {}
    for compiled in (False, True):
        with uploads.preparer(compile_seconds=120 if compiled else 0) as preparer:
            for upload in UPLOADS.values():
                if upload.compiled is compiled:
                    outcome = uploads.publish(preparer, upload.key, upload.data)
                    outcomes[upload.model] = outcome
    return outcomes


@pytest.fixture(scope="module")
def inference(uploads: Uploads, published: dict[str, Any]) -> Iterator[Running]:
    with uploads.inference() as running:
        yield running


@pytest.mark.parametrize("model", list(UPLOADS))
def test_each_kind_is_prepared_and_answers(
    published: dict[str, Any], inference: Running, model: str
) -> None:
    assert published[model]["result"] == "activated", published[model]
    answer = inference.invoke(UPLOADS[model].request)
    assert answer["statusCode"] == 200, answer
    assert json.loads(answer["body"])["predictions"] == UPLOADS[model].expected


@pytest.mark.parametrize("model", list(UPLOADS))
def test_what_was_prepared_in_the_image_says_so(inference: Running, model: str) -> None:
    shown = json.loads(inference.invoke(request("GET", f"/models/{model}"))["body"])
    (version,) = shown["versions"]
    assert version["packages"]["python"].startswith("3.13.")
    compiled = bool(version["compilation"] and version["compilation"]["file"])
    assert compiled == UPLOADS[model].compiled


def test_a_cold_start_ends_with_an_answer(
    uploads: Uploads, published: dict[str, Any], measured: Callable[[str], None]
) -> None:
    """Beside it, for comparison, one that has to compile every module that it imports."""
    for title, model, variables in (
        ("a compiled model", "sklearn-compiled", {}),
        ("the same in scikit-learn", "sklearn", {}),
        ("a compiled model, modules not byte-compiled", "sklearn-compiled", UNCOMPILED),
    ):
        seconds = _cold_start(uploads, UPLOADS[model], variables)
        measured(f"cold start to the answer of {title}: {seconds:.2f} s")


def _cold_start(uploads: Uploads, upload: Upload, variables: dict[str, str]) -> float:
    with uploads.inference(**variables) as running:
        running.listening()
        with Stopwatch() as watch:
            assert running.invoke(upload.request)["statusCode"] == 200
    return watch.seconds


def test_a_file_that_unfolds_beyond_the_memory_is_refused_and_the_next_is_not(
    uploads: Uploads, measured: Callable[[str], None]
) -> None:
    model = LinearRegression().fit(IRIS, SPECIES)
    model.coef_ = np.zeros(150_000_000)
    buffer = io.BytesIO()
    joblib.dump(model, buffer, compress=("zlib", 1))
    with uploads.preparer(compile_seconds=0, memory_mb=1024) as preparer:
        outcome = uploads.publish(preparer, "huge/1/m.joblib", buffer.getvalue())
        assert outcome
        assert outcome["result"] == "rejected"
        assert "memory" in outcome["reason"]
        again = UPLOADS["sklearn"]
        outcome = uploads.publish(preparer, "sklearn/2/m.joblib", again.data)
        assert outcome
        assert outcome["result"] == "activated"
    megabytes = len(buffer.getvalue()) / 1e6
    measured(f"{megabytes:.1f} MB that unfold to 1,200 MB, in a preparer of 1,024 MB: refused")
