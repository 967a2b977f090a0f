"""The preparer's answer, held against what it was asked.

Model code ran where the answer was made. Lambda itself writes the question into the destination
record, so an answer can be about no upload but those.
"""

import dataclasses
import logging
from typing import Any

from serving.records import verdicts
from serving.records.verdicts import Candidate, Verdict

logger = logging.getLogger(__name__)
UNANSWERED = (
    "The preparer gave no verdict on this upload. Its log tells more. Upload the file again to "
    "retry."
)


def read(event: dict[str, Any], code: str) -> list[Verdict]:
    """Return the verdicts of a destination record of the preparer that succeeded.

    Verdicts on anything that it wasn't asked about are dropped. A candidate that it says nothing
    of is rejected with `code`.
    """
    given = verdicts.decode(event.get("responsePayload"))
    asked = _asked(event.get("requestPayload"))
    if asked is None:
        return given
    believed = [verdict for verdict in given if any(_answers(verdict, each) for each in asked)]
    for verdict in given:
        if verdict not in believed:
            logger.error("the preparer wasn't asked about %s", verdict)
    missing = (
        each.rejected(code, UNANSWERED)
        for each in asked
        if isinstance(each, Candidate) and not any(_answers(verdict, each) for verdict in believed)
    )
    return [*believed, *missing]


def _asked(request: Any) -> list[Verdict] | None:
    """Return the verdicts that the preparer got: as they are, or in a record of `stage`."""
    if not isinstance(request, dict):
        return None
    if "verdicts" in request:
        return verdicts.decode(request)
    return verdicts.decode(request["responsePayload"]) if "responsePayload" in request else None


def _answers(verdict: Verdict, asked: Verdict) -> bool:
    """Whether a verdict is the preparer's to give on what it was asked."""
    if not isinstance(asked, Candidate):
        return verdict == asked
    if isinstance(verdict, Candidate):
        return dataclasses.replace(verdict, prepared=asked.prepared) == asked
    same = ("model", "version", "source")
    return all(getattr(verdict, name, None) == getattr(asked, name) for name in same)
