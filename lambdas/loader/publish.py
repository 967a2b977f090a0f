"""Acts on verdicts: the one place where a model's versions change.

`publish` is the destination of the preparer, and of `stage` and the preparer when they fail. It
gets Lambda's destination record (Lambda Developer Guide, "Asynchronous invocation destinations").
From the dispatcher it gets verdicts as they are.
"""

import dataclasses
import logging
from typing import Any

from loader import answers, failures
from loader.failures import FAILED
from serving.errors import RecordError, UploadRejected
from serving.formats.file_names import is_part
from serving.records import verdicts
from serving.records.key_layouts import BY_DEFAULT, KeyLayouts
from serving.records.object_keys import InvalidKey, read_key
from serving.records.verdicts import (
    Candidate,
    HeldBack,
    Postponed,
    Refused,
    Rejected,
    Removed,
    Verdict,
)
from serving.repository.outcome import Outcome
from serving.repository.repository import Repository

logger = logging.getLogger(__name__)
REFUSED_PAGE = "docs/refused.md"
UNVERIFIED = (
    "It was prepared by an older release, without a digest of the result. "
    "Reconcile prepares it again by itself."
)


def read(event: dict[str, Any], layouts: KeyLayouts = BY_DEFAULT) -> list[Verdict]:
    """Turn a message or a destination record into verdicts, a failure's too.

    Raises:
        RecordError: this is neither.
    """
    if "verdicts" in event:
        return verdicts.decode(event)
    context = event.get("requestContext")
    if not isinstance(context, dict):
        raise RecordError("expected a destination record with a requestContext")
    if context.get("condition") == "Success":
        return answers.read(event, FAILED)
    return list(failures.read(event, layouts))


class Publisher:
    """Carries verdicts out on the repository.

    Args:
        refused_page: the page that tells about each refusal, under its code.
    """

    def __init__(
        self, repository: Repository, retain_versions: int, refused_page: str = REFUSED_PAGE
    ) -> None:
        self._repository = repository
        self._retain_versions = retain_versions
        self._refused_page = refused_page

    def act(self, verdict: Verdict) -> dict[str, Any]:
        """Carry out one verdict and return its outcome, JSON-ready."""
        match verdict:
            case Candidate():
                outcome = self._publish(verdict)
            case Postponed():
                outcome = self._repository.postpone(verdict)
            case HeldBack():
                outcome = Outcome("held_back", None, reason=verdict.reason)
            case Rejected():
                outcome = self._reject(verdict)
            case Refused():
                reason = self._helped(verdict.code, verdict.reason)
                outcome = self._repository.refuse(verdict.key, verdict.code, reason)
            case Removed():
                outcome = self._withdraw(verdict)
        logger.info("%s", outcome)
        return dataclasses.asdict(outcome)

    def _publish(self, verdict: Candidate) -> Outcome:
        if verdict.prepared is None:
            # From a preparer of an older release, during an upgrade. Its result can't be verified.
            return self._repository.postpone(verdict.postponed(UNVERIFIED))
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
        reason = self._helped(verdict.code, verdict.reason)
        return self._repository.reject(
            verdict.model, verdict.version, verdict.code, reason, verdict.source
        )

    def _helped(self, code: str, reason: str) -> str:
        """Return a reason with the page that tells more, in front of a file that it shows."""
        text, line, file = reason.partition("\n\n")
        return f"{text} More: {self._refused_page}#{code.lower()}{line}{file}"

    def _withdraw(self, verdict: Removed) -> Outcome:
        model, beside = verdict.model, verdict.is_part
        if not model:  # no layout read the key
            key = read_key(verdict.key)
            if isinstance(key, InvalidKey):
                return self._repository.forgive(verdict.key)
            model, beside = key.model, is_part(key)
        return self._repository.withdraw(
            model,
            verdict.key,
            verdict.version_id,
            verdict.sequencer,
            verdict.deleted_at,
            is_part=beside,
        )
