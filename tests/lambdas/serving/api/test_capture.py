"""What is captured of each protocol's requests, and that answers are as they would be."""

import json
import logging
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from serving.api.application import Application, Request, Response
from serving.api.capture import HEAD_BYTES, Capture
from serving.api.exchanges import recorded
from serving.api.protocols import sagemaker
from serving.api.redaction import REDACTED, Redaction
from serving.repository.model_reader import ModelReader
from serving.service.service import Service

MIXED = {"age": 40, "town": "Oslo"}
SECRET = {"age": 40, "town": REDACTED}


@pytest.fixture
def lines() -> list[str]:
    return []


@pytest.fixture
def captured(repository_root: Path, lines: list[str]) -> Callable[..., Capture]:
    """Build an application that captures into `lines`."""

    def build(redact: tuple[str, ...] = (), *, model: str = "mixed", **changes: Any) -> Capture:
        models = ModelReader(repository_root / "models")
        service = Service(models, budget_bytes=2**30, refresh_seconds=0)
        limit = changes.pop("max_answer_bytes", 2**20)
        ask = recorded(service.ask)
        application = Application(service, ask=ask, allowed_origins=("*",), max_answer_bytes=limit)
        application.mount("invocations", sagemaker.Routes(service, ask, model))
        options = {"percent": 100, "max_bytes": 65536, "write": lines.append, **changes}
        return Capture(application, redaction=Redaction(redact), **options)

    return build


def ask(capture: Capture, path: str, body: Any, **headers: str) -> Response:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return capture.respond(Request("POST", path, named, content), "request-1")


def tensors(*parts: tuple[str, str, list[int], bytes]) -> tuple[bytes, str]:
    """Return a body of binary tensors, and how long its header is."""
    header = {
        "inputs": [
            {"name": n, "datatype": t, "shape": s, "parameters": {"binary_data_size": len(raw)}}
            for n, t, s, raw in parts
        ],
        "outputs": [{"name": "predict"}],
    }
    head = json.dumps(header).encode()
    return head + b"".join(raw for *_, raw in parts), str(len(head))


AGE = np.array([40.0]).tobytes()
TOWN = b"\x04\x00\x00\x00Oslo"
BINARY = tensors(("age", "FP64", [1], AGE), ("town", "BYTES", [1, 1], TOWN))
JSON_TENSORS = {
    "inputs": [
        {"name": "town", "datatype": "BYTES", "shape": [1], "data": ["Oslo"]},
        {"name": "age", "datatype": "INT64", "shape": [1, 1], "data": [[40]]},
    ]
}
ONE_TENSOR = {
    "inputs": [{"name": "x", "datatype": "BYTES", "shape": [1, 2], "data": ["40", "Oslo"]}]
}
PREDICT = {"outputs": [{"name": "predict"}]}
V2 = "/v2/models/mixed/infer"
V1 = "/v1/models/mixed:predict"
FORMS: dict[str, tuple[str, Any, dict[str, str], Any]] = {
    "objects": ("/inference", {"model": "mixed", "instances": [MIXED]}, {}, SECRET),
    "lists": ("/inference", {"model": "mixed", "instances": [[40, "Oslo"]]}, {}, [40, REDACTED]),
    "split": (
        "/inference",
        {"model": "mixed", "columns": ["town", "age"], "data": [["Oslo", 40]]},
        {},
        SECRET,
    ),
    "inputs": (
        "/inference",
        {"model": "mixed", "inputs": {"age": [40], "town": ["Oslo"]}},
        {},
        SECRET,
    ),
    "v1": (V1, {"instances": [MIXED]}, {}, SECRET),
    "v1 inputs": (V1, {"inputs": {"age": [40], "town": ["Oslo"]}}, {}, SECRET),
    "v2": (V2, JSON_TENSORS | PREDICT, {}, SECRET),
    "v2 one tensor": (V2, ONE_TENSOR | PREDICT, {}, ["40", REDACTED]),
    "v2 binary": (V2, BINARY[0], {"Inference_Header_Content_Length": BINARY[1]}, SECRET),
    "sagemaker": ("/invocations", {"instances": [MIXED]}, {}, SECRET),
    "sagemaker lines": (
        "/invocations",
        b'{"age": 40, "town": "Oslo"}\n',
        {"Content_Type": "application/jsonlines"},
        SECRET,
    ),
    "sagemaker csv": ("/invocations", b"40,Oslo", {"Content_Type": "text/csv"}, [40, REDACTED]),
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_is_captured_without_what_is_redacted(
    captured: Callable[..., Capture], lines: list[str], form: str
) -> None:
    path, body, headers, instance = FORMS[form]
    assert ask(captured(("town",)), path, body, **headers).status == 200

    (line,) = lines
    record = json.loads(line)
    assert record["instances"] == [instance]
    assert len(record["predictions"]) == 1
    assert "Oslo" not in line


@pytest.mark.parametrize("form", FORMS)
def test_an_answer_is_the_same_captured_or_not(
    captured: Callable[..., Capture], lines: list[str], form: str
) -> None:
    path, body, headers, _ = FORMS[form]
    answers = [ask(captured(percent=p), path, body, **headers) for p in (0, 100)]

    assert len(lines) == 1
    assert answers[0].body == answers[1].body
    assert answers[0].status == answers[1].status


def test_a_line_tells_who_asked_what_and_how_it_went(
    captured: Callable[..., Capture], lines: list[str]
) -> None:
    asked = {"model": "classifier", "instances": [[1, 1], [0, 0]]}
    ask(captured(), "/inference", asked)

    record = json.loads(lines[0])
    assert record.pop("ms") > 0
    assert record.pop("time").endswith("+00:00")
    assert record == {
        "type": "capture",
        "request_id": "request-1",
        "model": "classifier",
        "version": "2",
        "method": "predict",
        "status": 200,
        "count": 2,
        "truncated": False,
        "instances": [[1, 1], [0, 0]],
        "predictions": [11, 10],
    }


def test_names_without_columns_are_kept_out_whole(
    captured: Callable[..., Capture], lines: list[str]
) -> None:
    capture = captured(("text", "input", "predictions"))
    ask(capture, "/inference", {"model": "text", "instances": ["good fine"]})
    ask(capture, "/inference", {"model": "classifier", "instances": [[1, 1]]})

    for line in lines:
        assert json.loads(line)["instances"] == [REDACTED]
        assert json.loads(line)["predictions"] == [REDACTED]


def test_several_outputs_and_methods_are_captured(
    captured: Callable[..., Capture], lines: list[str]
) -> None:
    rows = {"name": "x", "datatype": "FP64", "shape": [2, 2], "data": [1, 1, 0, 0]}
    wanted = [{"name": "predict"}, {"name": "predict_proba"}]
    ask(captured(), "/v2/models/several/infer", {"inputs": [rows], "outputs": wanted})

    records = [json.loads(line) for line in lines]
    assert [r["method"] for r in records] == ["predict", "predict_proba"]
    assert {r["request_id"] for r in records} == {"request-1"}
    assert all(r["instances"] == [[1.0, 1.0], [0.0, 0.0]] for r in records)
    assert records[0]["predictions"] == [[1, 1], [0, 0]]
    assert [len(outputs) for outputs in records[1]["predictions"]] == [2, 2]


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"model": "mixed", "instances": [{"age": 40, "town": "Oslo", "x": 1}]}, 422),
        ({"model": "mixed", "instances": [[40, "Oslo"]], "version": "9"}, 404),
        ({"model": "nobody", "instances": [["Oslo"]]}, 404),
    ],
)
def test_of_a_refused_request_there_is_no_payload(
    captured: Callable[..., Capture], lines: list[str], asked: Any, status: int
) -> None:
    """What a model doesn't take can't be told apart into fields, so none of it is shown."""
    ask(captured(("town",)), "/inference", asked)

    (line,) = lines
    record = json.loads(line)
    assert (record["status"], record["count"]) == (status, 1)
    assert (record["instances"], record["predictions"]) == ([], [])
    assert (record["model"], record["version"]) == (asked["model"], asked.get("version"))
    assert "Oslo" not in line


def test_a_refused_name_is_cut_to_size(captured: Callable[..., Capture], lines: list[str]) -> None:
    asked = {"model": "\x01" * 10_000, "version": "\x01" * 10_000, "instances": [[1, 1]]}
    assert ask(captured(max_bytes=2048), "/inference", asked).status == 404
    assert json.loads(lines[0])["model"] == "\x01" * 128
    assert len(lines[0]) <= 2048


@pytest.mark.parametrize("body", [b"{", b'{"model": "mixed", "secret": "Oslo"}', b""])
def test_what_never_becomes_a_question_is_not_captured(
    captured: Callable[..., Capture], lines: list[str], body: bytes
) -> None:
    assert ask(captured(), "/inference", body).status == 400
    assert lines == []


def test_a_long_request_is_cut_at_whole_instances(
    captured: Callable[..., Capture], lines: list[str]
) -> None:
    rows = [[i / 7, 1] for i in range(5000)]
    asked = {"model": "classifier", "instances": rows}
    answer = ask(captured(max_bytes=4096), "/inference", asked)
    ask(captured(max_bytes=2**20), "/inference", asked)

    cut, whole = (json.loads(line) for line in lines)
    kept = len(cut["instances"])
    assert 4096 - HEAD_BYTES - 50 < len(lines[0].encode()) <= 4096
    assert (cut["count"], cut["truncated"], whole["truncated"]) == (5000, True, False)
    assert cut["instances"] == rows[:kept]
    assert whole["instances"] == rows
    assert cut["predictions"] == json.loads(answer.body)["predictions"][:kept]
    assert len(json.loads(answer.body)["predictions"]) == 5000


def test_one_instance_may_be_too_long(captured: Callable[..., Capture], lines: list[str]) -> None:
    asked = {"model": "text", "instances": ["good " * 10_000]}
    assert ask(captured(max_bytes=2048), "/inference", asked).status == 200

    record = json.loads(lines[0])
    assert (record["count"], record["truncated"], record["instances"]) == (1, True, [])
    assert len(lines[0].encode()) <= 2048


def test_an_answer_too_large_to_be_carried_is_captured_with_its_status(
    captured: Callable[..., Capture], lines: list[str]
) -> None:
    asked = {"model": "classifier", "instances": [[1, 1]]}
    assert ask(captured(max_answer_bytes=10), "/inference", asked).status == 413
    assert json.loads(lines[0])["status"] == 413


def test_a_capture_that_fails_fails_no_request_and_is_told_once_without_payload(
    captured: Callable[..., Capture], caplog: pytest.LogCaptureFixture
) -> None:
    def broken(line: str) -> None:
        raise OSError(line)

    capture = captured(write=broken)
    with caplog.at_level(logging.DEBUG):
        for _ in range(3):
            answer = ask(capture, "/inference", {"model": "mixed", "instances": [MIXED]})
            assert answer.status == 200

    assert [r.getMessage() for r in caplog.records] == ["requests can't be captured: OSError"]
    assert "Oslo" not in caplog.text


@pytest.mark.parametrize("percent", [0, 0.5, 25, 100])
def test_a_share_of_requests_is_captured(
    captured: Callable[..., Capture], lines: list[str], percent: float
) -> None:
    capture = captured(percent=percent)
    ids = [str(uuid.UUID(int=i * 0x9E3779B97F4A7C15F39CC0605CEDC834 % 2**128)) for i in range(9000)]
    taken = [request_id for request_id in ids if capture.takes(request_id)]

    assert len(taken) / len(ids) == pytest.approx(percent / 100, abs=0.01)
    content = json.dumps({"model": "classifier", "instances": [[1, 1]]}).encode()
    for request_id in ids[:50]:
        capture.respond(Request("POST", "/inference", {}, content), request_id)
    assert [json.loads(line)["request_id"] for line in lines] == [i for i in ids[:50] if i in taken]


def test_lines_go_to_standard_output(
    captured: Callable[..., Capture], capsys: pytest.CaptureFixture[str]
) -> None:
    ask(captured(write=None), "/inference", {"model": "text", "instances": ["good\nfine"]})

    (line,) = capsys.readouterr().out.splitlines()
    assert json.loads(line)["instances"] == ["good\nfine"]
