"""Entry points of the loader's functions.

`stage` gets S3's events and `reconcile` a schedule's; both answer verdicts. `publish` gets Lambda's
destination records and answers the outcome of each upload. Clients are made on first use, because
`publish` needs none.
"""

import functools
import logging
from typing import TYPE_CHECKING, Any, Protocol

from loader import operate
from loader import publish as publishing
from loader.bucket import events
from loader.reconcile.messages import ReconcileEvent, answer, report
from loader.settings import PublishSettings, ReconcileSettings, StageSettings
from serving.records import verdicts
from serving.records.key_layouts import KeyLayouts
from serving.repository.repository import Repository

if TYPE_CHECKING:
    from loader.reconcile.reconciler import Reconciler
    from loader.staging.stager import Stager

# A run stops this long before its timeout: enough to finish the copy of one large object.
STOP_MILLISECONDS = 300_000


class LambdaContext(Protocol):
    """The part of Lambda's context object that is used here."""

    def get_remaining_time_in_millis(self) -> int:
        """Return the milliseconds until the function is stopped."""


def stage(event: dict[str, Any], context: object) -> dict[str, Any]:  # noqa: ARG001 (Lambda's signature)
    """Copy the uploads of an S3 event into candidates."""
    stager, layouts = _stager()
    found = [stager.judge(record) for record in events.parse(event, layouts)]
    return verdicts.encode([verdict for verdict in found if verdict is not None])


def reconcile(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Compare bucket and file system, and start repairs; see `loader.reconcile.messages`."""
    reconciler, repository = _reconciler()
    asked = ReconcileEvent.of(event)
    if asked.dry_run:
        return report(reconciler.plan(force=asked.force))
    with repository.alone() as is_alone:
        if not is_alone:  # whoever is at it goes on until all is done
            return verdicts.encode([])
        plan = reconciler.plan(force=asked.force)
        return answer(asked, reconciler.run(plan, lambda: _has_time(context)))


def _has_time(context: LambdaContext) -> bool:
    return context.get_remaining_time_in_millis() > STOP_MILLISECONDS


def publish(event: dict[str, Any], context: object) -> dict[str, Any]:  # noqa: ARG001 (as above)
    """Act on the verdicts of a destination record, or carry out an operator's command."""
    publisher, repository, layouts = _publisher()
    if operate.is_operation(event):
        return operate.carry_out(event, repository)
    return {"outcomes": [publisher.act(verdict) for verdict in publishing.read(event, layouts)]}


@functools.cache
def _stager() -> "tuple[Stager, KeyLayouts]":
    import boto3  # noqa: PLC0415 (`publish` does without)

    from loader.staging.stager import Stager  # noqa: PLC0415 (imports botocore)

    settings = StageSettings.from_env()
    logging.getLogger().setLevel(settings.log_level)
    repository = Repository.laid_out(settings.repository_dir, settings.image)
    stager = Stager(boto3.client("s3"), repository, settings.max_model_bytes)
    return stager, KeyLayouts(settings.key_layouts)


@functools.cache
def _reconciler() -> "tuple[Reconciler, Repository]":
    import boto3  # noqa: PLC0415 (as in `_stager`)

    from loader.reconcile.reconciler import Reconciler  # noqa: PLC0415 (as in `_stager`)
    from loader.staging.stager import Stager  # noqa: PLC0415 (as in `_stager`)

    settings = ReconcileSettings.from_env()
    logging.getLogger().setLevel(settings.log_level)
    s3 = boto3.client("s3")
    repository = Repository.laid_out(settings.repository_dir, settings.image)
    stager = Stager(s3, repository, settings.max_model_bytes)
    concurrency = settings.restore_concurrency
    layouts, bucket = KeyLayouts(settings.key_layouts), settings.bucket_name
    reconciler = Reconciler(
        s3, bucket, repository, stager, layouts=layouts, concurrency=concurrency
    )
    return reconciler, repository


@functools.cache
def _publisher() -> tuple[publishing.Publisher, Repository, KeyLayouts]:
    settings = PublishSettings.from_env()
    logging.getLogger().setLevel(settings.log_level)
    repository = Repository.laid_out(settings.repository_dir)
    publisher = publishing.Publisher(repository, settings.retain_versions, settings.refused_page)
    return publisher, repository, KeyLayouts(settings.key_layouts)
