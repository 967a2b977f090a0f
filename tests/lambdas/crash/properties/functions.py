"""The deployment's functions in one process, for many small uploads to a bucket."""

import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, cast
from unittest.mock import patch

from loader.bucket.events import ObjectEvent
from loader.publish import Publisher
from loader.reconcile.plan import Plan
from loader.reconcile.reconciler import Reconciler
from loader.staging.stager import Stager
from loader.transfer import object_copy
from serving.records.manifest import ModelFile, Source
from serving.records.verdicts import Candidate, Verdict
from serving.repository.repository import Repository
from tests.lambdas.crash import bucket
from tests.lambdas.crash.listed_bucket import ListedBucket
from tests.lambdas.crash.steps import DESCRIPTION

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client


class Functions:
    """`judge` stages and prepares, `act` publishes, and `reconcile` is followed by both.

    The preparer finds fault with what is in `bad`.
    """

    def __init__(
        self, repository: Repository, s3: ListedBucket, bad: set[str], retain: int
    ) -> None:
        self.repository = repository
        self._s3, self._bad = cast("S3Client", s3), bad
        self._stager = Stager(self._s3, self.repository, 10**9)
        self._publisher = Publisher(self.repository, retain)

    def judge(self, event: ObjectEvent) -> Verdict | None:
        with patch.object(object_copy, "copy", _copy):
            verdict = self._stager.judge(event)
        if not isinstance(verdict, Candidate):
            return verdict
        if verdict.source.version_id in self._bad:
            return verdict.rejected("LOAD_FAILED", "bad")
        return verdict.with_result(
            self.repository.candidates.describe(verdict.candidate, DESCRIPTION)
        )

    def act(self, verdict: Verdict) -> None:
        self._publisher.act(verdict)

    def plan(self, now: datetime) -> Plan:
        return self._reconciler(now).plan(force=True)

    def reconcile(self, plan: Plan, now: datetime) -> list[Verdict]:
        return self._reconciler(now).run(plan, lambda: True).verdicts

    def _reconciler(self, now: datetime) -> Reconciler:
        """Return one whose stager is `judge`."""
        return Reconciler(self._s3, bucket.NAME, self.repository, cast("Stager", self), lambda: now)


def moment(second: int) -> datetime:
    return (bucket.EPOCH + timedelta(seconds=second)).astimezone(UTC)


def _copy(s3: object, source: Source, target: Path) -> ModelFile:
    """Write a file that tells which write it is."""
    target.write_text(source.version_id)
    checksum = hashlib.sha256(source.version_id.encode()).hexdigest()
    return ModelFile(target.name, source.size, checksum)
