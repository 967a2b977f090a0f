"""One step each on a small repository: killed at every call, and made to fail at every call.

The repository has versions 1, 2 and 3 of `iris`, of which 3 serves; no more are retained. Asking
for a step a second time must come to the same end, wherever the first time ended.
"""

import contextlib
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from loader.publish import Publisher
from loader.stage import Stager
from serving.errors import OperationRefused
from serving.manifest import Description, ModelFile, Signature, Source
from serving.naming import parse_key
from serving.repository import Repository
from serving.verdicts import Candidate, Refused, Rejected, Removed, Verdict
from tests.lambdas.crash import bucket

RETAIN = 3
SIGNATURE = Signature("matrix", "number", 1, None, False, ("predict",))
DESCRIPTION = Description("pickle", "sklearn", "x.Y", SIGNATURE, 10, 0.1, {})

Step = Callable[[Repository, Any], object]


@dataclass(frozen=True)
class Scenario:
    """A step, from an event to what came of it.

    Attributes:
        seen: the versions that a reader may find serving; None where it may find none.
        asked: makes ready what the step needs, and returns its event.
        rest: what follows in the chain.
    """

    name: str
    seen: tuple[str | None, ...]
    asked: Callable[[Repository], Any]
    step: Step
    rest: Step = lambda repository, asked: None


def key(version: int) -> str:
    return f"iris/{version}/m.pkl"


def stage(repository: Repository, origin: Source) -> Candidate:
    """Copy an upload, and describe it."""
    candidate = copied(repository, origin)
    repository.candidates.describe(candidate.candidate, DESCRIPTION)
    return candidate


def copied(repository: Repository, origin: Source) -> Candidate:
    name = parse_key(origin.key)
    version, data = name.version_of(origin), bucket.content(origin.key, origin.version_id)
    pending = repository.announce(name.model, version, origin)
    (repository.candidates.files(pending.candidate) / name.filename).write_bytes(data)
    checksum = hashlib.sha256(data).hexdigest()
    repository.arrived(pending, ModelFile(name.filename, len(data), checksum))
    return Candidate(name.model, version, pending.candidate, name.filename, origin)


def act(repository: Repository, verdict: Verdict) -> dict[str, Any]:
    return Publisher(repository, RETAIN).act(verdict)


def begin(repository: Repository) -> None:
    for second in (1, 2, 3):
        act(repository, stage(repository, bucket.source(second, key(second))))


def _upload(second: int, origin_key: str) -> Callable[[Repository], Candidate]:
    return lambda repository: stage(repository, bucket.source(second, origin_key))


def _rejected(repository: Repository) -> Verdict:
    return stage(repository, bucket.source(4, key(4))).rejected("CODE", "why")


def _with_one_on_its_way(removed: Removed) -> Callable[[Repository], Verdict]:
    def asked(repository: Repository) -> Verdict:
        stage(repository, bucket.source(4, removed.key))
        return removed

    return asked


def _judge(repository: Repository, asked: Any) -> None:
    verdict = Stager(bucket.client(), repository, 10**9).judge(asked)
    if isinstance(verdict, Rejected):
        act(repository, verdict)


def _describe(repository: Repository, candidate: Candidate) -> None:
    repository.candidates.describe(candidate.candidate, DESCRIPTION)


def _carry_on(repository: Repository, asked: Any) -> None:
    """Prepare and publish what was staged last."""
    (pending,) = repository.models.status("iris").pending
    repository.candidates.describe(pending.candidate, DESCRIPTION)
    act(
        repository,
        Candidate(
            "iris", pending.version, pending.candidate, pending.files[0].name, pending.source
        ),
    )


def _operate(name: str, *arguments: str) -> Step:
    """Ask for an operation; what was done before is refused as done, which is no failure."""

    def step(repository: Repository, asked: Any) -> None:
        with contextlib.suppress(OperationRefused):
            getattr(repository.operations, name)("iris", *arguments)

    return step


def _pinned(repository: Repository) -> None:
    repository.operations.pin("iris", "1")


def _upload_beside_a_pin(repository: Repository) -> Candidate:
    _pinned(repository)
    return stage(repository, bucket.source(4, key(4)))


def _nothing(repository: Repository) -> None:
    return


def _given(verdict: Verdict) -> Callable[[Repository], Verdict]:
    return lambda repository: verdict


SCENARIOS = [
    Scenario("stage", ("3", "4"), lambda _: bucket.created(4, key(4)), _judge, _carry_on),
    Scenario("describe", ("3", "4"), lambda r: copied(r, bucket.source(4, key(4))), _describe, act),
    Scenario("publish", ("3", "4"), _upload(4, key(4)), act),
    Scenario("publish an older one", ("3",), _upload(0, key(9)), act),
    Scenario("publish beside a pin", ("1",), _upload_beside_a_pin, act),
    Scenario("reject", ("3",), _rejected, act),
    Scenario("refuse", ("3",), _given(Refused("a/b/c/d.pkl", "CODE", "why")), act),
    Scenario("withdraw the newest", ("3", "2"), _given(Removed(key(3), None, "F")), act),
    Scenario("withdraw one write", ("3", "2"), _given(Removed(key(3), "w3", "F")), act),
    Scenario("withdraw an older one", ("3",), _given(Removed(key(1), "w1", "F")), act),
    Scenario(
        "withdraw what is on its way",
        ("3",),
        _with_one_on_its_way(Removed(key(4), None, "F")),
        act,
    ),
    Scenario("pin", ("3", "1"), _nothing, _operate("pin", "1")),
    Scenario("unpin", ("1", "3"), _pinned, _operate("unpin")),
    Scenario("roll back", ("3", "1"), _nothing, _operate("roll_back", "1")),
    Scenario("delete one", ("3", "2"), _nothing, _operate("delete", "3")),
    Scenario("delete all", ("3", "2", "1", None), _nothing, _operate("delete")),
    Scenario("sweep", ("3",), lambda r: r.candidates.create(), lambda r, _: r.candidates.sweep(0)),
]
