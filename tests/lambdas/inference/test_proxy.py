import base64
import gzip
import importlib
import json
import re
import zlib
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from benchmarks.cache import models
from inference.proxy import FOREIGN_MB, MIB, Handler, cache_budget, to_request
from inference.settings import InferenceSettings
from tests.lambdas import zoo
from tests.lambdas.deployment import Deployment, classifier, dumped


@pytest.fixture
def handler(deployment: Deployment) -> Handler:
    deployment.upload("modèle d+1/1/m.joblib", dumped(classifier()))
    settings = InferenceSettings(deployment.root / "models", ("*",), (), 0.0, "INFO", 2048)
    return Handler.from_settings(settings)


def event(body: str | None, **changes: Any) -> Any:
    return {
        "httpMethod": "POST",
        "path": "/inference",
        "headers": None,
        "body": body,
        "isBase64Encoded": False,
        **changes,
    }


def test_an_event_is_answered(handler: Handler) -> None:
    body = json.dumps({"model": "modèle d+1", "instances": [[1, 1]]})
    reply = handler(event(body), None)
    assert reply["statusCode"] == 200
    assert json.loads(reply["body"])["predictions"] == [1]
    assert reply["isBase64Encoded"] is False
    assert reply["headers"]["content-type"] == "application/json"


def test_a_recorded_event_finds_the_model_of_its_encoded_path(
    handler: Handler, load_event: Callable[[str], Any]
) -> None:
    reply = handler(load_event("api_proxy"), None)
    assert reply["statusCode"] == 200
    assert json.loads(reply["body"])["model"] == "modèle d+1"


@pytest.mark.parametrize(
    ("kind", "body"),
    [("text/csv", b"1,1\n0,0\n"), ("application/x-ndjson", b"[1, 1]\n[0, 0]\n")],
)
def test_the_url_names_the_model_and_the_method_of_other_media(
    handler: Handler, kind: str, body: bytes
) -> None:
    sent = event(
        base64.b64encode(body).decode(),
        isBase64Encoded=True,
        headers={"content-type": kind, "Accept": "text/csv"},
        queryStringParameters={"model": "modèle d+1", "method": "predict_proba"},
    )
    reply = handler(sent, None)
    assert (reply["statusCode"], reply["headers"]["content-type"]) == (200, "text/csv")
    shares = [line.split(",") for line in reply["body"].splitlines()]
    assert [float(left) < float(right) for left, right in shares] == [True, False]


def test_a_parameter_of_the_url_that_is_not_known_is_refused(handler: Handler) -> None:
    body = json.dumps({"model": "modèle d+1", "instances": [[1, 1]]})
    reply = handler(event(body, queryStringParameters={"metod": "predict_proba"}), None)
    assert (reply["statusCode"], "metod" in reply["body"]) == (400, True)


BODY = json.dumps({"model": "modèle d+1", "instances": [[0, 0], [1, 1]]}).encode()


@pytest.mark.parametrize(
    ("coding", "body", "status"),
    [
        ("gzip", BODY, 200),  # API Gateway unpacks a body and leaves the header
        ("deflate", BODY, 200),
        ("gzip", gzip.compress(BODY), 200),
        ("deflate", zlib.compress(BODY), 200),
        ("gzip", gzip.compress(BODY)[:-4], 400),
        ("br", b"x", 415),
    ],
    ids=["gzip, unpacked", "deflate, unpacked", "gzip", "deflate", "cut off", "br"],
)
def test_a_body_is_unpacked_whoever_ought_to(
    handler: Handler, coding: str, body: bytes, status: int
) -> None:
    encoded = base64.b64encode(body).decode()
    headers = {"content-encoding": coding}
    reply = handler(event(encoded, isBase64Encoded=True, headers=headers), None)
    assert reply["statusCode"] == status
    assert status != 200 or json.loads(reply["body"])["predictions"] == [0, 1]


def test_a_packed_answer_leaves_in_base64(handler: Handler) -> None:
    body = json.dumps({"model": "modèle d+1", "instances": [[0, 0]] * 2000})
    reply = handler(event(body, headers={"Accept-Encoding": "gzip"}), None)
    assert (reply["statusCode"], reply["isBase64Encoded"]) == (200, True)
    assert reply["headers"]["content-encoding"] == "gzip"
    told = json.loads(gzip.decompress(base64.b64decode(reply["body"])))
    assert told["predictions"] == [0] * 2000


def test_a_base64_body_is_decoded(handler: Handler) -> None:
    body = base64.b64encode(
        json.dumps({"model": "modèle d+1", "instances": [[0, 0]]}).encode()
    ).decode()
    reply = handler(event(body, isBase64Encoded=True), None)
    assert json.loads(reply["body"])["predictions"] == [0]


@pytest.mark.parametrize("body", [None, "", "\ud800", "not base64"])
def test_odd_bodies_are_the_callers_mistake(handler: Handler, body: str | None) -> None:
    for encoded in (False, True):
        assert handler(event(body, isBase64Encoded=encoded), None)["statusCode"] == 400


def test_tensors_go_in_and_out_in_base64(handler: Handler) -> None:
    rows = np.array([[1.0, 1.0], [0.0, 0.0]]).tobytes()
    sent = event(
        base64.b64encode(rows).decode(),
        path="/v2/models/mod%C3%A8le%20d%2B1/infer",
        headers={"INFERENCE-header-content-length": "0"},
        isBase64Encoded=True,
    )
    reply = handler(sent, None)
    assert (reply["statusCode"], reply["isBase64Encoded"]) == (200, True)
    body = base64.b64decode(reply["body"])
    length = int(reply["headers"]["inference-header-content-length"])
    assert np.frombuffer(body[length:], "<i8", 2).tolist() == [1, 0]


def test_the_answer_tells_its_times(handler: Handler) -> None:
    body = json.dumps({"model": "modèle d+1", "instances": [[0, 0]]})
    first, second = (handler(event(body), None)["headers"]["server-timing"] for _ in range(2))
    assert re.fullmatch(r"cache;desc=miss, load;dur=[0-9.]+, predict;dur=[0-9.]+", first)
    assert re.fullmatch(r"cache;desc=hit, predict;dur=[0-9.]+", second)


def test_a_missing_body_is_empty() -> None:
    assert to_request(event(None)).body == b""


def test_the_budget_leaves_room_for_the_rest() -> None:
    assert cache_budget(10240) == (10240 - 512) * MIB
    assert cache_budget(512) == 128 * MIB


def test_what_would_not_fit_into_the_functions_memory_is_not_loaded(tmp_path: Path) -> None:
    models.publish(tmp_path, "m", 1, MIB, 1.0, 8)
    body = json.dumps({"model": "m", "instances": [models.ROW[:8]]})
    for memory_mb, status in ((FOREIGN_MB + 1, 503), (10240, 200)):
        settings = InferenceSettings(tmp_path / "models", ("*",), (), 0.0, "INFO", memory_mb)
        reply = Handler.from_settings(settings)(event(body), None)
        assert (reply["statusCode"], "retry-after" in reply["headers"]) == (status, status == 503)


def test_the_entry_point_is_built_from_the_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name, value in {
        "MODEL_DIR": str(tmp_path),
        "ALLOWED_ORIGINS": "*",
        "PRELOAD": "",
        "REFRESH_SECONDS": "1",
        "PREDICT_SECONDS": "20",
        "FALL_BACK": "off",
        "LOG_LEVEL": "WARNING",
        "CAPTURE_PERCENT": "100",
        "CAPTURE_REDACT": "[]",
        "CAPTURE_MAX_BYTES": "4096",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "1024",
    }.items():
        monkeypatch.setenv(name, value)
    entry_point = importlib.import_module("inference.handler")

    reply = entry_point.handler(event(None, httpMethod="GET", path="/models"), None)
    assert json.loads(reply["body"]) == {"models": [], "refused": []}


def test_nothing_of_a_payload_is_in_the_log_by_default(
    handler: Handler, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("DEBUG"):
        for instances in ([[0.123456, 1]], [["0.123456", "x"]], [[0.123456]]):
            handler(event(json.dumps({"model": "modèle d+1", "instances": instances})), None)

    assert "0.123456" not in caplog.text + "".join(capfd.readouterr())


def test_a_captured_request_has_the_id_that_its_caller_sees(
    tmp_path: Path, load_event: Callable[[str], Any], capsys: pytest.CaptureFixture[str]
) -> None:
    zoo.publish(tmp_path, "iris", "1", classifier())
    settings = InferenceSettings(
        *(tmp_path / "models", ("*",), (), 0.0, "INFO", 2048), capture_percent=100.0
    )
    body = json.dumps({"model": "iris", "instances": [[1, 1]]})
    context = load_event("api_proxy")["requestContext"]
    reply = Handler.from_settings(settings)(event(body, requestContext=context), None)

    record = json.loads(capsys.readouterr().out)
    assert (record["request_id"], record["predictions"]) == (context["requestId"], [1])
    assert json.loads(reply["body"])["predictions"] == [1]


def test_without_an_api_a_captured_request_has_lambdas_id(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    zoo.publish(tmp_path, "iris", "1", classifier())
    settings = InferenceSettings(
        *(tmp_path / "models", ("*",), (), 0.0, "INFO", 2048), capture_percent=100.0
    )
    body = json.dumps({"model": "iris", "instances": [[1, 1]]})
    Handler.from_settings(settings)(event(body), SimpleNamespace(aws_request_id="lambda-1"))

    assert json.loads(capsys.readouterr().out)["request_id"] == "lambda-1"
