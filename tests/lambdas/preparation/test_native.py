"""Each library's own files, from upload to answer, and what becomes of bad ones."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xgboost

from preparation.compile import attempt
from serving.formats.file_names import FORMATS
from serving.records.verdicts import Rejected
from tests.lambdas.deployment import Deployment, dumped
from tests.lambdas.modelmount_compiler.boosted import BINARY, XGB, X, files, instances
from tests.lambdas.modelmount_compiler.graphs import product

pytestmark = pytest.mark.slow

FILES = files()
ROWS = instances(X[:5])


def answer(deployment: Deployment, model: str, rows: list[Any], method: str) -> Any:
    body = {"model": model, "instances": rows, "parameters": {"method": method}}
    response = deployment.call("POST", "/inference", json.dumps(body).encode())
    assert response.status == 200, response.body
    return json.loads(response.body)["predictions"]


def packages(deployment: Deployment, model: str) -> dict[str, str]:
    shown = json.loads(deployment.call("GET", f"/models/{model}").body)
    found: dict[str, str] = shown["versions"][0]["packages"]
    return found


@pytest.mark.parametrize(
    ("name", "package"),
    [
        ("model.ubj", "xgboost-cpu"),
        ("model.txt", "lightgbm"),
        ("model.cbm", "catboost"),
    ],
)
def test_a_file_is_uploaded_and_answers_whoever_is_trusted(
    deployment: Deployment, name: str, package: str
) -> None:
    deployment.preparer._trusted_formats = ()  # none of them carries code
    data, original = FILES[name]
    deployment.upload(f"boosted/1/{name}", data)
    assert (
        answer(deployment, "boosted", ROWS, "predict") == original.predict(X[:5]).ravel().tolist()
    )
    found = answer(deployment, "boosted", ROWS, "predict_proba")
    np.testing.assert_allclose(found, original.predict_proba(X[:5]), rtol=1e-6)
    assert package in packages(deployment, "boosted")


def test_an_onnx_file_is_uploaded_and_answers(deployment: Deployment) -> None:
    deployment.upload("sum.onnx", product([[1.0], [1.0]]))
    assert answer(deployment, "sum", [[1, 2], [3, 4]], "predict") == [3.0, 7.0]
    assert "onnxruntime" in packages(deployment, "sum")


def test_a_pickled_estimator_answers_and_its_library_is_told(deployment: Deployment) -> None:
    model = xgboost.XGBClassifier(**XGB).fit(X, BINARY)
    deployment.upload("boosted.joblib", dumped(model))
    assert answer(deployment, "boosted", ROWS, "predict") == model.predict(X[:5]).tolist()
    assert {"xgboost-cpu", "scikit-learn"} <= packages(deployment, "boosted").keys()
    assert "catboost" not in packages(deployment, "boosted")


@pytest.mark.parametrize(
    ("key", "data"),
    [
        ("m.ubj", b"{L" + bytes(7) + b"\x07learner{}" + bytes(64)),
        ("m.json", b'{"learner": '),
        ("m.json", b'{"a": 1}'),
        ("m.txt", b"These are my notes.\n"),
        ("m.txt", b"tree\nversion=v4\n\nend of trees\n"),
        ("m.cbm", b"CBM1" + bytes(100)),
        ("m.cbm", b"MBC1"),
        ("m.onnx", b"\x08\x08\x3a\x00"),
        ("m.onnx", b"no protobuf"),
    ],
)
def test_content_that_is_no_model_is_rejected_with_the_reason(
    deployment: Deployment, key: str, data: bytes
) -> None:
    verdict = deployment.judge(deployment.put(key, data))
    assert isinstance(verdict, Rejected)
    assert verdict.code in ("CORRUPT_FILE", "LOAD_FAILED", "UNSUPPORTED_SIGNATURE")
    assert len(verdict.reason) > 30


@pytest.mark.parametrize("name", ["model.ubj", "model.txt", "model.cbm"])
def test_a_file_compiles_and_passes_the_gate(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(FILES[name][0])
    compilation = attempt(path, FORMATS[path.suffix], tmp_path / "compiled", 20.0, [])
    assert compilation.file == "compiled", compilation.reason
    assert [proof.reason for proof in compilation.methods if proof.reason] == []
