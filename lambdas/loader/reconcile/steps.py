"""The steps of a run: each begins one upload."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from loader.bucket import listing
from loader.bucket.events import ObjectEvent
from loader.reconcile.plan import Plan
from loader.reconcile.room import Version
from loader.staging.stager import Stager
from serving.records.manifest import Manifest
from serving.records.object_keys import ObjectKey
from serving.records.uploads import Pending
from serving.records.verdicts import Candidate, Verdict
from serving.records.versions import version_of
from serving.repository.repository import Repository

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client


@dataclass(frozen=True, slots=True)
class Step:
    """One upload to begin.

    Attributes:
        version: what it is for.
        order: the sort key, so that the oldest is begun first.
        take: begins it.
    """

    version: Version
    order: tuple[str, str]
    take: Callable[[], Verdict | None]


class Steps:
    """Makes steps of a plan, and takes them."""

    def __init__(self, s3: "S3Client", bucket: str, repository: Repository, stager: Stager) -> None:
        self._s3 = s3
        self._bucket = bucket
        self._repository = repository
        self._stager = stager

    def of(self, plan: Plan) -> list[Step]:
        """Return the steps as if their events had come in order: oldest first.

        Uploads that are missing go before versions that are prepared again. Keys that name no
        model go last: they are refused, and wait for nothing.
        """
        steps = [*self._unfinished(plan), *self._uploads(plan)]
        steps.sort(key=lambda step: step.order)
        named = [step for step in steps if step.version is not None]
        nameless = [step for step in steps if step.version is None]
        renewals = sorted(self._renewals(plan), key=lambda step: step.order)
        return [*named, *renewals, *nameless]

    def _unfinished(self, plan: Plan) -> Iterator[Step]:
        for pending in plan.unfinished:
            source, version = pending.source, (pending.model, pending.version)
            order = (source.last_modified, source.key)
            yield Step(version, order, partial(self._resume, pending))

    def _uploads(self, plan: Plan) -> Iterator[Step]:
        for event in plan.uploads:
            key, source = event.key, event.source
            version = (key.model, version_of(key, source)) if isinstance(key, ObjectKey) else None
            order = (source.last_modified, source.key)
            yield Step(version, order, partial(self._begin, event))

    def _renewals(self, plan: Plan) -> Iterator[Step]:
        for manifest in plan.renewals:
            source, version = manifest.source, (manifest.model, manifest.version)
            order = (source.last_modified, source.key)
            yield Step(version, order, partial(self._renew, manifest))

    def _begin(self, event: ObjectEvent) -> Verdict | None:
        if isinstance(event.key, ObjectKey):
            # The run may have waited since its plan, and the upload's own event may have come.
            if self._repository.is_announced(event.key.model, event.source):
                return None
            self._lift_tombstone(event.key, event)
        return self._stager.judge(event)

    def _resume(self, pending: Pending) -> Verdict | None:
        """Begin anew; the old record goes last, since an old write isn't found without it."""
        verdict = self._stager.judge(ObjectEvent.of(pending.source))
        self._repository.abandon(pending)
        return verdict

    def _renew(self, manifest: Manifest) -> Verdict | None:
        pending = self._repository.renew(manifest)
        if pending is None:
            return None
        model_file = manifest.files[0].name
        return Candidate(
            manifest.model, manifest.version, pending.candidate, model_file, manifest.source
        )

    def _lift_tombstone(self, key: ObjectKey, event: ObjectEvent) -> None:
        """Lift the tombstone of a key that S3 has again: somebody deleted its delete marker."""
        is_buried = self._repository.is_withdrawn(key.model, event.source)
        if is_buried and listing.exists(self._s3, self._bucket, key.text):
            self._repository.exhume(key.model, key.text)
