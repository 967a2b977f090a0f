"""The comparison of a bucket with a repository, which gives the plan of a run."""

from collections.abc import Callable, Container, Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from loader.bucket import listing, version_folder
from loader.bucket.events import ObjectEvent
from loader.bucket.listing import Listing
from loader.reconcile import brake
from loader.reconcile.plan import Plan
from loader.reconcile.removals import Removals
from serving.formats.file_names import is_part
from serving.formats.side_files import lies_beside
from serving.records.key_layouts import KeyLayouts
from serving.records.manifest import Manifest, Source
from serving.records.object_keys import InvalidKey
from serving.records.uploads import INCOMPLETE, Pending, Rejection, Waiting
from serving.records.verdicts import Rejected
from serving.repository.model_status import ModelStatus
from serving.repository.repository import Repository
from serving.repository.rules import is_same_write

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

# An upload that is pending for longer was given up: the preparer has 15 minutes, twice.
GIVEN_UP_AFTER = timedelta(hours=1)
# One that was put off is tried again after this, so that what put it off can have passed.
PUT_OFF_FOR = timedelta(minutes=10)
INCOMPLETE_AFTER = timedelta(days=1)


class Comparison:
    """Compares one bucket with one repository.

    Args:
        force: whether all deletions that are found are believed.
    """

    def __init__(
        self,
        s3: "S3Client",
        bucket: str,
        repository: Repository,
        clock: Callable[[], datetime],
        layouts: KeyLayouts,
        *,
        force: bool = False,
    ) -> None:
        self._s3 = s3
        self._layouts = layouts
        self._bucket = bucket
        self._repository = repository
        self._clock = clock
        self._force = force

    def plan(self) -> Plan:
        """List the bucket once and compare."""
        plan = Plan(leftovers=self._repository.leftovers())
        found = listing.read(self._s3, self._bucket, self._layouts)
        removals = Removals(self._s3, self._bucket, found, self._clock)
        accounted: set[tuple[str, str, str]] = set()
        models = self._repository.models
        versions: set[tuple[str, str | None]] = set()
        published: set[str] = set()
        for name in models.names():
            status = models.status(name)
            accounted.update(_accounted(status))
            versions.update((name, version) for version in status.versions)
            published.update(manifest.source.key for manifest in status.ready)
            self._compare(status, found, removals, plan)
        refused = {refusal.key for refusal in models.refusals()}
        plan.forgiven = sorted(refused - found.newest.keys())
        plan.uploads = [
            event
            for event, contents in version_folder.uploads(found.newest)
            if accounted.isdisjoint((_write(event.source), _write(event.source, contents)))
            and event.key.text not in refused
            and not self._is_settled(event, versions)
            and (contents or not lies_beside(event.key))
        ]
        self._brake(plan, found, published)
        return plan

    def _compare(self, status: ModelStatus, found: Listing, removals: Removals, plan: Plan) -> None:
        """Add to the plan what differs for one model."""
        plan.incomplete += self._incomplete(status)
        given_up = self._given_up(status)
        known: list[Manifest | Rejection | Pending | Waiting]
        known = [*status.ready, *status.rejected, *status.waiting, *given_up]
        removed = list(removals.among(record.source for record in known))
        plan.removals += removed
        plan.abandoned += (pending for pending in given_up if pending.renews)
        plan.unfinished += (p for p in given_up if not p.renews and p.source.key in found.newest)
        under_way = [pending for pending in status.pending if pending not in given_up]
        plan.under_way += (pending for pending in under_way if not pending.postponed)
        plan.put_off += (pending for pending in under_way if pending.postponed)
        plan.renewals += (
            manifest
            for manifest in status.ready
            if self._repository.is_due(manifest)
            and not any(is_same_write(each.source, manifest.source) for each in under_way)
        )
        if not removed and self._repository.misdirected(status.model):
            plan.misdirected.append(status.model)

    def _brake(self, plan: Plan, found: Listing, published: set[str]) -> None:
        """Hold deletions back that are too many to be believed."""
        lost = brake.lost(plan.removals, found.newest, published)
        if self._force or brake.is_credible(len(lost), len(published)):
            return
        plan.held_back = [each for each in plan.removals if each.key not in found.newest]
        plan.held_back_because = brake.reason(len(lost), len(published))
        plan.removals = [each for each in plan.removals if each.key in found.newest]
        plan.forgiven = []

    def _incomplete(self, status: ModelStatus) -> Iterator[Rejected]:
        """Yield versions that miss files and for which nothing has come for a day."""
        oldest = self._moment_before(INCOMPLETE_AFTER)
        for waiting in status.waiting:
            if waiting.since < oldest:
                reason = f"It waited for {INCOMPLETE_AFTER.days} day. {waiting.reason}"
                yield Rejected(status.model, waiting.version, INCOMPLETE, reason, waiting.source)

    def _given_up(self, status: ModelStatus) -> list[Pending]:
        """Return uploads that nobody goes on with."""
        oldest, put_off = map(self._moment_before, (GIVEN_UP_AFTER, PUT_OFF_FOR))
        return [p for p in status.pending if p.since < oldest or "" < p.postponed < put_off]

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
