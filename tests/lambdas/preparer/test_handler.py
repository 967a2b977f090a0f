"""A want of time is no verdict on a model."""

from collections.abc import Callable
from typing import Any

import pytest

from preparer import handler as preparer
from serving.records import verdicts
from serving.records.manifest import Source
from serving.records.verdicts import Candidate, Postponed, Rejected, Removed, Verdict

Judge = Callable[[Verdict, float], Verdict]


class Context:
    """A clock of its own: `spend` takes time of the invocation."""

    def __init__(self, seconds: float) -> None:
        self.left = seconds

    def get_remaining_time_in_millis(self) -> int:
        return int(self.left * 1000)


@pytest.fixture
def judged(monkeypatch: pytest.MonkeyPatch) -> Callable[[Judge], list[tuple[str, float]]]:
    """Return a function that puts a judge in place, and returns what it is asked."""

    def put(judge: Judge) -> list[tuple[str, float]]:
        asked: list[tuple[str, float]] = []

        class Preparer:
            def judge(self, verdict: Verdict, seconds: float) -> Verdict:
                if isinstance(verdict, Candidate):
                    asked.append((verdict.model, seconds))
                return judge(verdict, seconds)

        monkeypatch.setattr(preparer, "_preparer", Preparer)
        return asked

    return put


def candidate(number: int) -> Candidate:
    source = Source("b", f"m{number}.joblib", f"v{number}", "2026-11-29T10:00:00Z", "e", 1)
    return Candidate(f"m{number}", "1", f"{number:032x}", "m.joblib", source)


def test_of_several_candidates_one_has_all_the_time_and_none_is_refused(judged: Any) -> None:
    asked = judged(lambda verdict, seconds: verdict)
    six = [candidate(number) for number in range(6)]
    found = verdicts.decode(preparer.handler(verdicts.encode(six), Context(14)))
    assert asked == [("m0", 14.0)]
    assert found[0] == six[0]
    assert [type(each) for each in found[1:]] == [Postponed] * 5


def test_other_verdicts_pass_through(judged: Any) -> None:
    judged(lambda verdict, seconds: verdict)
    others: list[Verdict] = [Removed("iris.joblib", None, "1"), candidate(1).rejected("C", "why")]
    assert verdicts.decode(preparer.handler(verdicts.encode(others), Context(900))) == others


def test_an_event_of_a_former_deployment_is_read(judged: Any) -> None:
    judged(lambda verdict, seconds: verdict)
    record = {"requestContext": {}, "responsePayload": verdicts.encode([candidate(1)])}
    assert verdicts.decode(preparer.handler(record, Context(900))) == [candidate(1)]


def test_a_model_that_used_up_a_whole_invocation_is_refused_and_told_so(
    judged: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    moments = iter([0.0, 881.0])
    monkeypatch.setattr("time.monotonic", lambda: next(moments))
    judged(lambda verdict, _: verdict.rejected("LOAD_FAILED", "It took longer than 880 s."))
    (found,) = verdicts.decode(preparer.handler(verdicts.encode([candidate(1)]), Context(900)))
    assert isinstance(found, Rejected)
    assert found.reason.startswith(
        "It took longer than 880 s. It had a whole invocation of 900 s to itself"
    )


def test_a_model_that_is_refused_sooner_is_refused_for_its_own_reason(judged: Any) -> None:
    judged(lambda verdict, _: verdict.rejected("LOAD_FAILED", "not fitted"))
    (found,) = verdicts.decode(preparer.handler(verdicts.encode([candidate(1)]), Context(900)))
    assert found == candidate(1).rejected("LOAD_FAILED", "not fitted")
