"""What was refused, given up or left half-written, and comes to an end by reconcile alone."""

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from loader.reconcile.reconciler import Reconciler
from preparation.prepare import Preparer
from serving.records.verdicts import Candidate, Verdict
from serving.repository.candidates import Candidates
from tests.lambdas.crash.steps import DESCRIPTION
from tests.lambdas.deployment import BUCKET, Deployment
from tests.lambdas.loader.reconcile.test_reconciler import heal, later, nothing

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

MODEL, OTHER, THIRD = b"one", b"two", b"three"


class Trusting(Preparer):
    """Finds every file in order, without loading it."""

    def judge(self, verdict: Verdict, seconds: float) -> Verdict:
        if isinstance(verdict, Candidate):
            return verdict.with_result(self._candidates.describe(verdict.candidate, DESCRIPTION))
        return verdict


@pytest.fixture
def deployment(s3: "S3Client", tmp_path: Path) -> Deployment:
    deployment = Deployment(s3, tmp_path)
    deployment.preparer = Trusting(Candidates(tmp_path / "candidates"), (), 0)
    return deployment


@pytest.fixture
def reconciler(deployment: Deployment) -> Reconciler:
    return Reconciler(deployment.s3, BUCKET, deployment.repository, deployment.stager)


def test_what_was_refused_because_a_version_was_there_is_taken_up_when_that_is_gone(
    deployment: Deployment, reconciler: Reconciler
) -> None:
    deployment.upload("iris/1/a.joblib", MODEL)
    deployment.upload("iris/1/b.joblib", OTHER)
    assert nothing(reconciler.plan())
    deployment.handle(deployment.delete("iris/1/a.joblib"))
    assert deployment.repository.models.status("iris").rejected == []
    assert heal(deployment, reconciler).as_json()["uploads"] == ["iris/1/b.joblib"]
    assert deployment.repository.models.resolve("iris", "1").manifest.source.key.endswith(
        "b.joblib"
    )
    assert nothing(reconciler.plan())


def test_what_an_operator_deleted_is_not_taken_up_from_a_copy_or_from_what_was_refused(
    deployment: Deployment, reconciler: Reconciler, monkeypatch: pytest.MonkeyPatch
) -> None:
    deployment.upload("iris/1/m.joblib", MODEL)
    deployment.upload("iris/1/m.joblib", MODEL)
    deployment.upload("iris/1/other.joblib", OTHER)
    monkeypatch.setattr("serving.repository.operations.now", lambda: "2100-01-01T00:00:00Z")
    deployment.repository.operations.delete("iris", "1")
    assert nothing(reconciler.plan())
    assert deployment.repository.models.state("iris") == "withdrawn"


def test_two_keys_for_one_version_are_both_told_of(
    deployment: Deployment, reconciler: Reconciler
) -> None:
    deployment.upload("iris/1/a.joblib", MODEL)
    deployment.upload("iris/1/b.joblib", OTHER)
    deployment.upload("iris/1/c.joblib", THIRD)
    assert [r.source.key for r in deployment.repository.models.status("iris").rejected] == [
        "iris/1/b.joblib",
        "iris/1/c.joblib",
    ]
    assert nothing(reconciler.plan())


def test_a_newest_write_that_was_deleted_by_itself_is_withdrawn(
    deployment: Deployment, reconciler: Reconciler
) -> None:
    first = deployment.upload("iris.joblib", MODEL)
    newer = deployment.put("iris.joblib", OTHER)
    deployment.handle(newer)
    deployment.s3.delete_object(Bucket=BUCKET, Key="iris.joblib", VersionId=newer.version_id)
    heal(deployment, reconciler)
    assert first is not None
    assert deployment.repository.models.current("iris") == first["version"]
    assert nothing(reconciler.plan())


def test_an_old_write_that_was_given_up_comes_to_its_end(deployment: Deployment) -> None:
    deployment.stager.judge(deployment.put("iris.joblib", MODEL))
    deployment.upload("iris.joblib", OTHER)
    assert heal(deployment, later(deployment)).as_json()["unfinished"] == ["iris.joblib"]
    status = deployment.repository.models.status("iris")
    assert (len(status.ready), status.pending) == (2, [])
    assert nothing(later(deployment).plan())


def test_what_was_published_and_is_still_noted_as_pending_comes_to_its_end(
    deployment: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("serving.repository.upload_log.UploadLog.drop_pending", lambda *_: None)
        deployment.upload("iris.joblib", MODEL)
    assert len(deployment.repository.models.status("iris").pending) == 1
    heal(deployment, later(deployment))
    assert deployment.repository.models.status("iris").pending == []


def test_what_killed_writers_left_is_told_and_swept_when_it_is_a_day_old(
    deployment: Deployment, reconciler: Reconciler
) -> None:
    deployment.upload("iris.joblib", MODEL)
    temporary = deployment.repository.models.temporary
    old, young = temporary / "old", temporary / "young"
    candidate = deployment.repository.candidates.create()
    yesterday = time.time() - 25 * 3600
    for path in (old, young):
        path.touch()
    for path in (old, deployment.repository.candidates.folder(candidate)):
        os.utime(path, (yesterday, yesterday))
    assert reconciler.plan().as_json()["leftovers"] == [candidate, "old"]
    assert old.exists()
    heal(deployment, reconciler)
    assert list(temporary.iterdir()) == [young]
    assert not deployment.repository.candidates.folder(candidate).exists()
