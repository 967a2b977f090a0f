"""One local system with endpoints, whose variants run the container's own server."""

import importlib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
import requests

from local.endpoints import Endpoints
from local.launcher import running_system
from local.processes import descendants, parents
from tests.e2e.conftest import connect
from tests.e2e.sagemaker import models
from tests.stacks.deployment import synthesize


@pytest.fixture(scope="package")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sagemaker")


@pytest.fixture(scope="package")
def hosting(folder: Path) -> Path:
    """Return an assembly with endpoints."""
    synthesize(folder / "cdk.out", {"sagemaker": models.endpoints(folder)})
    return folder / "cdk.out"


@pytest.fixture(scope="package")
def tiny_gpt() -> ModuleType:
    """Import what needs torch."""
    pytest.importorskip("torch", reason="torch is missing; install it with: make .venv/.generation")
    return importlib.import_module("tests.lambdas.container.tiny_gpt")


@pytest.fixture(scope="package")
def packed(tiny_gpt: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Return the models' files by key."""
    return models.make(tmp_path_factory.mktemp("models"), tiny_gpt.save)


@pytest.fixture(scope="package")
def system(packed: dict[str, Path], hosting: Path, folder: Path) -> Iterator[Endpoints]:
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("SAGEMAKER_SERVER", raising=False)
        with running_system(hosting, folder) as found:
            upload(found, packed)
            yield found
            started = descendants(found.pid, parents())
    assert started
    assert not set(started) & parents().keys()


def upload(system: Endpoints, files: dict[str, Path]) -> None:
    s3 = connect(system).s3
    for key, path in files.items():
        s3.put_object(Bucket="models", Key=key, Body=path.read_bytes())


@pytest.fixture(scope="package")
def state(system: Endpoints, folder: Path) -> Path:
    (found,) = folder.glob("demo-*")
    return found


@pytest.fixture(scope="package")
def http() -> Iterator[requests.Session]:
    with requests.Session() as session:
        yield session
