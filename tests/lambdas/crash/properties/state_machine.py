"""A state machine of uploads, deletions and operations: in any order, twice, late or lost."""

import random
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from loader import publish as publishing
from loader.bucket.events import ObjectEvent
from serving.errors import OperationRefused
from serving.records.object_keys import ObjectKey, read_key
from serving.records.uploads import Pending
from serving.records.verdicts import Candidate, Rejected, Removed, Verdict
from serving.records.versions import version_of
from serving.repository.repository import Repository
from tests.lambdas.crash import bucket
from tests.lambdas.crash.listed_bucket import ListedBucket
from tests.lambdas.crash.properties.functions import Functions, moment
from tests.lambdas.crash.properties.reference_model import EXISTS, Reference, Write

MODELS = ("a", "b")
KEYS = ("a.pkl", "a/x.pkl", "a/1/m.pkl", "a/2/m.pkl", "a/2/n.pkl", "b.pkl", "b/7/m.pkl")
MEMORY = Path("/dev/shm")  # where syncing is for free


class MirroredRepository(Repository):
    """Tells the reference models about the changes that only reconcile makes."""

    def __init__(self, root: Path, references: dict[str, Reference]) -> None:
        super().__init__(root)
        self._references = references

    def exhume(self, model: str, key: str) -> None:
        super().exhume(model, key)
        self._references[model].exhume(key)

    def abandon(self, pending: Pending) -> None:
        super().abandon(pending)
        self._references[pending.model].abandon(pending.candidate)


class Loader(RuleBasedStateMachine):
    """The loader's functions over a bucket, whose events are handled once or twice, at any time."""

    retain = 100
    # Seconds between a deletion and what was before and comes after.
    apart = 0

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(dir=MEMORY if MEMORY.is_dir() else None))
        self.root = self.folder / "repository"
        self.references = {model: Reference(self.retain) for model in MODELS}
        self.repository: Repository = MirroredRepository(self.root, self.references)
        self.bucket, self.bad = ListedBucket(), set[str]()
        self.functions = Mirrored(self)
        self.writes: dict[str, Write] = {}
        self.destroyed: set[Write] = set()
        self.events: list[ObjectEvent] = []
        self.late: list[ObjectEvent] = []
        self.verdicts: list[Verdict] = []
        self.clock = self.sequence = 0
        self._time = patch("serving.repository.clock.datetime")
        self._time.start().now.side_effect = lambda zone: moment(self.clock)

    @initialize(seed=st.integers(0, 2**32))
    def begin(self, seed: int) -> None:
        self.random = random.Random(seed)

    # The bucket.

    @rule(
        key=st.sampled_from(KEYS),
        content=st.sampled_from("xyz"),
        seconds=st.integers(0, 1),
        is_good=st.sampled_from([True, True, True, False]),
        at_once=st.booleans(),
    )
    def upload(self, key: str, content: str, seconds: int, is_good: bool, at_once: bool) -> None:
        self.clock += seconds
        event = self._event("ObjectCreated:Put", key, f"w{self.sequence + 1}", content)
        source = replace(event.source, last_modified=f"{moment(self.clock):%Y-%m-%dT%H:%M:%SZ}")
        version = version_of(source.object_key, source)
        number = int(version) if version.isdecimal() else 0
        self.bucket.put(source)
        self.writes[event.version_id] = Write(source, version, number, is_good)
        if not is_good:
            self.bad.add(event.version_id)
        self._tell(event, at_once)

    @rule(key=st.sampled_from(KEYS), at_once=st.booleans())
    def delete_key(self, key: str, at_once: bool) -> None:
        self.clock += self.apart
        event = self._event("ObjectRemoved:DeleteMarkerCreated", key, f"d{self.sequence + 1}")
        self.bucket.mark(event.source)
        self.clock += self.apart
        self._tell(event, at_once)

    @precondition(lambda self: self.writes)
    @rule(data=st.data(), at_once=st.booleans())
    def delete_one_write(self, data: st.DataObject, at_once: bool) -> None:
        write = data.draw(st.sampled_from(list(self.writes.values())))
        self.destroyed.add(write)
        self.bucket.destroy(write.source.key, write.source.version_id)
        event = self._event("ObjectRemoved:Delete", write.source.key, write.source.version_id)
        self._tell(event, at_once)

    # The functions.

    @precondition(lambda self: self.late)
    @rule(data=st.data())
    def stage(self, data: st.DataObject) -> None:
        event = data.draw(st.sampled_from(self.late))
        self.late.remove(event)
        self._stage(event)

    @precondition(lambda self: self.events)
    @rule(data=st.data())
    def stage_again(self, data: st.DataObject) -> None:
        self._stage(data.draw(st.sampled_from(self.events)))

    @precondition(lambda self: self.events)
    @rule(data=st.data())
    def fail_to_stage(self, data: st.DataObject) -> None:
        event = data.draw(st.sampled_from(self.events))
        self.verdicts += publishing.read(bucket.given_up(event, "killed"))

    @precondition(lambda self: self.verdicts)
    @rule(data=st.data(), again=st.sampled_from([False, False, True]))
    def publish(self, data: st.DataObject, again: bool) -> None:
        verdict = data.draw(st.sampled_from(self.verdicts))
        if not again:
            self.verdicts.remove(verdict)
        self._publish(verdict)

    # The operator.

    @rule(
        model=st.sampled_from(MODELS),
        name=st.sampled_from(["pin", "unpin", "roll_back", "delete"]),
        which=st.integers(-1, 3),
    )
    def operate(self, model: str, name: str, which: int) -> None:
        reference = self.references[model]
        ready = sorted(reference.ready)
        version = ready[which % len(ready)] if ready and which >= 0 else None
        if name == "delete":
            gone = [w for v, w in reference.ready.items() if version in (None, v)]
            reference.delete(*gone, ordered_at=f"{moment(self.clock):%Y-%m-%dT%H:%M:%SZ}")
            is_done = bool(gone)
        elif name == "unpin":
            is_done = reference.unpin()
        elif name == "pin":
            version = version or "none"
            is_done = reference.pin(version)
        else:
            is_done = reference.roll_back(version)
        arguments = () if name == "unpin" or version is None else (version,)
        try:
            getattr(self.repository.operations, name)(model, *arguments)
        except OperationRefused:
            assert not is_done
        else:
            assert is_done

    @invariant()
    def agree(self) -> None:
        known = self.repository.models.names()
        for model, reference in self.references.items():
            if model not in known:
                assert not reference.ready
                continue
            status = self.repository.models.status(model)
            assert {m.version: m.source.version_id for m in status.ready} == {
                version: write.source.version_id for version, write in reference.ready.items()
            }
            assert status.current == reference.serves()
            assert {p.source.version_id: p.candidate for p in status.pending} == {
                write.source.version_id: candidate for write, candidate in reference.pending.items()
            }
            rejected = {r.source.version_id: r.code for r in status.rejected}
            assert dict(self._true_of_what_is_there(reference, rejected)) == {
                write.source.version_id: code
                for write, code in reference.rejected.items()
                if write not in self.destroyed
            }

    def _true_of_what_is_there(
        self, reference: Reference, rejected: dict[str, str]
    ) -> Iterator[tuple[str, str]]:
        for version_id, code in rejected.items():
            write = self.writes[version_id]
            if write not in self.destroyed and not reference.is_gone(write):
                assert code != EXISTS or write.version in reference.ready
                yield version_id, code

    def teardown(self) -> None:
        try:
            self.finish()
        finally:
            self._time.stop()
            shutil.rmtree(self.folder)

    def finish(self) -> None:
        self._settle()
        self._check_that_nothing_is_lost()

    def _settle(self) -> None:
        """Handle what there is, in any order; then every upload once more, until all is quiet."""
        for event in self.random.sample(self.late, len(self.late)):
            self._stage(event)
        self._publish_all()
        uploads = [event for event in self.events if not event.is_removal]
        before = None
        # What was refused for a version's sake is taken up once that was pruned.
        while before != (before := self._ready()):
            for event in self.random.sample(uploads, len(uploads)):
                self._stage(event)
                self._publish_all()
        self.agree()

    def _ready(self) -> list[Write]:
        return [write for model in MODELS for write in self.references[model].ready.values()]

    def _publish_all(self) -> None:
        while self.verdicts:
            self._publish(self.verdicts.pop(self.random.randrange(len(self.verdicts))))

    def _check_that_nothing_is_lost(self) -> None:
        for write in self.writes.values():
            reference = self.references[write.source.object_key.model]
            if write.is_good and write not in self.destroyed and not reference.is_gone(write):
                assert write.version in reference.ready
            assert not (reference.is_gone(write) and write in reference.ready.values())
        for model in self.repository.models.names():
            assert self.repository.models.status(model).pending == []
            for manifest in self.repository.models.manifests(model):
                resolved = self.repository.models.resolve(model, manifest.version)
                assert resolved.model_file.read_text() == manifest.source.version_id
        self.repository.sweep(older_than=-1)
        assert list((self.root / "candidates").glob("*")) == []

    def _event(self, name: str, key: str, version_id: str, etag: str = "") -> ObjectEvent:
        """Make an event of this moment; its time is a little later, where that can matter."""
        self.sequence += 1
        time = f"{moment(self.clock + (not self.apart)):%Y-%m-%dT%H:%M:%SZ}"
        number = bucket.sequencer(self.sequence)
        event = ObjectEvent(name, bucket.NAME, read_key(key), version_id, number, time, etag, 1)
        self.events.append(event)
        return event

    def _tell(self, event: ObjectEvent, at_once: bool) -> None:
        """Handle the event to its end, or let it wait."""
        if not at_once:
            self.late.append(event)
            return
        verdict = self.functions.judge(event)
        if verdict is not None:
            self._publish(verdict)

    def _stage(self, event: ObjectEvent) -> None:
        verdict = self.functions.judge(event)
        if verdict is not None:
            self.verdicts.append(verdict)

    def mirror(self, event: ObjectEvent, verdict: Verdict | None) -> None:
        """Compare a verdict with the reference model, and update the model."""
        if event.is_removal:
            return
        write = self.writes[event.version_id]
        reference = self.references[event.source.object_key.model]
        there = reference.ready.get(write.version)
        if write in self.destroyed:
            assert isinstance(verdict, Rejected)
        elif reference.is_gone(write):
            assert verdict is None
        elif there is not None:
            is_same = there.source.etag == write.source.etag
            assert verdict is None if is_same else isinstance(verdict, Rejected)
        else:
            assert isinstance(verdict, Candidate if write.is_good else Rejected)
            status = self.repository.models.status(event.source.object_key.model)
            (candidate,) = (
                p.candidate for p in status.pending if p.source.version_id == event.version_id
            )
            reference.announce(candidate, write)

    def _publish(self, verdict: Verdict) -> None:
        self.functions.act(verdict)
        match verdict:
            case Candidate():
                write = self.writes[verdict.source.version_id]
                self.references[verdict.model].publish(verdict.candidate, write)
            case Rejected():
                write = self.writes[verdict.source.version_id]
                self.references[verdict.model].reject(write, verdict.code)
            case Removed():
                self._remove(verdict)

    def _remove(self, verdict: Removed) -> None:
        reference = self.references[ObjectKey.parse(verdict.key).model]
        if verdict.version_id is not None:
            # A marker can be deleted as well, which nothing comes of.
            reference.delete(*(w for w in [self.writes.get(verdict.version_id)] if w))
        else:
            reference.delete_key(verdict.key, verdict.sequencer or self._deleted_until(verdict))

    def _deleted_until(self, removed: Removed) -> str:
        """Return the sequencer of a deletion of which reconcile knows the time alone."""
        spared = (
            write.source.sequencer
            for write in self.writes.values()
            if write.source.key == removed.key
            and write.source.last_modified[:19] >= removed.deleted_at[:19]
        )
        return min(spared, default=bucket.sequencer(self.sequence + 1))


class Mirrored(Functions):
    """Tells the state machine about each verdict."""

    def __init__(self, machine: Loader) -> None:
        super().__init__(machine.repository, machine.bucket, machine.bad, machine.retain)
        self._machine = machine

    def judge(self, event: ObjectEvent) -> Verdict | None:
        verdict = super().judge(event)
        self._machine.mirror(event, verdict)
        return verdict
