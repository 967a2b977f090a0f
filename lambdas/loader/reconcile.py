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
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from loader.records import ObjectEvent
from loader.stage import Stager
from loader.transfer import GONE
from serving.errors import UploadRejected
from serving.manifest import Source
from serving.naming import parse_key
from serving.repository import Repository
from serving.repository.models import ModelStatus
from serving.verdicts import Removed, Verdict

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

logger = logging.getLogger(__name__)

# Verdicts travel as one event, which Lambda bounds; each is below 2 kB.
MAX_VERDICTS = 100
# What is pending for longer was given up by everybody: the preparer has 15 minutes, twice.
GIVEN_UP_AFTER = timedelta(hours=1)


@dataclass(slots=True)
class Plan:
    """What a run would do.

    Attributes:
        uploads: objects that no version, record or tombstone accounts for.
        removals: keys of the file system that are gone from the bucket, by model.
        misdirected: models whose `current` isn't where it should be.
        forgiven: refused keys that are gone.
    """

    uploads: list[ObjectEvent] = field(default_factory=list)
    removals: list[Removed] = field(default_factory=list)
    misdirected: list[str] = field(default_factory=list)
    forgiven: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, list[str]]:
        """Return it for people."""
        return {
            "uploads": [event.key for event in self.uploads],
            "removals": [removed.key for removed in self.removals],
            "misdirected": self.misdirected,
            "forgiven": self.forgiven,
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
        plan = Plan()
        live = {event.key: event for event in self._live_objects()}
        accounted: set[tuple[str, str]] = set()
        models = self._repository.models
        for name in models.names():
            status = models.status(name)
            accounted.update(self._accounted(status))
            gone = self._gone(status, live)
            plan.removals += (Removed(key, None, "", self._now()) for key in gone)
            if not gone and self._repository.misdirected(name):
                plan.misdirected.append(name)
        refused = {refusal.key for refusal in models.refusals()}
        plan.forgiven = sorted(refused - live.keys())
        plan.uploads = [
            event
            for event in live.values()
            if (event.key, event.source.version_id) not in accounted
            and event.key not in refused
            and not self._is_served(event)
        ]
        return plan

    def run(self, plan: Plan, has_time: Callable[[], bool]) -> list[Verdict]:
        """Carry the plan out as far as there is time, and return the verdicts to act on."""
        for model in plan.misdirected:
            self._repository.redirect(model)
        for key in plan.forgiven:
            self._repository.forgive(key)
        self._repository.candidates.sweep()
        verdicts: list[Verdict] = list(plan.removals[:MAX_VERDICTS])
        for event in plan.uploads:
            if len(verdicts) >= MAX_VERDICTS or not has_time():
                logger.info("stopped after %d verdicts; the next run goes on", len(verdicts))
                break
            self._exhume(event)
            verdict = self._stager.judge(event)
            if verdict is not None:
                verdicts.append(verdict)
        return verdicts

    def _gone(self, status: ModelStatus, live: Container[str]) -> list[str]:
        """Return the keys of versions that S3 no longer has, asking again for each.

        A version can have been published since the bucket was listed.
        """
        missing = {m.source.key for m in status.ready if m.source.key not in live}
        return sorted(key for key in missing if not self._exists(key))

    def _exists(self, key: str) -> bool:
        try:
            self._s3.head_object(Bucket=self._bucket, Key=key)
        except ClientError as error:
            if error.response["Error"]["Code"] in GONE:
                return False
            raise
        return True

    def _exhume(self, event: ObjectEvent) -> None:
        """Lift the tombstone of a key that S3 has again: somebody deleted its delete marker."""
        with contextlib.suppress(UploadRejected):  # the stager tells what is wrong with the key
            model = parse_key(event.key).model
            is_buried = self._repository.is_withdrawn(model, event.source)
            if is_buried and self._exists(event.key):
                self._repository.exhume(model, event.key)

    def _live_objects(self) -> Iterator[ObjectEvent]:
        pages = self._s3.get_paginator("list_object_versions").paginate(Bucket=self._bucket)
        for page in pages:
            for entry in page.get("Versions", ()):
                event = self._event(entry)
                if entry["IsLatest"] and not event.is_folder_marker:
                    yield event

    def _event(self, entry: Any) -> ObjectEvent:  # noqa: ANN401 (a TypedDict of botocore)
        version_id = entry["VersionId"]
        return ObjectEvent(
            name="ObjectCreated:Reconciled",
            bucket=self._bucket,
            key=entry["Key"],
            version_id="" if version_id == "null" else version_id,
            sequencer="",
            time=entry["LastModified"].astimezone(UTC).isoformat(timespec="seconds"),
            etag=entry["ETag"].strip('"'),
            size=entry["Size"],
        )

    def _accounted(self, status: ModelStatus) -> Iterator[tuple[str, str]]:
        """Yield the writes of which something has become, or is about to."""
        oldest = (self._clock() - GIVEN_UP_AFTER).strftime("%Y-%m-%dT%H:%M:%SZ")
        yield from (_write(manifest.source) for manifest in status.ready)
        yield from (_write(rejection.source) for rejection in status.rejected)
        yield from (_write(p.source) for p in status.pending if p.since >= oldest)
        yield from ((s.key, s.version_id) for s in status.withdrawn if s.version_id is not None)

    def _is_served(self, event: ObjectEvent) -> bool:
        """Whether the key's explicit version holds the same bytes, of an earlier write."""
        try:
            name = parse_key(event.key)
        except UploadRejected:
            return False
        if name.version is None:
            return False
        there = self._repository.published(name.model, name.version)
        return there is not None and there.source.has_same_content(event.source)

    def _now(self) -> str:
        return self._clock().isoformat(timespec="seconds")


def _write(source: Source) -> tuple[str, str]:
    return (source.key, source.version_id)
