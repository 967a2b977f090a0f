"""Many thousand events that no client should send: each gets an answer in the documented shape."""

import base64
import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from inference.proxy import Handler
from inference.settings import InferenceSettings
from tests.lambdas import zoo

pytestmark = pytest.mark.slow

EVENTS = 24_000
WORDS = [
    "classifier",
    "frame",
    "text",
    "several",
    "nobody",
    "coming",
    "..",
    "a%2Fb",
    "%00",
    "é",
    "%F0%9F",
]
PATHS = [
    "/inference", "/models", "/models/{}", "/models/{}/openapi.json", "/openapi.json", "/", "",
    "//", "/v2", "/v2/", "/v2/health/live", "/v2/models/{}", "/v2/models/{}/ready",
    "/v2/models/{}/infer",
    "/v2/models/{}/versions/{}/infer", "/v2/repository/index", "/v2/repository/models/{}/load",
    "/v2/repository/models/{}/unload", "/v2/{}", "/v1/models", "/v1/models/{}",
    "/v1/models/{}:predict", "/v1/models/{}/versions/{}:predict", "/{}",
]  # fmt: skip
TENSOR = {"name": "x", "shape": [1, 2], "datatype": "FP64", "data": [[1, 2]]}
BODIES: list[Any] = [
    {"model": "classifier", "instances": [[1, 2]], "parameters": {"method": "predict"}},
    {"model": "frame", "columns": ["age", "income"], "data": [[1, 2]]},
    {"model": "frame", "inputs": {"age": [1], "income": [2]}, "version": "1"},
    {"instances": [[1, 2]]},
    {"inputs": [TENSOR], "outputs": [{"name": "predict", "parameters": {"binary_data": True}}]},
    {"id": "1", "inputs": [TENSOR], "parameters": {"binary_data_output": True}},
    {"inputs": [{**TENSOR, "data": 0, "parameters": {"binary_data_size": 16}}]},
    {"parameters": {}, "ready": True},
]
ASKING = [  # a path, and which of the bodies fit it
    ("/inference", BODIES[:3]),
    ("/v1/models/{}:predict", BODIES[2:4]),
    ("/v2/models/{}/infer", BODIES[4:7]),
    ("/v2/models/{}/versions/{}/infer", BODIES[4:7]),
]
ODD: list[Any] = [
    None, True, False, 0, -1, 2**63, 2**64, 10**400, 1.5, 1e308, "", "x", "\x00",
    "é\U0001f600", [], {}, [[]], [None], {"": None}, ["x"] * 3, [[1, 2], [3]], [1] * 9, "BYTES",
    "BF16",
    "FP16",
    "UINT8", "predict_proba", [2**62, 2**62], [0, 2], "classifier", "text",
]  # fmt: skip
LENGTHS = ["0", "1", "16", "-1", "x", "", "9" * 30, "1e3", "²"]


@pytest.fixture(scope="module")
def handler(tmp_path_factory: pytest.TempPathFactory) -> Handler:
    root: Path = tmp_path_factory.mktemp("fuzz")
    zoo.fill(root)
    settings = InferenceSettings(
        *(root / "models", ("*",), (), 60.0, "CRITICAL", 2048),
        capture_percent=100.0,
        capture_redact=("age", "text"),
    )
    return Handler.from_settings(settings)


def mutated(value: Any, draw: random.Random) -> Any:
    """Return the value with one thing in it replaced, dropped, doubled or added."""
    if draw.random() < 0.15 or not isinstance(value, dict | list) or not value:
        return draw.choice(ODD)
    if isinstance(value, list):
        at = draw.randrange(len(value))
        return [*value[:at], mutated(value[at], draw), *value[at + draw.randrange(2) :]]
    key = draw.choice(list(value))
    rest = {k: v for k, v in value.items() if k != key or draw.random() < 0.1}
    return draw.choice([rest, {**value, key: mutated(value[key], draw)}, {**value, "extra": 1}])


def damaged(body: bytes, draw: random.Random) -> bytes:
    at = draw.randrange(len(body) + 1)
    noise = draw.randbytes(draw.randrange(20))
    return draw.choice(
        [body[:at], body[:at] + noise + body[at:], body + noise, noise, b"", b"[" * 2000]
    )


def event(draw: random.Random) -> dict[str, Any]:
    path, bodies = draw.choice(ASKING)
    if draw.random() < 0.3:
        path, bodies = draw.choice(PATHS), BODIES
    value = draw.choice(bodies)
    for _ in range(draw.choice([0, 0, 1, 2])):
        value = mutated(value, draw)
    header = json.dumps(value).encode()
    body = header + draw.choice([b"", b"", b"", bytes(16), draw.randbytes(20)])
    if draw.random() < 0.3:
        body = damaged(body, draw)
    encoded = draw.random() < 0.8
    text = base64.b64encode(body).decode() if encoded else body.decode("utf-8", "surrogateescape")
    length = draw.choice([str(len(header)), str(len(header)), *LENGTHS])
    name = draw.choice(["Inference-Header-Content-Length", "inference-header-content-length", "X"])
    words = [draw.choice([*WORDS, *["classifier", "1"] * 8]) for _ in range(path.count("{}"))]
    return {
        "httpMethod": draw.choice(["POST"] * 20 + ["GET"] * 3 + ["PUT", ""]),
        "path": path.format(*words),
        "headers": draw.choice(
            [None, {name: length}, {name: length, "Origin": "null", "Accept": "é"}]
        ),
        "body": draw.choice([text] * 9 + [None]),
        "isBase64Encoded": encoded if draw.random() < 0.95 else not encoded,
    }


def test_every_event_is_answered_as_documented(
    handler: Handler, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    draw = random.Random(20261121)
    call: Callable[[Any, object], Any] = handler
    statuses: dict[int, int] = {}
    for _ in range(EVENTS):
        sent = event(draw)
        reply = call(sent, None)
        status = reply["statusCode"]
        statuses[status] = statuses.get(status, 0) + 1
        assert status < 500 or (status == 503 and "coming" in sent["path"] + str(sent["body"])), (
            sent
        )
        if status == 200:
            continue
        error = json.loads(reply["body"])["error"]
        told = error if sent["path"].split("/")[1:2] in (["v1"], ["v2"]) else error["message"]
        assert isinstance(told, str), sent
        assert told, sent
    assert {200, 400, 404, 405, 422, 503} <= statuses.keys()
    assert statuses[200] > EVENTS / 20, statuses
    captured = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert len([line for line in captured if line["status"] == 200]) > EVENTS / 40
    assert "can't be captured" not in caplog.text
