"""How the server is started, and what `check` prints."""

import signal
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from container import __main__ as program
from container import hardware
from tests.lambdas.container.folders import scripted


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Stand in for the server; return what it is started with."""
    arguments: dict[str, Any] = {}
    monkeypatch.setattr(uvicorn, "run", lambda _, **given: arguments.update(given))
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    return arguments


def test_the_server_is_started_as_its_variables_say(
    started: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SAGEMAKER_BIND_TO_PORT", "9000")
    monkeypatch.setenv("MODELMOUNT_HOST", "127.0.0.1")
    monkeypatch.setenv("SAGEMAKER_MODEL_SERVER_WORKERS", "3")
    program.serve()
    assert (started["host"], started["port"], started["workers"]) == ("127.0.0.1", 9000, 3)
    # Longer than Python does nothing else but read a pickle of several gigabytes.
    assert started["timeout_worker_healthcheck"] >= 120


def test_workers_are_as_many_as_serve_best(
    started: dict[str, Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("MODELMOUNT_MODEL_DIR", str(tmp_path))
    monkeypatch.setattr(hardware, "workers", lambda: 7)
    program.serve()
    assert started["workers"] == 7
    for name in ("config.json", "model.safetensors"):
        (tmp_path / name).touch()
    program.serve()
    assert started["workers"] == 1
    monkeypatch.setattr(hardware, "gpus", lambda: 7)
    program.serve()
    assert started["workers"] == 7
    monkeypatch.setenv("SAGEMAKER_MULTI_MODEL", "true")
    program.serve()
    assert started["workers"] == 1


def test_a_folder_is_checked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    program.check(scripted(tmp_path, "def model_fn(model_dir): ..."))
    assert capsys.readouterr().out == "script\n"
    with pytest.raises(SystemExit, match="no Python program"):
        program.check(scripted(tmp_path, "def"))
