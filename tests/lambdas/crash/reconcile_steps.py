"""Buckets that differ from a repository, and a run of reconcile that publishes its verdicts."""

import os
import time
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from loader.publish import Publisher
from loader.reconcile.reconciler import Reconciler
from loader.staging.stager import Stager
from serving.records.verdicts import Candidate
from serving.repository.repository import Repository
from tests.lambdas.crash import bucket
from tests.lambdas.crash.listed_bucket import ListedBucket
from tests.lambdas.crash.steps import DESCRIPTION, RETAIN, key

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client


def lost(repository: Repository) -> ListedBucket:
    """An upload and a deletion were lost, and a refused key is gone."""
    repository.refuse("a/.b", "CODE", "why")
    return listed([(2, key(2)), (3, key(3)), (4, "iris/4/m.tar.gz")])


def begun(repository: Repository) -> ListedBucket:
    """One publisher was killed before it moved `current`, one loader while it copied."""
    current = repository.models.folder("iris") / "current"
    current.unlink()
    current.symlink_to("versions/2")
    repository.announce("rose", "8", bucket.source(8, "rose/8/m.pkl"))
    _leave(repository.models.temporary / "half-written")
    _leave(repository.candidates.folder(repository.candidates.create()) / "half-written")
    kept = [(second, key(second)) for second in (1, 2, 3)]
    # Overwritten since, so that the bucket's newest write is another.
    return listed([*kept, (8, "rose/8/m.pkl"), (9, "rose/8/m.pkl")])


def reconcile(repository: Repository, s3: Any, retain: int = RETAIN) -> None:
    """Reconcile after all pending uploads were given up, and publish the verdicts.

    A run begins one upload of a version at a time and asks for the next run: here two suffice.
    """
    client, later = cast("S3Client", s3), datetime.now(UTC) + timedelta(hours=2)
    stager = Stager(client, repository, 10**9)
    reconciler = Reconciler(client, bucket.NAME, repository, stager, lambda: later)
    for _ in range(2):
        for verdict in reconciler.run(reconciler.plan(force=True), lambda: True).verdicts:
            if isinstance(verdict, Candidate):
                prepared = repository.candidates.describe(verdict.candidate, DESCRIPTION)
                verdict = verdict.with_result(prepared)  # noqa: PLW2901 (the same, prepared)
            Publisher(repository, retain).act(verdict)


def listed(writes: Iterable[tuple[int, str]]) -> ListedBucket:
    """Return a bucket with what was written to these keys in these seconds."""
    found = ListedBucket()
    for second, written in writes:
        found.put(bucket.source(second, written))
    return found


def _leave(path: Path) -> None:
    """Leave a file in a folder, both two days old."""
    path.touch()
    then = time.time() - 2 * 24 * 3600
    os.utime(path, (then, then))
    if path.parent.name != ".temporary":
        os.utime(path.parent, (then, then))
