"""What only an ASGI server can do to the application: a client that goes away, a body in parts."""

import asyncio
import json
import queue
from pathlib import Path
from typing import Any

import pytest

from container import app, settings
from container.app import Container
from container.streaming import Stream
from serving.api.application import Request, Response
from tests.lambdas.container.folders import scripted


@pytest.fixture
def container(tmp_path: Path) -> Container:
    return Container(settings.read({"MODELMOUNT_SCRATCH_DIR": str(tmp_path)}))


def call(container: Container, path: str, received: list[Any]) -> list[Any]:
    """Ask with the messages that the server hands in; return those that it is sent."""
    sent: list[Any] = []
    messages = iter(received)

    async def receive() -> Any:
        message = next(messages, None)
        return message or await asyncio.Event().wait()

    async def send(message: Any) -> None:
        sent.append(message)

    path, _, query = path.partition("?")
    scope = {
        "type": "http",
        "method": "POST",
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "headers": [],
    }
    asyncio.run(container(scope, receive, send))
    return sent


def body(part: bytes, more: bool = False) -> dict[str, Any]:
    return {"type": "http.request", "body": part, "more_body": more}


def test_a_body_in_parts_is_put_together(
    container: Container, monkeypatch: pytest.MonkeyPatch
) -> None:
    def echo(request: Request) -> Response:
        return Response(200, request.body, {})

    monkeypatch.setattr(container._application, "respond", echo)
    start, sent = call(container, "/x", [body(b"a", True), body(b"", True), body(b"b")])
    assert (start["status"], sent["body"]) == (200, b"ab")


def test_the_query_is_decoded(container: Container, monkeypatch: pytest.MonkeyPatch) -> None:
    def echo(request: Request) -> Response:
        return Response(200, json.dumps(request.query).encode(), {})

    monkeypatch.setattr(container._application, "respond", echo)
    _, sent = call(container, "/x?method=predict_proba&model=%C3%A5%20b+c&empty=", [body(b"")])
    told = {"method": "predict_proba", "model": "å b c", "empty": ""}
    assert json.loads(sent["body"]) == told


def test_a_body_that_is_too_large_is_not_kept(
    container: Container, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit = container._settings.max_payload_bytes
    start, sent = call(container, "/x", [body(b"a" * limit, True), body(b"b")])
    assert (start["status"], json.loads(sent["body"])["error"]["code"]) == (
        413,
        "REQUEST_TOO_LARGE",
    )


def test_half_a_body_is_not_answered(container: Container, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(container._application, "respond", None)
    assert call(container, "/x", [body(b"a", True), {"type": "http.disconnect"}]) == []


def test_a_client_that_goes_away_ends_the_stream(
    container: Container, monkeypatch: pytest.MonkeyPatch
) -> None:
    pieces: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
    pieces.put(b"first")
    # As a generator does: once it is told to stop, it sends no more.
    stream = Stream(200, b"", {}, pieces=pieces, close=lambda: pieces.put(None))
    monkeypatch.setattr(container._application, "respond", lambda _: stream)
    sent = call(container, "/x", [body(b""), {"type": "http.disconnect"}])
    assert [message.get("body") for message in sent] == [None, b"first", b""]


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ("import sys; sys.exit('by itself')", "SystemExit: by itself"),
        ("def model_fn(model_dir): return {}['weights']", "KeyError: 'weights'"),
        ("def load(model_dir): ...", "code/inference.py has no model_fn"),
    ],
)
def test_what_keeps_a_script_from_loading_is_told(tmp_path: Path, script: str, told: str) -> None:
    folders = {"MODELMOUNT_MODEL_DIR": str(scripted(tmp_path / "model", script))}
    container = Container(settings.read({**folders, "MODELMOUNT_SCRATCH_DIR": str(tmp_path)}))
    container._load()
    start, sent = call(container, "/invocations", [body(b"")])
    error = json.loads(sent["body"])["error"]
    assert (start["status"], error["code"]) == (503, "MODEL_DOES_NOT_LOAD")
    assert told in error["message"]


def test_every_variable_can_be_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODELMOUNT_SCRATCH_DIR", str(tmp_path / "made"))
    assert isinstance(app.create(), Container)
    assert (tmp_path / "made").is_dir()
