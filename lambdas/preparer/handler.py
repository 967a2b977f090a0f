"""Entry point of the preparer: takes verdicts of `stage`, returns verdicts for `publish`."""

import functools
import logging
from typing import Any, Protocol

from confinement.protection import protect
from preparation.prepare import Preparer
from preparer.renewal import Renewal
from preparer.settings import PrepareSettings
from serving.records import verdicts
from serving.records.verdicts import Candidate
from serving.repository.candidates import Candidates

RENEWAL = Renewal()
RENEWAL.install()


class LambdaContext(Protocol):
    """The part of Lambda's context object that is used here."""

    def get_remaining_time_in_millis(self) -> int:
        """Return the milliseconds until the function is stopped."""


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Prepare every candidate of a destination record; return other verdicts unchanged."""
    preparer = _preparer()
    asked = verdicts.decode(event.get("responsePayload"))
    if any(isinstance(verdict, Candidate) for verdict in asked):
        RENEWAL.request()
    return verdicts.encode(
        [
            preparer.judge(verdict, context.get_remaining_time_in_millis() / 1000)
            for verdict in asked
        ]
    )


@functools.cache
def _preparer() -> Preparer:
    settings = PrepareSettings.from_env()
    logging.getLogger().setLevel(settings.log_level)
    logging.getLogger(__name__).info("this process %s", protect())
    candidates = Candidates(settings.candidates_dir)
    return Preparer(
        candidates,
        settings.trusted_formats,
        settings.memory_mb,
        compile_seconds=settings.compile_seconds,
    )
