"""The comparison of a bucket with a repository, which gives the plan of a run."""

from collections.abc import Callable, Container, Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from loader.bucket import listing, version_folder
from loader.bucket.events import ObjectEvent
from loader.bucket.listing import Listing
from loader.reconcile.plan import Plan
from serving.formats.model_formats import is_part
from serving.records.manifest import Manifest, Source
from serving.records.object_keys import InvalidKey
from serving.records.uploads import INCOMPLETE, Pending, Rejection, Waiting
from serving.records.verdicts import Rejected, Removed
from serving.repository.model_status import ModelStatus
from serving.repository.repository import Repository
from serving.repository.rules import is_same_write

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

# An upload that is pending for longer was given up: the preparer has 15 minutes, twice.
GIVEN_UP_AFTER = timedelta(hours=1)
INCOMPLETE_AFTER = timedelta(days=1)


class Comparison:
    """Compares one bucket with one repository."""

    def __init__(
        self, s3: "S3Client", bucket: str, repository: Repository, clock: Callable[[], datetime]
    ) -> None:
        self._s3 = s3
        self._bucket = bucket
        self._repository = repository
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
            accounted.update(_accounted(status))
            versions.update((name, version) for version in status.versions)
            self._compare(status, found, plan)
        refused = {refusal.key for refusal in models.refusals()}
        plan.forgiven = sorted(refused - found.newest.keys())
        plan.uploads = [
            event
            for event, contents in version_folder.uploads(found.newest)
            if accounted.isdisjoint((_write(event.source), _write(event.source, contents)))
            and event.key.text not in refused
            and not self._is_settled(event, versions)
        ]
        return plan

    def _compare(self, status: ModelStatus, found: Listing, plan: Plan) -> None:
        """Add to the plan what differs for one model."""
        plan.incomplete += self._incomplete(status)
        removals = list(self._removals(status, found))
        plan.removals += removals
        plan.unfinished += (p for p in self._given_up(status) if p.source.key in found.newest)
        if not removals and self._repository.misdirected(status.model):
            plan.misdirected.append(status.model)

    def _removals(self, status: ModelStatus, found: Listing) -> Iterator[Removed]:
        """Yield the objects of a model that left the bucket, each key and each write once."""
        known: list[Manifest | Rejection | Pending | Waiting]
        known = [*status.ready, *status.rejected, *status.waiting]
        known += self._given_up(status)
        removed = (self._removed(record.source, found) for record in known)
        yield from dict.fromkeys(each for each in removed if each is not None)

    def _removed(self, source: Source, found: Listing) -> Removed | None:
        """Return how this write left the bucket, or None where it didn't.

        An old write may be gone while its key is there. That is no removal, since a lifecycle
        rule may be at work.
        """
        key, now = source.key, self._clock().isoformat(timespec="seconds")
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

    def _incomplete(self, status: ModelStatus) -> Iterator[Rejected]:
        """Yield versions that miss files and for which nothing has come for a day."""
        oldest = self._moment_before(INCOMPLETE_AFTER)
        for waiting in status.waiting:
            if waiting.since < oldest:
                reason = f"It waited for {INCOMPLETE_AFTER.days} day. {waiting.reason}"
                yield Rejected(status.model, waiting.version, INCOMPLETE, reason, waiting.source)

    def _given_up(self, status: ModelStatus) -> list[Pending]:
        oldest = self._moment_before(GIVEN_UP_AFTER)
        return [pending for pending in status.pending if pending.since < oldest]

    def _is_settled(self, event: ObjectEvent, versions: Container[tuple[str, str | None]]) -> bool:
        """Whether the explicit version of its key holds its bytes, or was deleted.

        A part is settled where anything is known of its version: that waits, serves or was
        refused.
        """
        key = event.key
        if isinstance(key, InvalidKey) or key.version is None:
            return False
        if is_part(key) and (key.model, key.version) in versions:
            return True
        there = self._repository.published(key.model, key.version)
        if there is not None:
            return there.source.has_same_content(event.source)
        return self._repository.is_ordered_away(key.model, event.source)

    def _moment_before(self, age: timedelta) -> str:
        return (self._clock() - age).strftime("%Y-%m-%dT%H:%M:%SZ")


def _accounted(status: ModelStatus) -> Iterator[tuple[str, str, str]]:
    """Yield the writes that already led to a record of the model."""
    yield from (_write(manifest.source) for manifest in status.ready)
    # Of a version of many files these hold for what lay in its folder then.
    unserved: list[Rejection | Waiting] = [*status.rejected, *status.waiting]
    yield from (_write(record.source, record.source.contents) for record in unserved)
    yield from (_write(pending.source) for pending in status.pending)
    yield from ((s.key, s.version_id, "") for s in status.withdrawn if s.version_id is not None)


def _write(source: Source, contents: str = "") -> tuple[str, str, str]:
    return (source.key, source.version_id, contents)
