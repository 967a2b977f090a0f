"""The preparer can answer what it was asked, and nothing else."""

from typing import Any

import pytest

from loader import publish
from serving.records import verdicts
from serving.records.manifest import Source
from serving.records.verdicts import Candidate, Prepared, Rejected, Removed, Verdict

ONE = Source("models", "one.joblib", "w1", "2026-11-21T01:02:03Z", "e", 3, "01")
TWO = Source("models", "two.joblib", "w2", "2026-11-21T01:02:03Z", "e", 3, "02")
ASKED = Candidate("one", "1", "a" * 32, "m.joblib", ONE)
PREPARED = ASKED.with_result(Prepared("d" * 64, None))
REMOVED = Removed("gone.joblib", None, "03")


def answered(asked: list[Verdict], *given: Verdict, of_stage: bool = True) -> list[Verdict]:
    message = verdicts.encode(asked)
    record: dict[str, Any] = {
        "requestContext": {"condition": "Success"},
        "requestPayload": {"responsePayload": message} if of_stage else message,
        "responsePayload": verdicts.encode(list(given)),
    }
    return publish.read(record)


@pytest.mark.parametrize("of_stage", [True, False])
def test_an_answer_to_the_question_is_believed(of_stage: bool) -> None:
    assert answered([ASKED, REMOVED], PREPARED, REMOVED, of_stage=of_stage) == [PREPARED, REMOVED]
    refused = ASKED.rejected("LOAD_FAILED", "why")
    assert answered([ASKED], refused, of_stage=of_stage) == [refused]


@pytest.mark.parametrize(
    "forged",
    [
        Rejected("two", "1", "FORGED", "by another upload", TWO),
        Rejected("one", "1", "FORGED", "of another write", TWO),
        Rejected("one", "2", "FORGED", "of another version", ONE),
        Candidate("one", "1", "b" * 32, "m.joblib", ONE, prepared=Prepared("d" * 64)),
        Candidate("two", "1", "a" * 32, "m.joblib", ONE, prepared=Prepared("d" * 64)),
        Removed("two.joblib", None, "FF"),
    ],
)
def test_an_answer_about_another_upload_is_dropped(forged: Verdict) -> None:
    assert answered([ASKED, REMOVED], forged, PREPARED, REMOVED) == [PREPARED, REMOVED]


def test_an_upload_without_an_answer_is_told_so() -> None:
    (left,) = answered([ASKED], Rejected("two", "1", "FORGED", "why", TWO))
    assert isinstance(left, Rejected)
    assert (left.model, left.code, left.source) == ("one", "PREPARATION_FAILED", ONE)
    assert "Upload the file again" in left.reason
