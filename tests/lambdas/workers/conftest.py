"""A service over a repository with hostile and honest models, none of which is compiled."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from benchmarks.workers import hostile
from modelmount_compiler.instances import outputs
from serving.repository.model_reader import ModelReader
from serving.service.query import Query
from serving.service.service import Service
from workers import zygotes
from workers.bounds import MIB, Bounds

Ask = Callable[..., Any]


@pytest.fixture(autouse=True, scope="package")
def _unguarded() -> Iterator[None]:
    """Start a zygote whose workers load hostile pickles, and end it afterwards."""
    zygotes.shared().close()
    sys.path.insert(0, hostile.UNGUARDED)
    yield
    sys.path.remove(hostile.UNGUARDED)
    zygotes.shared().close()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Return the folder of a repository."""
    hostile.publish(tmp_path, "hostile")
    hostile.numbers(tmp_path, "honest")
    return tmp_path


def service_of(root: Path, bounds: Bounds, **options: Any) -> Service:
    models = ModelReader(root / "models")
    return Service(models, budget_bytes=2**30, refresh_seconds=0, bounds=bounds, **options)


def asker(service: Service) -> Ask:
    def ask(model: str, *batch: Any, version: str | None = None) -> Any:
        return outputs.rows(service.ask(Query(model, version, list(batch))).result)

    return ask


@pytest.fixture
def service(root: Path) -> Service:
    return service_of(root, Bounds(seconds=30, memory_bytes=300 * MIB, answer_bytes=MIB))


@pytest.fixture
def ask(service: Service) -> Ask:
    return asker(service)
