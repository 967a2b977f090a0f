"""Uploads, deletions and operations in any order, duplicated and late, against a reference."""

import hashlib
import random
import shutil
import tempfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from loader import publish as publishing
from loader import transfer
from loader.publish import Publisher
from loader.records import ObjectEvent
from loader.stage import Stager
from serving.errors import OperationRefused, UploadRejected
from serving.manifest import ModelFile, Source
from serving.naming import parse_key
from serving.repository import Repository
from serving.verdicts import Candidate, Rejected, Removed, Verdict
from tests.lambdas.crash import bucket
from tests.lambdas.crash.reference import Reference, Write
from tests.lambdas.crash.scenarios import DESCRIPTION

MODELS = ("a", "b")
KEYS = ("a.pkl", "a/x.pkl", "a/1/m.pkl", "a/2/m.pkl", "a/2/n.pkl", "b.pkl", "b/7/m.pkl")
SEQUENCES = 510  # of each machine
MEMORY = Path("/dev/shm")  # where syncing is for free


class Loader(RuleBasedStateMachine):
    """The loader's functions over a bucket; their events are handled at some time, or twice."""

    retain = 100

    def __init__(self) -> None:
        super().__init__()
        self.root = Path(tempfile.mkdtemp(dir=MEMORY if MEMORY.is_dir() else None))
        self.repository = Repository(self.root)
        self.publisher = Publisher(self.repository, self.retain)
        self.stager = Stager(bucket.client(), self.repository, 10**9)
        self.references = {model: Reference(self.retain) for model in MODELS}
        self.writes: dict[tuple[str, str], Write] = {}
        self.destroyed: set[Write] = set()
        self.events: list[ObjectEvent] = []
        self.late: list[ObjectEvent] = []
        self.verdicts: list[Verdict] = []
        self.clock = self.sequence = 0

    @initialize(seed=st.integers(0, 2**32))
    def begin(self, seed: int) -> None:
        self.random = random.Random(seed)

    # The bucket.

    @rule(
        key=st.sampled_from(KEYS),
        content=st.sampled_from("xyz"),
        seconds=st.integers(0, 1),
        is_good=st.sampled_from([True, True, True, False]),
    )
    def upload(self, key: str, content: str, seconds: int, is_good: bool) -> None:
        self.clock += seconds
        event = self._event("ObjectCreated:Put", key, f"w{self.sequence + 1}", etag=content)
        moment = f"{bucket.EPOCH + timedelta(seconds=self.clock):%Y-%m-%dT%H:%M:%SZ}"
        source = replace(event.source, last_modified=moment, size=1)
        version = parse_key(key).version_of(source)
        number = int(version) if version.isdecimal() else 0
        self.writes[key, event.version_id] = Write(source, version, number, is_good)

    @rule(key=st.sampled_from(KEYS))
    def delete_key(self, key: str) -> None:
        self._event("ObjectRemoved:DeleteMarkerCreated", key, f"d{self.sequence + 1}")

    @precondition(lambda self: self.writes)
    @rule(data=st.data())
    def delete_one_write(self, data: st.DataObject) -> None:
        write = data.draw(st.sampled_from(list(self.writes.values())))
        self.destroyed.add(write)
        self._event("ObjectRemoved:Delete", write.source.key, write.source.version_id)

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
            reference.delete(*gone)
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
            ready = {m.version: (m.source.key, m.source.version_id) for m in status.ready}
            assert ready == {
                v: (w.source.key, w.source.version_id) for v, w in reference.ready.items()
            }
            assert status.current == reference.serves()
            assert {p.version: p.candidate for p in status.pending} == {
                version: candidate for version, (candidate, _) in reference.pending.items()
            }

    def teardown(self) -> None:
        try:
            self._settle()
            self._check_that_nothing_is_lost()
        finally:
            shutil.rmtree(self.root)

    def _settle(self) -> None:
        """Handle what there is, in any order; then every upload once more, one by one."""
        for event in self.random.sample(self.late, len(self.late)):
            self._stage(event)
        self._publish_all()
        uploads = [event for event in self.events if not event.is_removal]
        for event in self.random.sample(uploads, len(uploads)):
            self._stage(event)
            self._publish_all()
        self.agree()

    def _publish_all(self) -> None:
        while self.verdicts:
            self._publish(self.verdicts.pop(self.random.randrange(len(self.verdicts))))

    def _check_that_nothing_is_lost(self) -> None:
        for (key, _), write in self.writes.items():
            reference = self.references[parse_key(key).model]
            lives = write not in self.destroyed and not reference.is_gone(write)
            if write.is_good and lives and not self._lost_its_name_to_another(key, write):
                assert write.version in reference.ready
            assert not (reference.is_gone(write) and write in reference.ready.values())
        for model in self.repository.models.names():
            assert self.repository.models.status(model).pending == []
            for manifest in self.repository.models.manifests(model):
                resolved = self.repository.models.resolve(model, manifest.version)
                assert resolved.model_file.read_text() == manifest.source.version_id
        self.repository.candidates.sweep(older_than=-1)
        assert list((self.root / "candidates").glob("*")) == []

    def _lost_its_name_to_another(self, key: str, write: Write) -> bool:
        """Whether another write of the same explicit version was taken up, and pruned since.

        The first write to be published holds the version's name, as versions don't change; when
        it is pruned, what came for that name meanwhile is not taken up again.
        """
        rivals = [w for (k, _), w in self.writes.items() if k == key and w != write]
        pruned = self.references[parse_key(key).model].gone - self.destroyed
        return any(rival.version == write.version and rival in pruned for rival in rivals)

    def _event(self, name: str, key: str, version_id: str, etag: str = "") -> ObjectEvent:
        self.sequence += 1
        moment = f"{bucket.EPOCH + timedelta(seconds=self.clock + 1):%Y-%m-%dT%H:%M:%SZ}"
        event = ObjectEvent(
            name, bucket.NAME, key, version_id, bucket.sequencer(self.sequence), moment, etag
        )
        self.events.append(event)
        self.late.append(event)
        return event

    def _stage(self, event: ObjectEvent) -> None:
        """Stage, and prepare: a bad upload is rejected then."""
        with (
            patch.object(transfer, "inspect", self._inspect),
            patch.object(transfer, "copy", _copy),
        ):
            verdict = self.stager.judge(event)
        if isinstance(verdict, Candidate):
            write = self.writes[event.key, event.version_id]
            self.references[verdict.model].announce(verdict.candidate, write)
            if write.is_good:
                self.repository.candidates.describe(verdict.candidate, DESCRIPTION)
            else:
                verdict = verdict.rejected("LOAD_FAILED", "bad")
        self._expect(event, verdict)
        if verdict is not None:
            self.verdicts.append(verdict)

    def _expect(self, event: ObjectEvent, verdict: Verdict | None) -> None:
        """Hold a verdict of `stage` and the preparer against the reference."""
        write = self.writes.get((event.key, event.version_id))
        if event.is_removal or write is None:
            return
        reference = self.references[parse_key(event.key).model]
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

    def _inspect(self, s3: object, event: ObjectEvent) -> Source:
        write = self.writes[event.key, event.version_id]
        if write in self.destroyed:
            raise UploadRejected("OBJECT_GONE", "gone")
        return write.source

    def _publish(self, verdict: Verdict) -> None:
        self.publisher.act(verdict)
        match verdict:
            case Candidate():
                write = self.writes[verdict.source.key, verdict.source.version_id]
                self.references[verdict.model].publish(verdict.candidate, write)
            case Rejected():
                write = self.writes[verdict.source.key, verdict.source.version_id]
                self.references[verdict.model].reject(write)
            case Removed():
                self._remove(verdict)

    def _remove(self, verdict: Removed) -> None:
        reference = self.references[parse_key(verdict.key).model]
        if verdict.version_id is None:
            reference.delete_key(verdict.key, verdict.sequencer)
        else:
            reference.delete(self.writes[verdict.key, verdict.version_id])


def _copy(s3: object, source: Source, target: Path) -> ModelFile:
    """A file that tells which write it is."""
    target.write_text(source.version_id)
    checksum = hashlib.sha256(source.version_id.encode()).hexdigest()
    return ModelFile(target.name, source.size, checksum)


class ThriftyLoader(Loader):
    """Few versions are retained."""

    retain = 2


SETTINGS = settings(
    max_examples=SEQUENCES,
    stateful_step_count=15,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
TestAllRetained = Loader.TestCase
TestAllRetained.settings = SETTINGS
TestFewRetained = ThriftyLoader.TestCase
TestFewRetained.settings = SETTINGS
