"""A model served on this machine: asked as the command says, and ended as Ctrl-C does."""

import contextlib
import os
import shlex
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import joblib
import pytest
import requests

from modelmount import sample
from modelmount.__main__ import main
from tests.lambdas.container.folders import PATIENT_SCRIPT, scripted
from tests.lambdas.deployment import classifier

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 90


@contextlib.contextmanager
def serving(*arguments: str) -> Iterator[tuple["subprocess.Popen[str]", list[str]]]:
    """Run the command until its end; gives the words of the curl line that it shows."""
    process = subprocess.Popen(
        [sys.executable, "-m", "modelmount", "serve-local", *arguments, "--port", "0"],
        cwd=ROOT,
        env={**os.environ, "MODELMOUNT_COMPILE_SECONDS": "0"},
        stdout=subprocess.PIPE,
        text=True,
    )
    # Whatever hangs here ends then, and with it the lines.
    guard = threading.Timer(PATIENCE_SECONDS, process.kill)
    guard.start()
    assert process.stdout is not None
    try:
        lines = iter(process.stdout.readline, "")
        yield process, shlex.split(next(line for line in lines if "curl" in line))
    finally:
        process.terminate()
        process.communicate(timeout=PATIENCE_SECONDS)
        guard.cancel()


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "this takes too long"
        time.sleep(0.02)


def test_a_file_is_served_and_answers_what_is_shown(tmp_path: Path) -> None:
    joblib.dump(classifier(), tmp_path / "fraud.joblib")
    with serving(str(tmp_path / "fraud.joblib")) as (process, curl):
        assert curl[0] == "curl"
        assert curl[-1] == '{"instances": [[0, 0]]}'
        answer = subprocess.run([*curl, "--silent"], capture_output=True, check=True, timeout=60)
        assert b'"predictions":[0]' in answer.stdout
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE_SECONDS) == 0
        with pytest.raises(requests.ConnectionError):
            requests.get(curl[1], timeout=10)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_what_has_begun_is_answered_before_the_end(tmp_path: Path, number: int) -> None:
    folder = scripted(tmp_path / "model", PATIENT_SCRIPT)
    (folder / "load").touch()
    with serving(str(folder)) as (process, curl):
        assert curl[-2:] == ["--data-binary", "@FILE"]
        answers: list[requests.Response] = []

        def ask() -> None:
            answers.append(requests.post(curl[1], data=b"late", timeout=PATIENCE_SECONDS))

        asking = threading.Thread(target=ask)
        asking.start()
        until((folder / "asked").exists)
        process.send_signal(number)
        port = int(curl[1].split(":")[2].split("/")[0])
        until(lambda: not _listens(port))
        (folder / "answer").touch()
        asking.join(PATIENCE_SECONDS)
        assert answers[0].content == b"late"
        assert process.wait(PATIENCE_SECONDS) == 0


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process of this")
def test_the_server_ends_when_its_parent_is_killed_outright(tmp_path: Path) -> None:
    joblib.dump(classifier(), tmp_path / "fraud.joblib")
    with serving(str(tmp_path / "fraud.joblib")) as (process, curl):
        port = int(curl[1].split(":")[2].split("/")[0])
        assert _listens(port)
        process.kill()
        until(lambda: not _listens(port))


def _listens(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("broken.joblib", b"no model", "is no joblib file"),
        ("broken.tar.gz", b"no archive", "is no whole tar.gz archive"),
        ("broken.py", b"def model_fn(", "is no Python program"),
    ],
)
def test_what_does_not_load_ends_with_the_reason(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], name: str, content: bytes, told: str
) -> None:
    (tmp_path / name).write_bytes(content)
    kept = {
        number: signal.getsignal(number)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    }
    try:
        assert main(["serve-local", str(tmp_path / name), "--port", "0"]) == 1
    finally:
        for number, handler in kept.items():
            signal.signal(number, handler)
    assert told in capfd.readouterr().err


def test_a_port_that_is_taken_is_told(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    scripted(tmp_path, "def model_fn(model_dir): return 1\n")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        assert main(["serve-local", str(tmp_path), "--port", str(port)]) == 1
    assert f"Port {port} can't be had" in capfd.readouterr().err


def test_an_archive_is_unpacked_and_served(tmp_path: Path) -> None:
    script = tmp_path / "echo.py"
    script.write_text(
        "def model_fn(model_dir): return 'ready'\n"
        "def transform_fn(model, body, kind, accept): return model\n"
    )
    archive = tmp_path / "model.tar.gz"
    assert main(["package", str(script), "--output", str(archive)]) == 0
    with serving(str(archive)) as (_, curl):
        assert requests.post(curl[1], data=b"x", timeout=60).text == "ready"


@pytest.mark.parametrize(
    ("signature", "instance"),
    [
        ({"input": "matrix", "n_features": 2, "columns": None}, [0, 0]),
        ({"input": "frame", "n_features": 2, "columns": ["a", "b"]}, {"a": 0, "b": 0}),
        ({"input": "text", "n_features": None, "columns": None}, "some text"),
        ({}, ["…"]),
    ],
)
def test_a_sample_is_what_the_model_takes(signature: dict[str, object], instance: object) -> None:
    assert sample._instance(signature) == instance
