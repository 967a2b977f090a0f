"""Bucket against file system, after events were lost or functions died."""

from datetime import UTC, datetime, timedelta

import pytest

from loader.bucket import listing
from loader.bucket.listing import Listing
from loader.reconcile.plan import Plan
from loader.reconcile.reconciler import MAX_VERDICTS, Reconciler
from serving.records.verdicts import Candidate, Refused, Removed
from tests.lambdas.deployment import BUCKET, Deployment, classifier, dumped

MODEL = dumped(classifier())
OTHER = dumped(classifier(10))


@pytest.fixture
def reconciler(deployment: Deployment) -> Reconciler:
    return Reconciler(deployment.s3, BUCKET, deployment.repository, deployment.stager)


def heal(deployment: Deployment, reconciler: Reconciler) -> Plan:
    """Run until done, as the functions would: stage, preparer, publish."""
    plan = reconciler.plan(force=True)
    for verdict in reconciler.run(plan, lambda: True).verdicts:
        deployment.publisher.act(deployment.preparer.judge(verdict, 60))
    return plan


def nothing(plan: Plan) -> bool:
    return not any(plan.as_json().values())


@pytest.mark.slow
def test_when_all_is_well_there_is_nothing_to_do(
    deployment: Deployment, reconciler: Reconciler
) -> None:
    deployment.upload("iris.joblib", MODEL)
    deployment.upload("iris.joblib", OTHER)
    deployment.upload("tulip/1/m.joblib", MODEL)
    deployment.upload("tulip/1/m.joblib", MODEL)
    deployment.upload("bad.joblib", b"text")
    deployment.upload("a/.b/d.joblib", b"text")
    deployment.upload("gone.joblib", MODEL)
    deployment.handle(deployment.delete("gone.joblib"))
    deployment.s3.put_object(Bucket=BUCKET, Key="folder/", Body=b"")
    assert nothing(reconciler.plan(force=True))


def test_a_lost_upload_is_found(deployment: Deployment, reconciler: Reconciler) -> None:
    deployment.put("iris.joblib", MODEL)
    deployment.put("bad.joblib", b"text")
    deployment.put("a/.b/d.joblib", MODEL)
    plan = heal(deployment, reconciler)
    assert plan.as_json()["uploads"] == ["a/.b/d.joblib", "bad.joblib", "iris.joblib"]
    models = deployment.repository.models
    assert (models.state("iris"), models.state("bad")) == ("ready", "rejected")
    assert [r.key for r in models.refusals()] == ["a/.b/d.joblib"]
    assert nothing(reconciler.plan(force=True))


def test_a_lost_overwrite_is_found(deployment: Deployment, reconciler: Reconciler) -> None:
    deployment.upload("iris.joblib", MODEL)
    newer = deployment.put("iris.joblib", OTHER)
    heal(deployment, reconciler)
    assert deployment.repository.models.resolve("iris").manifest.source.version_id == (
        newer.version_id
    )
    assert nothing(reconciler.plan(force=True))


def test_a_lost_deletion_is_found(deployment: Deployment, reconciler: Reconciler) -> None:
    deployment.upload("iris/1/m.joblib", MODEL)
    deployment.upload("iris/2/m.joblib", OTHER)
    deployment.delete("iris/2/m.joblib")
    plan = heal(deployment, reconciler)
    assert [removed.key for removed in plan.removals] == ["iris/2/m.joblib"]
    assert deployment.repository.models.current("iris") == "1"
    assert nothing(reconciler.plan(force=True))


def test_an_upload_after_a_deletion_is_found_though_both_events_were_lost(
    deployment: Deployment, reconciler: Reconciler
) -> None:
    deployment.upload("iris.joblib", MODEL)
    deployment.delete("iris.joblib")
    heal(deployment, reconciler)
    assert deployment.repository.models.state("iris") == "withdrawn"
    deployment.put("iris.joblib", OTHER)
    heal(deployment, reconciler)
    assert deployment.repository.models.state("iris") == "ready"


def test_a_deletion_that_was_taken_back_is_found(
    deployment: Deployment, reconciler: Reconciler
) -> None:
    deployment.upload("iris.joblib", MODEL)
    deletion = deployment.delete("iris.joblib")
    deployment.handle(deletion)
    assert deployment.repository.models.state("iris") == "withdrawn"
    deployment.s3.delete_object(Bucket=BUCKET, Key="iris.joblib", VersionId=deletion.version_id)
    heal(deployment, reconciler)
    assert deployment.repository.models.state("iris") == "ready"
    assert nothing(reconciler.plan(force=True))


@pytest.mark.slow
def test_what_an_operator_deleted_or_retention_pruned_stays_away(
    deployment: Deployment, reconciler: Reconciler
) -> None:
    deployment.retain_versions = 2
    deployment.__post_init__()
    for number in range(1, 5):
        deployment.upload(f"iris/{number}/m.joblib", dumped(classifier(number)))
    deployment.repository.operations.delete("iris", "4")
    assert nothing(reconciler.plan(force=True))
    assert [m.version for m in deployment.repository.models.manifests("iris")] == ["3"]


def later(deployment: Deployment) -> Reconciler:
    """Return one that comes when all that is on its way was given up."""
    return Reconciler(
        deployment.s3,
        BUCKET,
        deployment.repository,
        deployment.stager,
        clock=lambda: datetime.now(UTC) + timedelta(hours=2),
    )


def test_a_version_published_since_the_listing_is_left_alone(
    deployment: Deployment, reconciler: Reconciler, monkeypatch: pytest.MonkeyPatch
) -> None:
    deployment.upload("iris.joblib", MODEL)
    monkeypatch.setattr(listing, "read", lambda s3, bucket, layouts: Listing())
    assert reconciler.plan().removals == []


def test_an_upload_on_its_way_is_left_alone_until_it_was_given_up(
    deployment: Deployment, reconciler: Reconciler
) -> None:
    deployment.stager.judge(deployment.put("iris.joblib", MODEL))
    assert nothing(reconciler.plan(force=True))
    heal(deployment, later(deployment))
    assert deployment.repository.models.state("iris") == "ready"


def test_a_current_that_was_never_moved_is_moved(
    deployment: Deployment, reconciler: Reconciler
) -> None:
    deployment.upload("iris/1/m.joblib", MODEL)
    deployment.upload("iris/2/m.joblib", OTHER)
    link = deployment.root / "models" / "iris" / "current"
    link.unlink()
    link.symlink_to("versions/1")
    assert heal(deployment, reconciler).misdirected == ["iris"]
    assert deployment.repository.models.current("iris") == "2"


def test_a_refused_key_that_is_gone_is_forgotten(
    deployment: Deployment, reconciler: Reconciler
) -> None:
    deployment.upload("a/.b/d.joblib", b"text")
    deployment.delete("a/.b/d.joblib")
    heal(deployment, reconciler)
    assert deployment.repository.models.refusals() == []


def test_a_run_ends_in_time_and_the_next_goes_on(
    deployment: Deployment, reconciler: Reconciler
) -> None:
    for number in range(4):
        deployment.put(f"much-{number}/.too/deep.joblib", b"text")
        deployment.put(f"model-{number}.joblib", MODEL)
    turns = iter([True, True, True, False])
    verdicts = reconciler.run(reconciler.plan(), lambda: next(turns)).verdicts
    assert len(verdicts) == 3
    for verdict in verdicts:
        deployment.publisher.act(verdict)
    assert len(reconciler.plan().uploads) == 5


def test_a_run_returns_no_more_verdicts_than_an_event_carries(
    deployment: Deployment, reconciler: Reconciler
) -> None:
    for number in range(MAX_VERDICTS + 5):
        deployment.s3.put_object(Bucket=BUCKET, Key=f"a/.b/{number}.joblib", Body=b"x")
    verdicts = reconciler.run(reconciler.plan(), lambda: True).verdicts
    assert len(verdicts) == MAX_VERDICTS
    assert {type(verdict) for verdict in verdicts} == {Refused}


@pytest.mark.slow
def test_every_page_of_the_listing_is_read(deployment: Deployment, reconciler: Reconciler) -> None:
    for number in range(1005):
        deployment.s3.put_object(Bucket=BUCKET, Key=f"model-{number:04}.joblib", Body=b"x")
    assert len(reconciler.plan().uploads) == 1005


def test_kinds_of_verdicts(deployment: Deployment, reconciler: Reconciler) -> None:
    deployment.upload("old.joblib", MODEL)
    deployment.delete("old.joblib")
    deployment.put("new.joblib", MODEL)
    kinds = [
        type(verdict)
        for verdict in reconciler.run(reconciler.plan(force=True), lambda: True).verdicts
    ]
    assert kinds == [Removed, Candidate]
