"""A file system that lost everything comes back by itself, so many uploads at a time."""

import itertools
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from loader import handler as loader
from loader.reconcile.messages import MAX_WAITS, ReconcileEvent, answer
from loader.reconcile.reconciler import Reconciler, Run
from serving.records.verdicts import Candidate, HeldBack
from tests.lambdas.deployment import BUCKET, Deployment
from tests.lambdas.loader.reconcile.trusting import MODEL, trusting

LIMIT = 4


class Pauses:
    """Stands for the time in which others work: each pause lets one candidate be published."""

    def __init__(self, deployment: Deployment) -> None:
        self.deployment = deployment
        self.waiting: list[Candidate] = []
        self.most = 0
        self.published: list[tuple[str, str]] = []

    def __call__(self, seconds: float) -> None:
        verdict = self.waiting.pop(0)
        prepared = self.deployment.preparer.judge(verdict, 60)
        self.deployment.publisher.act(prepared)
        self.published.append((verdict.model, verdict.version))


@pytest.fixture
def deployment(deployment: Deployment) -> Deployment:
    return trusting(deployment)


@pytest.fixture
def pauses(deployment: Deployment) -> Pauses:
    return Pauses(deployment)


@pytest.fixture
def reconciler(deployment: Deployment, pauses: Pauses) -> Reconciler:
    return Reconciler(
        deployment.s3,
        BUCKET,
        deployment.repository,
        deployment.stager,
        concurrency=LIMIT,
        pause=pauses,
    )


def restore(reconciler: Reconciler, pauses: Pauses) -> int:
    """Run until no run asks for another; return how many there were."""
    for number in itertools.count(1):
        run = reconciler.run(reconciler.plan(), lambda: True)
        pauses.waiting += [each for each in run.verdicts if isinstance(each, Candidate)]
        pauses.most = max(pauses.most, len(pauses.waiting))
        for each in run.verdicts:
            if not isinstance(each, Candidate):
                pauses.deployment.publisher.act(each)
        if not run.more:
            while pauses.waiting:
                pauses(0)
            return number
    raise AssertionError


def test_everything_comes_back_and_no_more_at_once_than_the_limit(
    deployment: Deployment, reconciler: Reconciler, pauses: Pauses
) -> None:
    keys = [f"model-{number:02}.joblib" for number in range(25)]
    for key in keys:
        deployment.put(key, MODEL)
    assert restore(reconciler, pauses) >= 25 / LIMIT
    assert pauses.most == LIMIT
    models = deployment.repository.models
    assert [models.state(name) for name in models.names()] == ["ready"] * 25
    assert not any(reconciler.plan().as_json().values())


def test_what_came_first_is_the_version_though_many_are_under_way(
    deployment: Deployment, reconciler: Reconciler, pauses: Pauses
) -> None:
    """Two objects for one version are never under way at once: the older one has to win."""
    deployment.put("iris/1/a.joblib", MODEL)
    deployment.put("iris/1/b.joblib", b"another")
    deployment.put("iris/2/m.joblib", MODEL)
    run = reconciler.run(reconciler.plan(), lambda: True)
    begun = [each for each in run.verdicts if isinstance(each, Candidate)]
    assert [each.source.key for each in begun] == ["iris/1/a.joblib", "iris/2/m.joblib"]
    assert run.more
    pauses.waiting = begun[::-1]  # the newer version is published first
    restore(reconciler, pauses)
    status = deployment.repository.models.status("iris")
    assert [manifest.source.key for manifest in status.ready] == [
        "iris/1/a.joblib",
        "iris/2/m.joblib",
    ]
    assert [each.code for each in status.rejected] == ["VERSION_EXISTS"]
    assert status.current == "2"


def test_a_run_waits_no_longer_than_it_has_time(
    deployment: Deployment, reconciler: Reconciler
) -> None:
    for number in range(LIMIT + 1):
        deployment.put(f"model-{number}.joblib", MODEL)
    assert reconciler.run(reconciler.plan(), lambda: True).begun == LIMIT
    run = reconciler.run(reconciler.plan(), lambda: False)
    assert (run.begun, run.more) == (0, True)


def test_what_came_by_its_own_event_meanwhile_is_not_begun_again(
    deployment: Deployment, reconciler: Reconciler
) -> None:
    event = deployment.put("iris.joblib", MODEL)
    plan = reconciler.plan()
    deployment.stager.judge(event)
    assert reconciler.run(plan, lambda: True).verdicts == []


def test_what_was_put_off_comes_back_after_some_minutes(
    deployment: Deployment, reconciler: Reconciler
) -> None:
    verdict = deployment.stager.judge(deployment.put("iris.joblib", MODEL))
    assert isinstance(verdict, Candidate)
    deployment.publisher.act(verdict.postponed("throttled"))
    plan = reconciler.plan()
    assert (plan.under_way, plan.unfinished, len(plan.put_off)) == ([], [], 1)
    later = Reconciler(
        deployment.s3,
        BUCKET,
        deployment.repository,
        deployment.stager,
        clock=lambda: datetime.now(UTC) + timedelta(minutes=11),
    )
    for each in later.run(later.plan(), lambda: True).verdicts:
        deployment.publisher.act(deployment.preparer.judge(each, 60))
    status = deployment.repository.models.status("iris")
    assert (status.state, status.pending) == ("ready", [])


def test_many_keys_that_name_no_model_start_no_endless_row(
    deployment: Deployment, reconciler: Reconciler
) -> None:
    for number in range(130):
        deployment.s3.put_object(Bucket=BUCKET, Key=f"a/.b/{number}.joblib", Body=b"x")
    run = reconciler.run(reconciler.plan(), lambda: True)
    assert (len(run.verdicts), run.more) == (100, False)


@pytest.mark.parametrize(
    ("event", "run", "following"),
    [
        ({}, Run([], 3, more=True), {"waits": 0}),
        ({}, Run([], 0, more=True), {"waits": 1}),
        ({"waits": 2}, Run([], 0, more=True), {"waits": 3}),
        ({"waits": 2}, Run([], 1, more=True), {"waits": 0}),
        ({"waits": MAX_WAITS}, Run([], 0, more=True), None),
        ({}, Run([], 3, more=False), None),
    ],
)
def test_a_run_asks_for_the_next_unless_there_was_no_room_for_an_hour(
    event: dict[str, Any], run: Run, following: dict[str, int] | None
) -> None:
    assert answer(ReconcileEvent.of(event), run).get("continue") == following


def test_what_is_held_back_is_told_once_in_a_row_of_runs() -> None:
    run = Run([HeldBack("why")], 1, more=True)
    assert len(answer(ReconcileEvent.of({}), run)["verdicts"]) == 1
    assert answer(ReconcileEvent.of({"waits": 0}), run)["verdicts"] == []


class Context:
    def get_remaining_time_in_millis(self) -> int:
        return 900_000


def test_the_handler_answers_plan_run_and_a_run_beside_another(
    deployment: Deployment, reconciler: Reconciler, monkeypatch: pytest.MonkeyPatch
) -> None:
    deployment.put("iris.joblib", MODEL)
    monkeypatch.setattr(loader, "_reconciler", lambda: (reconciler, deployment.repository))
    report = loader.reconcile({"dry_run": True}, Context())
    assert report["plan"]["uploads"] == ["iris.joblib"]
    assert (report["verdicts"], report["under_way"]) == ([], 0)
    assert report["held_back"] == {"objects": [], "reason": ""}
    found = json.loads(json.dumps(loader.reconcile({"source": "aws.events"}, Context())))
    assert [each["model"] for each in found["verdicts"]] == ["iris"]
    assert "continue" not in found
