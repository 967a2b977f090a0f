"""Scenarios of one step each, which is killed or fails at every call.

The repository has versions 1, 2 and 3 of `iris`, of which 3 serves; no more are retained. A second
run of the step must come to the same end, wherever the first one ended.
"""

import contextlib
import dataclasses
import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from loader.bucket.events import ObjectEvent
from loader.staging.stager import Stager
from modelmount_compiler.compilation import Compilation
from serving.errors import OperationRefused
from serving.records.manifest import ModelFile
from serving.records.verdicts import Candidate, Refused, Rejected, Removed, Verdict
from serving.repository.publication import immutable
from serving.repository.repository import Repository
from tests.lambdas.crash import bucket
from tests.lambdas.crash.reconcile_steps import begun, lost, reconcile
from tests.lambdas.crash.steps import DESCRIPTION, act, copied, key, stage
from tests.lambdas.prepared import prepared

Step = Callable[[Repository, Any], object]


@dataclass(frozen=True)
class Scenario:
    """A step, its preparation, and the steps after it.

    Attributes:
        seen: the versions that a reader may find serving; None where it may find none.
        asked: prepares the step, and returns its event.
        rest: the following steps of the chain.
        apart: every so many-th call is hit, because reconcile makes hundreds.
    """

    name: str
    seen: tuple[str | None, ...]
    asked: Callable[[Repository], Any]
    step: Step
    rest: Step = lambda repository, asked: None
    apart: int = 1


def _upload(second: int, origin_key: str) -> Callable[[Repository], Candidate]:
    return lambda repository: stage(repository, bucket.source(second, origin_key))


def _one_alone_and_the_whole(repository: Repository) -> Candidate:
    """Publish one file alone, and bring the whole of its version as far as `publish`."""
    act(repository, stage(repository, bucket.source(4, key(4))))
    origin = bucket.source(5, "iris/4/model.json")
    pending = repository.announce("iris", "4", origin)
    alone = bucket.content(key(4), "w4")
    listed = {"m.pkl": alone, "code/words.txt": b"words", "model.json": b"{}"}
    folder = repository.candidates.files(pending.candidate)
    (folder / "code").mkdir()
    for name, data in listed.items():
        (folder / name).write_bytes(data)
    files = [ModelFile(n, len(d), hashlib.sha256(d).hexdigest()) for n, d in listed.items()]
    repository.arrived(pending, *files)
    result = repository.candidates.describe(pending.candidate, DESCRIPTION)
    return Candidate("iris", "4", pending.candidate, "m.pkl", origin, prepared=result)


def _renew(repository: Repository, _asked: Any) -> None:
    """Copy the files of the version that serves, to prepare it again."""
    there = repository.published("iris", "3")
    assert there is not None
    repository.renew(there)


def _renewed(repository: Repository) -> Candidate:
    """Bring the version that serves as far as `publish`, with a compiled form."""
    _renew(repository, None)
    (pending,) = repository.models.status("iris").pending
    form = repository.candidates.compiled(pending.candidate)
    form.write_bytes(b"compiled")
    found = dataclasses.replace(DESCRIPTION, compilation=Compilation(form.name, None))
    repository.candidates.describe(pending.candidate, found)
    return Candidate("iris", "3", pending.candidate, pending.files[0].name, pending.source)


def _not_renewed(repository: Repository) -> Verdict:
    return _renewed(repository).rejected("CODE", "why")


def _put_off(repository: Repository) -> Verdict:
    return copied(repository, bucket.source(4, key(4))).postponed("throttled")


def _rejected(repository: Repository) -> Verdict:
    return stage(repository, bucket.source(4, key(4))).rejected("CODE", "why")


def _with_one_on_its_way(removed: Removed) -> Callable[[Repository], Verdict]:
    def asked(repository: Repository) -> Verdict:
        stage(repository, bucket.source(4, removed.key))
        return removed

    return asked


def _created(second: int, origin_key: str) -> Callable[[Repository], ObjectEvent]:
    return lambda repository: bucket.created(second, origin_key)


def _judge(repository: Repository, asked: Any) -> None:
    verdict = Stager(bucket.client(), repository, 10**9).judge(asked)
    if isinstance(verdict, Rejected):
        act(repository, verdict)


def _describe(repository: Repository, candidate: Candidate) -> None:
    repository.candidates.describe(candidate.candidate, DESCRIPTION)


def _publish(repository: Repository, candidate: Candidate) -> None:
    act(repository, candidate.with_result(prepared(repository, candidate.candidate)))


def _compiled(repository: Repository) -> Candidate:
    verdict = copied(repository, bucket.source(4, key(4)))
    left = repository.candidates.compiled(verdict.candidate)
    left.write_bytes(b"compiled")
    description = dataclasses.replace(DESCRIPTION, compilation=Compilation(left.name, None))
    sha256 = hashlib.sha256(b"compiled").hexdigest()
    return verdict.with_result(
        repository.candidates.describe(verdict.candidate, description, sha256)
    )


def _carry_on(repository: Repository, asked: Any) -> None:
    """Prepare and publish what was staged last."""
    (pending,) = repository.models.status("iris").pending
    result = repository.candidates.describe(pending.candidate, DESCRIPTION)
    candidate = Candidate(
        "iris", pending.version, pending.candidate, pending.files[0].name, pending.source
    )
    act(repository, candidate.with_result(result))


def _operate(name: str, *arguments: str) -> Step:
    """Return a step that runs an operation; its second run is refused, which is no failure."""

    def step(repository: Repository, asked: Any) -> None:
        with contextlib.suppress(OperationRefused):
            getattr(repository.operations, name)("iris", *arguments)

    return step


def _pinned(repository: Repository) -> None:
    repository.operations.pin("iris", "1")


def _upload_beside_a_pin(repository: Repository) -> Candidate:
    _pinned(repository)
    return stage(repository, bucket.source(4, key(4)))


def _upload_beside_one_refused(repository: Repository) -> Candidate:
    """Publishing it prunes version 1, for which another write was refused."""
    origin = bucket.source(5, "iris/1/other.pkl")
    refusal = immutable("iris", "1")
    act(repository, Rejected("iris", "1", refusal.rejection_code, str(refusal), origin))
    return stage(repository, bucket.source(4, key(4)))


def _rolled_back(repository: Repository) -> Removed:
    repository.operations.roll_back("iris")
    return Removed(key(3), "w3", "F")


def _nothing(repository: Repository) -> None:
    return


def _given(verdict: Verdict) -> Callable[[Repository], Verdict]:
    return lambda repository: verdict


SCENARIOS = [
    Scenario("stage", ("3", "4"), _created(4, key(4)), _judge, _carry_on),
    Scenario("stage a tarball", ("3", "4"), _created(4, "iris/4/m.tar.gz"), _judge, _carry_on),
    Scenario("stage a zip", ("3", "4"), _created(4, "iris/4/m.zip"), _judge, _carry_on),
    Scenario(
        "describe", ("3", "4"), lambda r: copied(r, bucket.source(4, key(4))), _describe, _publish
    ),
    Scenario("publish with a compiled form", ("3", "4"), _compiled, act),
    Scenario("publish", ("3", "4"), _upload(4, key(4)), act),
    Scenario("prune a cause of refusal", ("3", "4"), _upload_beside_one_refused, act),
    Scenario("publish an older one", ("3",), _upload(0, key(9)), act),
    Scenario("publish beside a pin", ("1",), _upload_beside_a_pin, act),
    Scenario("complete what one file was alone", ("4",), _one_alone_and_the_whole, act),
    Scenario("begin to prepare again", ("3",), _nothing, _renew, _carry_on),
    Scenario("prepare again", ("3",), _renewed, act),
    Scenario("fail to prepare again", ("3",), _not_renewed, act),
    Scenario("put off", ("3",), _put_off, act),
    Scenario("reject", ("3",), _rejected, act),
    Scenario("refuse", ("3",), _given(Refused("a/b/c/d.pkl", "CODE", "why")), act),
    Scenario("withdraw the newest", ("3", "2"), _given(Removed(key(3), None, "F")), act),
    Scenario("withdraw one write", ("3", "2"), _given(Removed(key(3), "w3", "F")), act),
    Scenario("withdraw an older one", ("3",), _given(Removed(key(1), "w1", "F")), act),
    Scenario("withdraw what was rolled back", ("2",), _rolled_back, act),
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
    Scenario("sweep", ("3",), lambda r: r.candidates.create(), lambda r, _: r.sweep(0)),
    Scenario("reconcile what was lost", ("3", "4"), lost, reconcile, apart=5),
    Scenario("reconcile what was begun", ("2", "3"), begun, reconcile, apart=5),
]
