"""A dedicated function answers for its model alone, whatever the path it is asked on."""

import importlib
import json
from pathlib import Path
from typing import Any

import pytest

from inference.one_model import OneModelHandler
from inference.settings import DedicatedSettings
from tests.lambdas import zoo
from tests.lambdas.deployment import classifier

ROWS = [[1, 1], [0, 0]]
TENSOR = {"name": "x", "shape": [2, 2], "datatype": "FP64", "data": [1, 1, 0, 0]}


@pytest.fixture
def handler(tmp_path: Path) -> OneModelHandler:
    for model in ("fraud", "iris"):
        zoo.publish(tmp_path, model, "1", classifier())
    models = tmp_path / "models"
    return OneModelHandler(
        DedicatedSettings(models, ("*",), ("fraud",), 0.0, "INFO", 2048, model="fraud")
    )


def event(method: str, path: str, body: Any = None) -> Any:
    return {
        "httpMethod": method,
        "path": path,
        "headers": None,
        "body": None if body is None else json.dumps(body),
        "isBase64Encoded": False,
    }


def ask(handler: OneModelHandler, method: str, path: str, body: Any = None) -> tuple[int, Any]:
    reply = handler(event(method, path, body), None)
    return reply["statusCode"], json.loads(reply["body"])


@pytest.mark.parametrize(
    ("path", "body", "answer"),
    [
        ("/inference/fraud", {"model": "fraud", "instances": ROWS}, {"predictions": [1, 0]}),
        ("/v1/models/fraud:predict", {"instances": ROWS}, {"predictions": [1, 0]}),
        ("/v1/models/fraud/versions/1:predict", {"instances": ROWS}, {"predictions": [1, 0]}),
        ("/v2/models/fraud/infer", {"inputs": [TENSOR]}, {"model_name": "fraud"}),
        ("/v2/models/fraud/versions/1/infer", {"inputs": [TENSOR]}, {"model_version": "1"}),
    ],
)
def test_its_model_answers_on_every_path(
    handler: OneModelHandler, path: str, body: Any, answer: dict[str, Any]
) -> None:
    status, told = ask(handler, "POST", path, body)
    assert status == 200, told
    assert answer.items() <= told.items()


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/inference/fraud", {"model": "iris", "instances": ROWS}),
        ("POST", "/v1/models/iris:predict", {"instances": ROWS}),
        ("POST", "/v2/models/iris/infer", {"inputs": [TENSOR]}),
        ("POST", "/v2/repository/models/iris/load", None),
        ("GET", "/models/iris", None),
        ("GET", "/v2/models/nobody", None),
    ],
)
def test_any_other_is_not_found_and_told_where_to_ask(
    handler: OneModelHandler, method: str, path: str, body: Any
) -> None:
    status, told = ask(handler, method, path, body)
    assert status == 404
    assert "This is the function of 'fraud' alone" in json.dumps(told)
    assert "POST /inference" in json.dumps(told)


def test_a_version_that_is_not_there_is_told_as_elsewhere(handler: OneModelHandler) -> None:
    status, told = ask(handler, "GET", "/v2/models/fraud/versions/9")
    text = "$.version: Model 'fraud' has no version '9'. It has: 1."
    assert (status, told) == (404, {"error": text})


def test_it_lists_its_model_alone(handler: OneModelHandler) -> None:
    assert ask(handler, "GET", "/v1/models") == (200, {"models": ["fraud"]})


def test_its_model_is_in_memory_before_the_first_request(handler: OneModelHandler) -> None:
    body = {"model": "fraud", "instances": ROWS}
    reply = handler(event("POST", "/inference/fraud", body), None)
    assert reply["headers"]["server-timing"].startswith("cache;desc=hit")


def test_the_entry_point_starts_before_there_is_a_model(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name, value in {
        "MODEL_DIR": str(tmp_path),
        "MODEL": "fraud",
        "ALLOWED_ORIGINS": "*",
        "PRELOAD": "fraud",
        "REFRESH_SECONDS": "1",
        "LOG_LEVEL": "WARNING",
        "PREDICT_SECONDS": "20",
        "FALL_BACK": "off",
        "CAPTURE_PERCENT": "0",
        "CAPTURE_REDACT": "[]",
        "CAPTURE_MAX_BYTES": "4096",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "1024",
    }.items():
        monkeypatch.setenv(name, value)
    entry_point = importlib.import_module("inference.dedicated")

    status, told = ask(entry_point.handler, "GET", "/v2/models/fraud")
    assert status == 404
    assert "There is no model 'fraud'" in told["error"]


def test_its_own_path_names_the_model_of_every_medium(handler: OneModelHandler) -> None:
    sent = event("POST", "/inference/fraud") | {
        "body": "1,1\n",
        "headers": {"Content-Type": "text/csv"},
    }
    sent["queryStringParameters"] = {"method": "predict_proba"}
    reply = handler(sent, None)
    assert reply["statusCode"] == 200, reply["body"]
    assert len(json.loads(reply["body"])["predictions"][0]) == 2
