"""How long a refusal lasts: as long as its reason is true."""

from dataclasses import replace

import pytest

from serving.errors import UploadRejected
from serving.records.manifest import Source
from serving.repository.publication import immutable
from serving.repository.repository import Repository
from tests.lambdas.prepared import prepared
from tests.lambdas.serving.repository.uploads import publish, source, stage

KEY = "iris/1/model.joblib"
RIVAL = replace(source(8, KEY), etag="other")


def refused(repository: Repository) -> list[Source]:
    return [rejection.source for rejection in repository.models.status("iris").rejected]


@pytest.fixture
def refusing(repository: Repository) -> Repository:
    """Have version 1, and refuse another write of it."""
    assert publish(repository, "1", 1) == "activated"
    assert reject(repository) == "rejected"
    assert refused(repository) == [RIVAL]
    return repository


def reject(repository: Repository) -> str:
    refusal = immutable("iris", "1")
    return repository.reject("iris", "1", refusal.rejection_code, str(refusal), RIVAL).result


def test_it_ends_when_the_version_is_pruned(refusing: Repository) -> None:
    publish(refusing, "2", 2, retain=1)
    assert refused(refusing) == []
    pending = stage(refusing, "1", RIVAL)
    assert (
        refusing.publish(
            "iris", "1", pending.candidate, 1, prepared(refusing, pending.candidate)
        ).result
        == "activated"
    )


def test_it_ends_when_the_object_is_deleted(refusing: Repository) -> None:
    refusing.withdraw("iris", "iris.joblib", "write-1", f"{9:016X}")
    assert refused(refusing) == []


def test_it_ends_when_an_operator_deletes_the_version_and_the_object_stays_away(
    refusing: Repository,
) -> None:
    refusing.operations.delete("iris", "1")
    assert refused(refusing) == []
    assert refusing.is_withdrawn("iris", replace(RIVAL, last_modified="2000-01-01T00:00:00Z"))
    assert not refusing.is_withdrawn("iris", replace(RIVAL, last_modified="2100-01-01T00:00:00Z"))


def test_another_reason_stays(refusing: Repository) -> None:
    bad = source(7, "iris/1/bad.joblib")
    refusing.reject("iris", "1", "LOAD_FAILED", "why", bad)
    refusing.operations.delete("iris", "1")
    assert refused(refusing) == [bad]


def test_a_verdict_that_comes_when_the_version_is_gone_is_not_recorded(
    refusing: Repository,
) -> None:
    refusing.operations.delete("iris", "1")
    assert reject(refusing) == "superseded"
    assert refused(refusing) == []


def test_the_first_of_two_to_be_published_has_the_version(repository: Repository) -> None:
    older, newer = source(1, KEY), replace(source(2, KEY), etag="other")
    pending = [stage(repository, "1", origin) for origin in (older, newer)]
    assert len(repository.models.status("iris").pending) == 2
    assert (
        repository.publish(
            "iris", "1", pending[1].candidate, 5, prepared(repository, pending[1].candidate)
        ).result
        == "activated"
    )
    with pytest.raises(UploadRejected, match="versions don't change"):
        repository.publish(
            "iris", "1", pending[0].candidate, 5, prepared(repository, pending[0].candidate)
        )
    assert repository.models.resolve("iris", "1").manifest.source == newer
