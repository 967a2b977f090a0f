"""Acts on verdicts: the one place where a model's versions change.

`publish` is the destination of the preparer, and of `stage` and the preparer when they fail. It
gets Lambda's destination record (Lambda Developer Guide, "Asynchronous invocation destinations").
"""

import dataclasses
import logging
from collections.abc import Iterator
from typing import Any

from loader import answers
from loader.bucket import events
from serving.errors import RecordError, UploadRejected
from serving.formats.model_formats import is_part
from serving.records import verdicts
from serving.records.object_keys import InvalidKey, read_key
from serving.records.verdicts import Candidate, Refused, Rejected, Removed, Verdict
from serving.records.versions import version_of
from serving.repository.outcome import Outcome
from serving.repository.repository import Repository

logger = logging.getLogger(__name__)
FAILED = "PREPARATION_FAILED"
UNVERIFIED = (
    "It was prepared by an older release, without a digest of the result. "
    "Reconcile prepares it again by itself."
)


def read(event: dict[str, Any]) -> list[Verdict]:
    """Turn a destination record into verdicts; a failure becomes rejections.

    Raises:
        RecordError: this is no destination record.
    """
    context = event.get("requestContext")
    if not isinstance(context, dict):
        raise RecordError("expected a destination record with a requestContext")
    if context.get("condition") == "Success":
        return answers.read(event, FAILED)
    return list(_failed(event.get("requestPayload") or {}, _reason(event)))


def _reason(event: dict[str, Any]) -> str:
    """Return which function failed, and Lambda's own words for how."""
    function = str(event["requestContext"].get("functionArn", "")).removesuffix(":$LATEST")
    payload = event.get("responsePayload")
    error = payload.get("errorMessage") if isinstance(payload, dict) else None
    condition = event["requestContext"].get("condition")
    return (
        f"The function {function.rpartition(':')[2]} failed ({condition}): {error or 'no detail'}. "
        "Its log tells more. Upload the file again to retry."
    )


def _failed(request: dict[str, Any], reason: str) -> Iterator[Verdict]:
    """Reject everything that a failed function had been asked to do."""
    if "Records" not in request:  # it was the preparer, asked by `stage`
        for verdict in verdicts.decode(request.get("responsePayload")):
            if isinstance(verdict, Candidate):
                verdict = verdict.rejected(FAILED, reason)  # noqa: PLW2901 (its opposite)
            yield verdict
        return
    for event in events.parse(request):  # it was `stage`, asked by S3
        key, source = event.key, event.source
        if event.is_removal:
            yield Removed(key.text, event.removed_version_id, event.sequencer, event.time)
        elif isinstance(key, InvalidKey):
            yield Refused(key.text, key.code, key.reason)
        else:
            yield Rejected(key.model, version_of(key, source), FAILED, reason, source)


class Publisher:
    """Carries verdicts out on the repository."""

    def __init__(self, repository: Repository, retain_versions: int) -> None:
        self._repository = repository
        self._retain_versions = retain_versions

    def act(self, verdict: Verdict) -> dict[str, Any]:
        """Carry out one verdict and return its outcome, JSON-ready."""
        match verdict:
            case Candidate():
                outcome = self._publish(verdict)
            case Rejected():
                outcome = self._reject(verdict)
            case Refused():
                outcome = self._repository.refuse(verdict.key, verdict.code, verdict.reason)
            case Removed():
                outcome = self._withdraw(verdict)
        logger.info("%s", outcome)
        return dataclasses.asdict(outcome)

    def _publish(self, verdict: Candidate) -> Outcome:
        if verdict.prepared is None:
            # From a preparer of an older release, during an upgrade. Its result can't be verified.
            return Outcome("postponed", verdict.model, verdict.version, UNVERIFIED)
        try:
            return self._repository.publish(
                verdict.model,
                verdict.version,
                verdict.candidate,
                self._retain_versions,
                verdict.prepared,
            )
        except UploadRejected as error:
            return self._reject(verdict.rejected(error.rejection_code, str(error)))
        except RecordError as error:
            return self._reject(verdict.rejected(FAILED, f"The preparer left no result: {error}."))

    def _reject(self, verdict: Rejected) -> Outcome:
        return self._repository.reject(
            verdict.model, verdict.version, verdict.code, verdict.reason, verdict.source
        )

    def _withdraw(self, verdict: Removed) -> Outcome:
        key = read_key(verdict.key)
        if isinstance(key, InvalidKey):
            return self._repository.forgive(verdict.key)
        return self._repository.withdraw(
            key.model,
            verdict.key,
            verdict.version_id,
            verdict.sequencer,
            verdict.deleted_at,
            is_part=is_part(key),
        )
