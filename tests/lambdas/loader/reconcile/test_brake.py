"""A listing that lacks much of what is published withdraws nothing without an explicit word."""

import time
from typing import Any

import pytest

from loader.reconcile import brake
from loader.reconcile.reconciler import Reconciler
from serving.records.verdicts import HeldBack, Removed
from tests.lambdas.deployment import BUCKET, Deployment
from tests.lambdas.loader.reconcile.trusting import MODEL, trusting

COUNT = 12


@pytest.fixture
def deployment(deployment: Deployment) -> Deployment:
    """Return one with twelve published models."""
    trusting(deployment)
    for number in range(COUNT):
        deployment.upload(f"model-{number}.joblib", MODEL)
    deployment.upload("a/.b/d.joblib", b"refused")
    return deployment


@pytest.fixture
def reconciler(deployment: Deployment) -> Reconciler:
    return Reconciler(deployment.s3, BUCKET, deployment.repository, deployment.stager)


def empty(deployment: Deployment, count: int) -> None:
    """Take objects out of the bucket with no delete marker, as a lost bucket would."""
    time.sleep(1 - time.time() % 1)  # within the second of an upload, a deletion counts as earlier
    for number in range(count):
        key = f"model-{number}.joblib"
        pages = deployment.s3.list_object_versions(Bucket=BUCKET, Prefix=key)
        for version in pages["Versions"]:
            deployment.s3.delete_object(Bucket=BUCKET, Key=key, VersionId=version["VersionId"])


def serving(deployment: Deployment) -> int:
    models = deployment.repository.models
    return sum(models.current(name) is not None for name in models.names())


def run(deployment: Deployment, reconciler: Reconciler, **force: bool) -> list[Any]:
    verdicts = reconciler.run(reconciler.plan(**force), lambda: True).verdicts
    return [deployment.publisher.act(verdict) for verdict in verdicts]


def test_an_empty_bucket_withdraws_nothing(deployment: Deployment, reconciler: Reconciler) -> None:
    empty(deployment, COUNT)
    deployment.s3.delete_object(Bucket=BUCKET, Key="a/.b/d.joblib")
    (outcome,) = run(deployment, reconciler)
    assert outcome["result"] == "held_back"
    assert "lacks 12 of the 12 objects" in outcome["reason"]
    assert "modelmount reconcile --force" in outcome["reason"]
    assert serving(deployment) == COUNT
    assert len(deployment.repository.models.refusals()) == 1


def test_a_bucket_that_lacks_more_than_half_withdraws_nothing(
    deployment: Deployment, reconciler: Reconciler
) -> None:
    empty(deployment, 7)
    plan = reconciler.plan()
    assert (len(plan.removals), len(plan.held_back)) == (0, 7)
    assert isinstance(reconciler.run(plan, lambda: True).verdicts[0], HeldBack)


def test_a_word_withdraws_what_is_gone(deployment: Deployment, reconciler: Reconciler) -> None:
    empty(deployment, COUNT)
    outcomes = run(deployment, reconciler, force=True)
    assert [outcome["result"] for outcome in outcomes] == ["withdrawn"] * COUNT
    assert serving(deployment) == 0


def test_some_lost_deletions_are_believed(deployment: Deployment, reconciler: Reconciler) -> None:
    empty(deployment, 6)
    run(deployment, reconciler)
    assert serving(deployment) == COUNT - 6


def test_deletions_that_s3_tells_are_carried_out_however_many(
    deployment: Deployment, reconciler: Reconciler
) -> None:
    for number in range(COUNT):
        deployment.handle(deployment.delete(f"model-{number}.joblib"))
    assert serving(deployment) == 0
    assert reconciler.plan().held_back == []


def test_what_is_held_back_holds_nothing_else_back(
    deployment: Deployment, reconciler: Reconciler
) -> None:
    empty(deployment, COUNT)
    deployment.put("new.joblib", MODEL)
    plan = reconciler.plan()
    assert plan.as_json()["uploads"] == ["new.joblib"]
    assert len(plan.held_back) == COUNT


@pytest.mark.parametrize(
    ("lost", "published", "believed"),
    [
        (0, 0, True),
        (1, 1, False),
        (1, 2, True),
        (2, 3, False),
        (10, 20, True),
        (11, 100, False),
        (10, 100, True),
        (100, 1000, True),
        (101, 1000, False),
    ],
)
def test_the_rule(lost: int, published: int, *, believed: bool) -> None:
    assert brake.is_credible(lost, published) is believed


def test_keys_of_refused_uploads_do_not_count() -> None:
    removals = [Removed("a", None, ""), Removed("b", None, ""), Removed("c", "v1", "")]
    assert brake.lost(removals, {"c"}, {"a", "c"}) == {"a"}
