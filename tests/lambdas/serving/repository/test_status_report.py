"""What is shown of an upload at each moment of its publication."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from modelmount_compiler.compilation import Compilation, MethodProof, Timing
from serving.records.manifest import Manifest
from serving.records.uploads import Selection
from serving.repository import status_report
from serving.repository.model_status import ModelStatus
from serving.repository.repository import Repository
from tests.lambdas.prepared import prepared
from tests.lambdas.serving.repository.uploads import DESCRIPTION, publish, source, stage


class Killed(BaseException):
    """Stops a publication where it is."""


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path)


def states(repository: Repository) -> dict[str, str]:
    versions = status_report.render(repository.models.status("iris"))["versions"]
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

    monkeypatch.setattr(f"serving.repository.versions.Versions.{step}", killed)
    with pytest.raises(Killed):
        repository.publish(
            "iris", "2", pending.candidate, 5, prepared(repository, pending.candidate)
        )
    assert states(repository) == {"1": "ready" if state == "current" else "current", "2": state}


def test_an_upload_is_staged_then_preparing(repository: Repository) -> None:
    repository.announce("iris", "1", source(1))
    assert states(repository) == {"1": "staged"}
    stage(repository, "1", source(1))
    assert states(repository) == {"1": "preparing"}


PROOF = MethodProof("predict", 4096, 2, 0, 0.0, 1e-9, (Timing(1, 4120.0, 10.0),))
FEW_ROWS = replace(PROOF, min_rows=10, timings=(Timing(1, 5.0, 9.0), Timing(10, 30.0, 20.0)))
WRONG = replace(PROOF, flips=3, reason="for [1.0] the model answers 1, and the compiled form 0")


def shown(compilation: Compilation | None) -> dict[str, Any]:
    described = replace(DESCRIPTION, compilation=compilation)
    manifest = Manifest("iris", "1", "2026-11-21T01:02:03Z", source(1), (), described)
    ready = ModelStatus("iris", "1", Selection(), [manifest], [], [], [], [])
    version: dict[str, Any] = status_report.render(ready)["versions"][0]
    return version


@pytest.mark.parametrize(
    ("compilation", "summary"),
    [
        (
            Compilation("c.safetensors", None, (PROOF,)),
            "predict: 412x faster for one row, 0 flips on 4,096 probes",
        ),
        (
            Compilation("c.safetensors", None, (WRONG, FEW_ROWS)),
            "predict: 1.5x faster for 10 rows, 0 flips on 4,096 probes",
        ),
        (
            Compilation(None, "there is no compiled form of x.Y"),
            "served as uploaded: there is no compiled form of x.Y",
        ),
        (
            Compilation(None, f"predict: {WRONG.reason}", (WRONG,)),
            f"served as uploaded: predict: {WRONG.reason}",
        ),
    ],
)
def test_what_compiling_came_to_is_told_in_a_line(compilation: Compilation, summary: str) -> None:
    found = shown(compilation)["compilation"]
    assert found["summary"] == summary
    assert found["reason"] == compilation.reason


def test_what_was_never_compiled_has_no_line() -> None:
    assert shown(None)["compilation"] is None
