"""Reconcile: repairs what S3 never reported, or a function never finished.

The plan is computed anew each time, from one listing of the bucket. A run that stops early is
therefore resumed by the next. Uploads go the ordinary way: a run copies some, and its verdicts
travel on to the preparer, each by itself.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from loader.reconcile.comparison import Comparison
from loader.reconcile.plan import Plan
from loader.reconcile.room import Room
from loader.reconcile.steps import Steps
from loader.staging.stager import Stager
from serving.records.key_layouts import BY_DEFAULT, KeyLayouts
from serving.records.verdicts import Candidate, HeldBack, Verdict
from serving.repository.repository import Repository

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

logger = logging.getLogger(__name__)

# Verdicts travel as one event, which Lambda bounds; each is below 2 kB.
MAX_VERDICTS = 100


@dataclass(frozen=True, slots=True)
class Run:
    """What a run did.

    Attributes:
        begun: how many uploads it began.
        more: whether uploads are left for a next run, which could begin at once.
    """

    verdicts: list[Verdict]
    begun: int
    more: bool


class Reconciler:
    """Compares one bucket with one repository, and repairs the differences.

    Args:
        concurrency: the most uploads that may be under way at once.
    """

    def __init__(
        self,
        s3: "S3Client",
        bucket: str,
        repository: Repository,
        stager: Stager,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        layouts: KeyLayouts = BY_DEFAULT,
        *,
        concurrency: int = MAX_VERDICTS,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._s3 = s3
        self._bucket = bucket
        self._layouts = layouts
        self._repository = repository
        self._clock = clock
        self._concurrency = concurrency
        self._pause = pause
        self._steps = Steps(s3, bucket, repository, stager)

    def plan(self, *, force: bool = False) -> Plan:
        """List the bucket once and compare; `force` believes all deletions that are found."""
        return Comparison(
            self._s3, self._bucket, self._repository, self._clock, self._layouts, force=force
        ).plan()

    def run(self, plan: Plan, has_time: Callable[[], bool]) -> Run:
        """Carry the plan out as far as there are room and time."""
        self._tidy(plan)
        verdicts: list[Verdict] = [*plan.removals, *plan.incomplete]
        if plan.held_back:
            verdicts.insert(0, HeldBack(plan.held_back_because))
        del verdicts[MAX_VERDICTS:]
        return self._begin(plan, verdicts, has_time)

    def _tidy(self, plan: Plan) -> None:
        """Repair what needs no other function."""
        for model in plan.misdirected:
            self._repository.redirect(model)
        for key in plan.forgiven:
            self._repository.forgive(key)
        for pending in plan.abandoned:
            self._repository.abandon(pending)
        self._repository.sweep()

    def _begin(self, plan: Plan, verdicts: list[Verdict], has_time: Callable[[], bool]) -> Run:
        """Begin uploads in order; of those for one version, one at a time.

        The first to be published is the version, so a second one waits for the first one's end.
        """
        steps = self._steps.of(plan)
        room = Room(self._repository, plan.under_way, self._concurrency, self._pause)
        free = room.wait([step.version for step in steps], has_time) if steps else 0
        taken, begun, more = room.taken(), 0, False
        for step in steps:
            if step.version in taken:
                more = True
                continue
            if len(verdicts) >= MAX_VERDICTS or begun >= free or not has_time():
                logger.info("stopped after %d verdicts; the next run goes on", len(verdicts))
                more = more or step.version is not None
                break
            verdict = step.take()
            if verdict is not None:
                verdicts.append(verdict)
            if isinstance(verdict, Candidate):
                begun += 1
                taken.add((verdict.model, verdict.version))
        return Run(verdicts, begun, more)
