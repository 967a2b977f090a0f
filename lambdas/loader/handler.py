"""Entry points of the loader's two functions.

`stage` gets S3 events and answers verdicts; `publish` gets Lambda's destination records and
answers what became of each upload. Clients are made on first use: `publish` needs none.
"""

import functools
import logging
from typing import TYPE_CHECKING, Any

from loader import operate, records
from loader import publish as publishing
from serving import verdicts
from serving.repository import Repository
from serving.settings import PublishSettings, StageSettings

if TYPE_CHECKING:
    from loader.stage import Stager


def stage(event: dict[str, Any], context: object) -> dict[str, Any]:  # noqa: ARG001 (Lambda's signature)
    """Copy the uploads of an S3 event into candidates."""
    stager = _stager()
    found = [stager.judge(record) for record in records.parse(event)]
    return verdicts.encode([verdict for verdict in found if verdict is not None])


def publish(event: dict[str, Any], context: object) -> dict[str, Any]:  # noqa: ARG001 (as above)
    """Act on the verdicts of a destination record, or on an operator's wish."""
    publisher, repository = _publisher()
    if operate.is_operation(event):
        return operate.carry_out(event, repository)
    outcomes = [publisher.act(verdict) for verdict in publishing.read(event)]
    repository.candidates.sweep()
    return {"outcomes": outcomes}


@functools.cache
def _stager() -> "Stager":
    import boto3  # noqa: PLC0415 (`publish` does without)

    from loader.stage import Stager  # noqa: PLC0415 (imports botocore)

    settings = StageSettings.from_env()
    logging.getLogger().setLevel(settings.log_level)
    return Stager(boto3.client("s3"), Repository(settings.repository_dir), settings.max_model_bytes)


@functools.cache
def _publisher() -> tuple[publishing.Publisher, Repository]:
    settings = PublishSettings.from_env()
    logging.getLogger().setLevel(settings.log_level)
    repository = Repository(settings.repository_dir)
    return publishing.Publisher(repository, settings.retain_versions), repository
