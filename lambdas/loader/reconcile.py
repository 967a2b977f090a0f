"""Bucket against file system: what S3 never told, or nobody finished, is found by comparing.

The plan is computed anew each time, from one listing of the bucket, so a run that stops early is
resumed by the next. Uploads go the ordinary way: a run copies some, and its verdicts travel on to
the preparer.
"""

import contextlib
import logging
from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

from loader import listing, version_folder
from loader.listing import Listing
from loader.records import ObjectEvent
from loader.stage import Stager
from serving.errors import UploadRejected
from serving.formats.model_formats import is_part
from serving.records.manifest import Manifest, Source
from serving.records.object_keys import parse_key
from serving.records.uploads import INCOMPLETE, Pending, Rejection, Waiting
from serving.records.verdicts import Rejected, Removed, Verdict
from serving.repository.model_status import ModelStatus
from serving.repository.repository import Repository
from serving.repository.rules import is_same_write

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

logger = logging.getLogger(__name__)

# Verdicts travel as one event, which Lambda bounds; each is below 2 kB.
MAX_VERDICTS = 100
# What is pending for longer was given up by everybody: the preparer has 15 minutes, twice.
GIVEN_UP_AFTER = timedelta(hours=1)
INCOMPLETE_AFTER = timedelta(days=1)


@dataclass(slots=True)
class Plan:
    """What a run would do.

    Attributes:
        uploads: objects that no version, record or tombstone accounts for.
        unfinished: uploads that were begun and given up.
        removals: what the file system knows of and the bucket no longer has.
        incomplete: versions whose files don't come any more.
        misdirected: models whose `current` isn't where it should be.
        forgiven: refused keys that are gone.
        leftovers: what killed processes left half-written.
    """

    uploads: list[ObjectEvent] = field(default_factory=list)
    unfinished: list[Pending] = field(default_factory=list)
    removals: list[Removed] = field(default_factory=list)
    incomplete: list[Rejected] = field(default_factory=list)
    misdirected: list[str] = field(default_factory=list)
    forgiven: list[str] = field(default_factory=list)
    leftovers: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, list[str]]:
        """Return it for people."""
        return {
            "uploads": sorted(event.key for event in self.uploads),
            "unfinished": [pending.source.key for pending in self.unfinished],
            "removals": [removed.key for removed in self.removals],
            "incomplete": [f"{each.model}/{each.version}" for each in self.incomplete],
            "misdirected": self.misdirected,
            "forgiven": self.forgiven,
            "leftovers": self.leftovers,
        }


class Reconciler:
    """Compares one bucket with one repository."""

    def __init__(
        self,
        s3: "S3Client",
        bucket: str,
        repository: Repository,
        stager: Stager,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._s3 = s3
        self._bucket = bucket
        self._repository = repository
        self._stager = stager
        self._clock = clock

    def plan(self) -> Plan:
        """List the bucket once and compare."""
        plan = Plan(leftovers=self._repository.leftovers())
        found = listing.read(self._s3, self._bucket)
        accounted: set[tuple[str, str, str]] = set()
        models = self._repository.models
        versions: set[tuple[str, str | None]] = set()
        for name in models.names():
            status = models.status(name)
            accounted.update(self._accounted(status))
            versions.update((name, version) for version in status.versions)
            plan.incomplete += self._incomplete(status)
            removals = list(self._removals(status, found))
            plan.removals += removals
            plan.unfinished += (p for p in self._given_up(status) if p.source.key in found.newest)
            if not removals and self._repository.misdirected(name):
                plan.misdirected.append(name)
        refused = {refusal.key for refusal in models.refusals()}
        plan.forgiven = sorted(refused - found.newest.keys())
        plan.uploads = [
            event
            for event, contents in version_folder.units(found.newest)
            if accounted.isdisjoint((_write(event.source), _write(event.source, contents)))
            and event.key not in refused
            and not self._is_settled(event, versions)
        ]
        return plan

    def run(self, plan: Plan, has_time: Callable[[], bool]) -> list[Verdict]:
        """Carry the plan out as far as there is time, and return the verdicts to act on."""
        for model in plan.misdirected:
            self._repository.redirect(model)
        for key in plan.forgiven:
            self._repository.forgive(key)
        self._repository.sweep()
        verdicts: list[Verdict] = [*plan.removals, *plan.incomplete]
        del verdicts[MAX_VERDICTS:]
        for step in self._steps(plan):
            if len(verdicts) >= MAX_VERDICTS or not has_time():
                logger.info("stopped after %d verdicts; the next run goes on", len(verdicts))
                break
            verdict = step()
            if verdict is not None:
                verdicts.append(verdict)
        return verdicts

    def _steps(self, plan: Plan) -> list[Callable[[], Verdict | None]]:
        """Return what starts each upload, oldest first, as if their events had come in order."""
        steps: list[tuple[Source, Callable[[], Verdict | None]]]
        steps = [(pending.source, partial(self._resume, pending)) for pending in plan.unfinished]
        steps += [(event.source, partial(self._begin, event)) for event in plan.uploads]
        steps.sort(key=lambda step: (step[0].last_modified, step[0].key))
        return [step for _, step in steps]

    def _begin(self, event: ObjectEvent) -> Verdict | None:
        self._exhume(event)
        return self._stager.judge(event)

    def _resume(self, pending: Pending) -> Verdict | None:
        """Begin anew; the old record goes last, since an old write isn't found without it."""
        verdict = self._stager.judge(ObjectEvent.of(pending.source))
        self._repository.abandon(pending)
        return verdict

    def _removals(self, status: ModelStatus, found: Listing) -> Iterator[Removed]:
        """Yield what the bucket no longer has of a model, each key and each write once."""
        known: list[Manifest | Rejection | Pending | Waiting]
        known = [*status.ready, *status.rejected, *status.waiting]
        known += self._given_up(status)
        removed = (self._removed(record.source, found) for record in known)
        yield from dict.fromkeys(each for each in removed if each is not None)

    def _removed(self, source: Source, found: Listing) -> Removed | None:
        """Say how this write left the bucket, if it did.

        An old write that is gone while its key is there is none: a lifecycle rule may be at work.
        """
        key, now = source.key, self._now()
        newest, deleted_at = found.newest.get(key), found.deleted.get(key, "")
        if newest is None:
            # It can have been written since the bucket was listed.
            is_gone = not listing.exists(self._s3, self._bucket, key)
            return Removed(key, None, "", now) if is_gone else None
        if source.last_modified < deleted_at:
            return Removed(key, None, "", deleted_at)
        if source.last_modified < newest.source.last_modified or source.version_id == source.etag:
            return None  # the latter says that S3's own id isn't known
        if is_same_write(source, newest.source):
            return None
        is_gone = not listing.exists(self._s3, self._bucket, key, source.version_id)
        return Removed(key, source.version_id, "", now) if is_gone else None

    def _exhume(self, event: ObjectEvent) -> None:
        """Lift the tombstone of a key that S3 has again: somebody deleted its delete marker."""
        with contextlib.suppress(UploadRejected):  # the stager tells what is wrong with the key
            model = parse_key(event.key).model
            is_buried = self._repository.is_withdrawn(model, event.source)
            if is_buried and listing.exists(self._s3, self._bucket, event.key):
                self._repository.exhume(model, event.key)

    def _incomplete(self, status: ModelStatus) -> Iterator[Rejected]:
        """Yield versions of which nothing has come for a day, and files are missing."""
        oldest = (self._clock() - INCOMPLETE_AFTER).strftime("%Y-%m-%dT%H:%M:%SZ")
        for waiting in status.waiting:
            if waiting.since < oldest:
                reason = f"It waited for {INCOMPLETE_AFTER.days} day. {waiting.reason}"
                yield Rejected(status.model, waiting.version, INCOMPLETE, reason, waiting.source)

    def _accounted(self, status: ModelStatus) -> Iterator[tuple[str, str, str]]:
        """Yield the writes of which something has become, or is about to."""
        yield from (_write(manifest.source) for manifest in status.ready)
        # Of a version of many files these hold for what lay in its folder then.
        unserved: list[Rejection | Waiting] = [*status.rejected, *status.waiting]
        yield from (_write(record.source, record.source.contents) for record in unserved)
        yield from (_write(pending.source) for pending in status.pending)
        yield from ((s.key, s.version_id, "") for s in status.withdrawn if s.version_id is not None)

    def _given_up(self, status: ModelStatus) -> list[Pending]:
        oldest = (self._clock() - GIVEN_UP_AFTER).strftime("%Y-%m-%dT%H:%M:%SZ")
        return [pending for pending in status.pending if pending.since < oldest]

    def _is_settled(self, event: ObjectEvent, versions: Container[tuple[str, str | None]]) -> bool:
        """Whether the explicit version of its key holds its bytes, or was deleted.

        A part is, where anything is known of its version: that waits, serves or was refused.
        """
        try:
            name = parse_key(event.key)
        except UploadRejected:
            return False
        if name.version is None:
            return False
        if is_part(name) and (name.model, name.version) in versions:
            return True
        there = self._repository.published(name.model, name.version)
        if there is not None:
            return there.source.has_same_content(event.source)
        return self._repository.is_ordered_away(name.model, event.source)

    def _now(self) -> str:
        return self._clock().isoformat(timespec="seconds")


def _write(source: Source, contents: str = "") -> tuple[str, str, str]:
    return (source.key, source.version_id, contents)
