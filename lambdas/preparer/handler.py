"""Entry point of the preparer: takes one candidate, returns a verdict for `publish`."""

import functools
import logging
import time
from typing import Any, Protocol

from confinement.protection import protect
from preparation.prepare import RESERVED_SECONDS, Preparer
from preparer.renewal import Renewal
from preparer.settings import PrepareSettings
from serving.records import verdicts
from serving.records.verdicts import Candidate, Rejected, Verdict
from serving.repository.candidates import Candidates

RENEWAL = Renewal()
RENEWAL.install()


class LambdaContext(Protocol):
    """The part of Lambda's context object that is used here."""

    def get_remaining_time_in_millis(self) -> int:
        """Return the milliseconds until the function is stopped."""


def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Prepare the candidate of an event; return other verdicts unchanged.

    The dispatcher sends one candidate an event, which has the whole time of the invocation. Should
    there be others, they stay pending: a want of time is no verdict on a model.
    """
    asked = verdicts.decode(verdicts.message(event))
    first = next((verdict for verdict in asked if isinstance(verdict, Candidate)), None)
    if first is not None:
        RENEWAL.request()
    return verdicts.encode(
        [
            _postponed(verdict)
            if isinstance(verdict, Candidate) and verdict is not first
            else _judge(verdict, context.get_remaining_time_in_millis() / 1000)
            for verdict in asked
        ]
    )


def _judge(verdict: Verdict, seconds: float) -> Verdict:
    """Return the preparer's verdict; where it took all the time that there is, say so."""
    started = time.monotonic()
    found = _preparer().judge(verdict, seconds)
    took = time.monotonic() - started
    took_all = took >= seconds - RESERVED_SECONDS - 1
    if took_all and isinstance(found, Rejected) and isinstance(verdict, Candidate):
        return verdict.rejected(found.code, f"{found.reason} {_all_there_is(seconds)}")
    return found


def _all_there_is(seconds: float) -> str:
    return (
        f"It had a whole invocation of {seconds:.0f} s to itself, which is the most there is. "
        "A smaller model, or one in its library's own format, loads faster."
    )


def _postponed(verdict: Candidate) -> Verdict:
    return verdict.postponed(
        "Another upload had the whole invocation. It is tried again by itself."
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
        runs_own_code=settings.own_code,
    )
