"""What is shown of an upload at each moment of its publication."""

from pathlib import Path

import pytest

from serving import status
from serving.repository import Repository
from tests.lambdas.serving.repository.uploads import publish, source, stage


class Killed(BaseException):
    """Stops a publication where it is."""


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path)


def states(repository: Repository) -> dict[str, str]:
    versions = status.show(repository.models.status("iris"))["versions"]
    assert len({v["version"] for v in versions}) == len(versions), "a version is shown twice"
    return {v["version"]: v["state"] for v in versions}


@pytest.mark.parametrize(
    ("step", "state"),
    [("move_into_place", "preparing"), ("move_forward", "preparing"), ("prune", "current")],
)
def test_a_version_is_never_ready_before_it_is_current(
    repository: Repository, monkeypatch: pytest.MonkeyPatch, step: str, state: str
) -> None:
    publish(repository, "1", 1)
    pending = stage(repository, "2", source(2))

    def killed(*_: object, **__: object) -> None:
        raise Killed

    monkeypatch.setattr(f"serving.repository.changes.Changes.{step}", killed)
    with pytest.raises(Killed):
        repository.publish("iris", "2", pending.candidate, 5)
    assert states(repository) == {"1": "ready" if state == "current" else "current", "2": state}


def test_an_upload_is_staged_then_preparing(repository: Repository) -> None:
    repository.announce("iris", "1", source(1))
    assert states(repository) == {"1": "staged"}
    stage(repository, "1", source(1))
    assert states(repository) == {"1": "preparing"}
