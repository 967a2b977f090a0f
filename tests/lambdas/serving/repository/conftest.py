"""A repository of its own for each test."""

from pathlib import Path

import pytest

from serving.repository.repository import Repository


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path)
