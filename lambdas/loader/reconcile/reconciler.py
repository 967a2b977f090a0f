"""Reconcile: repairs what S3 never reported, or a function never finished.

The plan is computed anew each time, from one listing of the bucket. A run that stops early is
therefore resumed by the next. Uploads go the ordinary way: a run copies some, and its verdicts
travel on to the preparer.
"""

import logging
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from loader.bucket import listing
from loader.bucket.events import ObjectEvent
from loader.reconcile.comparison import Comparison
from loader.reconcile.plan import Plan
from loader.staging.stager import Stager
from serving.records.manifest import Source
from serving.records.object_keys import ObjectKey
from serving.records.uploads import Pending
from serving.records.verdicts import Verdict
from serving.repository.repository import Repository

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

logger = logging.getLogger(__name__)

# Verdicts travel as one event, which Lambda bounds; each is below 2 kB.
MAX_VERDICTS = 100


class Reconciler:
    """Compares one bucket with one repository, and repairs the differences."""

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
        return Comparison(self._s3, self._bucket, self._repository, self._clock).plan()

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
        """Return one step for each upload, oldest first, as if their events had come in order."""
        steps: list[tuple[Source, Callable[[], Verdict | None]]]
        steps = [(pending.source, partial(self._resume, pending)) for pending in plan.unfinished]
        steps += [(event.source, partial(self._begin, event)) for event in plan.uploads]
        steps.sort(key=lambda step: (step[0].last_modified, step[0].key))
        return [step for _, step in steps]

    def _begin(self, event: ObjectEvent) -> Verdict | None:
        self._lift_tombstone(event)
        return self._stager.judge(event)

    def _resume(self, pending: Pending) -> Verdict | None:
        """Begin anew; the old record goes last, since an old write isn't found without it."""
        verdict = self._stager.judge(ObjectEvent.of(pending.source))
        self._repository.abandon(pending)
        return verdict

    def _lift_tombstone(self, event: ObjectEvent) -> None:
        """Lift the tombstone of a key that S3 has again: somebody deleted its delete marker."""
        if not isinstance(event.key, ObjectKey):
            return  # the stager refuses it
        is_buried = self._repository.is_withdrawn(event.key.model, event.source)
        if is_buried and listing.exists(self._s3, self._bucket, event.key.text):
            self._repository.exhume(event.key.model, event.key.text)
