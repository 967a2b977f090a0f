"""What the service adds: freshness, and the version before when a new one doesn't load."""

import errno
import threading
from pathlib import Path

import pytest

from modelmount_compiler.instances import outputs
from serving.errors import ModelNotFound, ModelUnavailable
from serving.repository.model_reader import ModelReader
from serving.service.query import Query
from serving.service.servable_version import ServableVersion
from serving.service.service import Service
from serving.service.version_switch import RETRY_BROKEN_SECONDS
from tests.lambdas.deployment import Deployment, classifier, dumped

QUESTION = [[1.0, 1.0], [0.0, 0.0]]


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def service(deployment: Deployment, clock: Clock) -> Service:
    return Service(
        ModelReader(deployment.root / "models"),
        budget_bytes=2**30,
        refresh_seconds=1,
        clock=clock,
    )


def ask(service: Service, version: str | None = None) -> list[int]:
    return outputs.rows(service.ask(Query("iris", version, QUESTION)).result)


def current_file(deployment: Deployment) -> Path:
    return deployment.repository.models.resolve("iris").model_file


def test_a_new_version_serves_after_the_refresh(
    deployment: Deployment, service: Service, clock: Clock
) -> None:
    deployment.upload("iris/1/m.joblib", dumped(classifier()))
    assert ask(service) == [1, 0]
    deployment.upload("iris/2/m.joblib", dumped(classifier(10)))
    assert ask(service) == [1, 0]
    clock.now += 1
    assert ask(service) == [11, 10]
    assert ask(service, "1") == [1, 0]


def test_within_the_refresh_the_file_system_is_not_touched(
    deployment: Deployment, service: Service, clock: Clock
) -> None:
    deployment.upload("iris/1/m.joblib", dumped(classifier()))
    ask(service)
    (deployment.root / "models").rename(deployment.root / "away")
    assert ask(service) == [1, 0]
    clock.now += 1
    with pytest.raises(ModelNotFound):
        ask(service)


def test_a_file_system_that_fails_for_a_moment_is_not_noticed(
    deployment: Deployment, service: Service, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stale(*_: object) -> None:
        raise OSError(errno.ESTALE, "stale file handle")

    deployment.upload("iris/1/m.joblib", dumped(classifier()))
    ask(service)
    clock.now += 1
    with monkeypatch.context() as patch:
        patch.setattr(ModelReader, "resolve", stale)
        assert ask(service) == [1, 0]
        with pytest.raises(OSError, match="stale"):
            ask(service, "1")


def test_when_a_new_version_does_not_load_the_one_before_answers(
    deployment: Deployment, service: Service, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    deployment.upload("iris/1/m.joblib", dumped(classifier()))
    assert ask(service) == [1, 0]
    deployment.upload("iris/2/m.joblib", dumped(classifier(10)))
    good = current_file(deployment).read_bytes()
    current_file(deployment).write_bytes(b"rot")
    clock.now += 1
    assert ask(service) == [1, 0]
    assert "doesn't load" in caplog.text
    with pytest.raises(ModelUnavailable):
        ask(service, "2")
    current_file(deployment).write_bytes(good)
    clock.now += 1
    assert ask(service) == [1, 0], "a broken version is not tried at every request"
    clock.now += RETRY_BROKEN_SECONDS
    assert ask(service) == [11, 10]


def test_a_first_version_that_does_not_load_is_unavailable(
    deployment: Deployment, service: Service
) -> None:
    deployment.upload("iris/1/m.joblib", dumped(classifier()))
    current_file(deployment).write_bytes(b"rot")
    with pytest.raises(ModelUnavailable, match="doesn't load"):
        ask(service)


def test_a_version_pruned_while_it_is_asked_for_is_looked_up_again(
    deployment: Deployment, service: Service, clock: Clock
) -> None:
    deployment.upload("iris/1/m.joblib", dumped(classifier()))
    ask(service)
    deployment.upload("iris/2/m.joblib", dumped(classifier(10)))
    clock.now += 1
    stale = deployment.repository.models.resolve("iris")
    deployment.upload("iris/3/m.joblib", dumped(classifier(20)))
    deployment.repository.withdraw("iris", "iris/2/m.joblib", None, "F" * 18)
    resolution = service._resolver.resolve("iris", None)
    resolution.latest = ServableVersion(stale)
    assert ask(service) == [21, 20]


def test_preloaded_models_answer_without_being_read_again(
    deployment: Deployment, service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    deployment.upload("iris/1/m.joblib", dumped(classifier()))
    service.preload(["iris", "unheard-of"])
    assert "'unheard-of' isn't preloaded" in caplog.text
    (deployment.root / "models").rename(deployment.root / "away")
    assert ask(service) == [1, 0]


def test_models_are_looked_at_side_by_side(
    service: Service, deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file system on a network answers thousands of looks in a second, but not in a row."""
    names = [f"m{i}" for i in range(4)]
    for name in names:
        (deployment.root / "models" / name).mkdir(parents=True)
    together = threading.Barrier(len(names))

    def current(_: ModelReader, name: str) -> str:
        together.wait(timeout=20)
        return f"{name}-1"

    monkeypatch.setattr(ModelReader, "current", current)
    assert service.list_models()["models"] == [
        {"model": name, "state": "ready", "current": f"{name}-1"} for name in names
    ]
