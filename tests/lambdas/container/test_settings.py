import dataclasses
from pathlib import Path

import pytest

from container import hardware, settings
from serving.errors import SettingsError


def test_without_variables_it_is_as_sagemaker_has_it() -> None:
    read = settings.read({})
    assert (read.port, read.multi_model, read.workers) == (8080, False, 0)
    assert (read.model_dir, read.program) == (Path("/opt/ml/model"), "inference.py")
    assert read.drain_seconds < 30  # after which SageMaker kills


def test_every_variable_has_a_default() -> None:
    fields = dataclasses.fields(settings.ContainerSettings)
    assert {field.metadata["given_by_lambda"] for field in fields} == settings.DEFAULTS.keys()


def test_sagemakers_variables_are_read() -> None:
    read = settings.read({"SAGEMAKER_MULTI_MODEL": "true", "SAGEMAKER_BIND_TO_PORT": "9000"})
    assert (read.multi_model, read.port) == (True, 9000)


@pytest.mark.parametrize(
    ("name", "value"), [("SAGEMAKER_BIND_TO_PORT", "x"), ("SAGEMAKER_MULTI_MODEL", "yes")]
)
def test_what_is_wrong_is_named(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"{name} is '{value}'"):
        settings.read({name: value})


def test_the_containers_limit_is_the_memory_there_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit = tmp_path / "memory.max"
    monkeypatch.setattr(hardware, "MEMORY_LIMITS", (limit,))
    whole = hardware.memory_mb()
    limit.write_text("max\n")
    assert hardware.memory_mb() == whole
    limit.write_text(f"{64 * 2**20}\n")
    assert hardware.memory_mb() == 64


def test_a_worker_for_each_gpu(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hardware, "GPUS", tmp_path / "gpus")
    assert hardware.workers() >= 1
    for name in ("0000:00:1b.0", "0000:00:1c.0", "0000:00:1d.0"):
        (tmp_path / "gpus" / name).mkdir(parents=True)
    assert hardware.workers() == 3
