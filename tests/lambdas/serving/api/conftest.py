"""An application with a model of each kind."""

from pathlib import Path

import pytest

from serving.api.application import Application
from serving.repository.model_reader import ModelReader
from serving.service.service import Service
from tests.lambdas import zoo


@pytest.fixture(scope="session")
def repository_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("repository")
    zoo.fill(root)
    return root


@pytest.fixture
def service(repository_root: Path) -> Service:
    return Service(ModelReader(repository_root / "models"), budget_bytes=2**30, refresh_seconds=0)


@pytest.fixture
def application(service: Service) -> Application:
    return Application(service, allowed_origins=("*",), max_answer_bytes=2**20)
