"""Kills the loader, the preparer and the publisher at random times while they work in parallel.

Reconcile runs at the end, for the events that were lost, and is killed as well.
"""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

from loader import publish as publishing
from loader.bucket.events import ObjectEvent
from loader.publish import Publisher
from loader.staging.stager import Stager
from preparation.prepare import Preparer
from preparation.sandbox import run_child
from serving.records.verdicts import Candidate, Rejected, Removed, Verdict
from serving.records.versions import version_of
from serving.repository.candidates import Candidates
from serving.repository.model_reader import ModelReader
from serving.repository.repository import Repository
from tests.lambdas.crash import bucket, reconcile_steps, state
from tests.lambdas.crash.kills.every_call import swept
from tests.lambdas.crash.kills.processes import Child, Killed, reading
from tests.lambdas.crash.kills.report import Report
from tests.lambdas.crash.steps import act, stage

MODELS = ("m0", "m1", "m2")
LOADERS = 2
ENDINGS = ("pkl", "pkl", "tar.gz", "zip")
RETAIN = 10_000
# As Lambda does: once, and again after a failure. `publish` goes on from the queue of failures.
ATTEMPTS = {"stage": 3, "prepare": 2, "publish": 1000, "reconcile": 1000}
KILLED = {"stage": 0.6, "prepare": 0.5, "publish": 0.8, "reconcile": 0.95}


@dataclass
class Worker:
    """Uploads, and sometimes deletes, until the wanted number of processes was killed."""

    root: Path
    number: int
    wanted: int
    kills: int = 0
    typical: dict[str, float] = field(default_factory=lambda: dict.fromkeys(ATTEMPTS, 0.02))
    expected: dict[str, dict[str, str]] = field(default_factory=lambda: {m: {} for m in MODELS})

    written: list[tuple[int, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._random = random.Random(self.number)
        self._repository = Repository(self.root)
        self._stager = Stager(bucket.client(), self._repository, 10**9)
        candidates = Candidates(self.root / "candidates")
        self._preparer = Preparer(candidates, ("pickle",), 4096, scans=False)
        self._publisher = Publisher(self._repository, RETAIN)

    def run(self) -> "Worker":
        second = 100 + self.number
        while self.kills < self.wanted:
            second += 2 * LOADERS
            self._upload(second)
        return self

    def _upload(self, second: int) -> None:
        model = self._random.choice(MODELS)
        if self._random.random() < 0.1:
            self._lose(second, model)
            return
        event = bucket.created(second, f"{model}/{self.number}.{self._random.choice(ENDINGS)}")
        self.written.append((second, event.key.text))
        for _ in range(self._random.choice((1, 1, 1, 2))):  # an event can come twice
            self._handle(event)
        if self._random.random() < 0.1:
            self.written.pop()
            self._handle(bucket.destroyed(second, event.key.text))

    def _lose(self, second: int, model: str) -> None:
        """Upload under a key of its own, and let nobody know."""
        origin = bucket.source(second, f"{model}/lost-{second}.pkl")
        self.written.append((second, origin.key))
        self.expected[model][version_of(origin.object_key, origin)] = origin.version_id

    def reconcile(self, written: list[tuple[int, str]]) -> None:
        """Reconcile with a bucket of these writes until that was not killed."""
        found = reconcile_steps.listed(sorted(written))
        task = partial(reconcile_steps.reconcile, self._repository, found, RETAIN)
        self._survive("reconcile", task)
        task()

    def _handle(self, event: ObjectEvent) -> None:
        verdict = self._staged(event)
        if isinstance(verdict, Candidate):
            verdict = self._prepared(verdict)
        if verdict is None:
            return
        self._survive("publish", partial(self._publisher.act, verdict))
        versions = self.expected[event.source.object_key.model]
        match verdict:
            case Candidate():
                versions[verdict.version] = event.version_id
            case Removed():
                gone = [v for v, version_id in versions.items() if version_id == event.version_id]
                for version in gone:
                    del versions[version]

    def _staged(self, event: ObjectEvent) -> Verdict | None:
        try:
            verdict: Verdict | None = self._survive("stage", partial(self._stager.judge, event))
        except Killed:
            (verdict,) = publishing.read(bucket.given_up(event, "signal: killed"))
        return verdict

    def _prepared(self, verdict: Candidate) -> Verdict:
        try:
            prepared: Verdict = self._survive("prepare", partial(self._preparer.judge, verdict, 60))
        except Killed:
            return verdict.rejected("PREPARATION_FAILED", "killed")
        if isinstance(prepared, Rejected):
            raise AssertionError(prepared.reason)
        return prepared

    def _survive(self, step: str, task: Callable[[], Any]) -> Any:
        """Run a step in processes of its own, one after the other, until one gets through.

        Raises:
            Killed: none of as many as Lambda would try did.
        """
        for _ in range(ATTEMPTS[step]):
            seconds = None
            if self._random.random() < KILLED[step]:
                seconds = self._random.uniform(0, self.typical[step])
            try:
                return self._timed(step, task, seconds)
            except Killed:
                self.kills += 1
        raise Killed

    def _timed(self, step: str, task: Callable[[], Any], seconds: float | None) -> Any:
        """Run one process, and update the typical time of its step."""
        started = time.perf_counter()
        result = Child(task).result(seconds)
        if seconds is None:
            took = time.perf_counter() - started
            self.typical[step] = (self.typical[step] + took) / 2
        return result


def run(folder: Path, kills: int) -> Report:
    """Run workers until so many kills in all, and compare the end with what is expected."""
    root, report = folder / "repository", Report()
    repository = Repository(root)
    for model in MODELS:
        act(repository, stage(repository, bucket.source(1, f"{model}/0.pkl")))
    looking = partial(_look, ModelReader(root / "models"))
    light = patch("preparation.children.run_child", _run_light_child)
    with light, reading(looking, folder / "stop") as found:
        children = [Child(Worker(root, n, kills // LOADERS).run) for n in range(LOADERS)]
        workers: list[Worker] = [child.result() for child in children]
        written = [write for worker in workers for write in worker.written]
        reconciler = Worker(root, LOADERS, wanted=0)
        reconciler.reconcile([*((1, f"{model}/0.pkl") for model in MODELS), *written])
    report.saw(found)
    report.kills = sum(worker.kills for worker in [*workers, reconciler])
    for model in MODELS:
        with report.noticing(model):
            expected = {k: v for worker in workers for k, v in worker.expected[model].items()}
            _compare(repository, model, expected, report)
    report.compare([], swept(repository, root))
    return report


def _run_light_child(arguments: list[str], **limits: Any) -> bytes:
    return run_child(["tests.lambdas.crash.kills.light_child", *arguments[1:]], **limits)


def _look(models: ModelReader) -> None:
    for model in MODELS:
        if state.read(models, model) is None:
            raise state.Torn(f"{model} has no version that serves")


def _compare(repository: Repository, model: str, expected: dict[str, str], report: Report) -> None:
    """Compare the versions with those that got through; the newest one must serve."""
    status = state.snapshot(repository)[model]
    first = next(v for v, source in status["ready"].items() if source.version_id == "w1")
    found = {version: source.version_id for version, source in status["ready"].items()}
    report.compare({first: "w1", **expected}, found)
    report.compare(max(found, key=lambda version: int(found[version][1:])), status["serves"])
    report.compare({}, status["pending"])
