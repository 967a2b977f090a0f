"""One call of the preparer for each candidate, whatever else an answer holds."""

import json
from typing import Any

import pytest

from dispatcher import handler as dispatcher
from dispatcher.settings import DispatchSettings
from serving.errors import RecordError
from serving.records import verdicts
from serving.records.manifest import Source
from serving.records.verdicts import Candidate, Removed

RECONCILE = "arn:aws:lambda:eu-west-1:123456789012:function:Reconcile"
Call = tuple[str, str, dict[str, Any]]


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[Call]:
    """Return the calls of Lambda's API: the function, the type and the event of each."""
    found: list[Call] = []

    class Client:
        def invoke(self, *, FunctionName: str, InvocationType: str, Payload: bytes) -> None:  # noqa: N803 (boto3's)
            found.append((FunctionName, InvocationType, json.loads(Payload)))

    settings = DispatchSettings("preparer", "publish", "INFO")
    monkeypatch.setattr(dispatcher, "_client", Client)
    monkeypatch.setattr(dispatcher, "_settings", lambda: settings)
    return found


def candidate(number: int) -> Candidate:
    source = Source("b", f"m{number}.joblib", f"v{number}", "2026-11-29T10:00:00Z", "e", 1)
    return Candidate(f"m{number}", "1", f"{number:032x}", "m.joblib", source)


def record(*found: verdicts.Verdict, **more: Any) -> dict[str, Any]:
    return {
        "requestContext": {"condition": "Success", "functionArn": f"{RECONCILE}:$LATEST"},
        "responsePayload": {**verdicts.encode(found), **more},
    }


def test_each_candidate_gets_a_preparer_of_its_own(calls: list[Call]) -> None:
    hundred = [candidate(number) for number in range(100)]
    assert dispatcher.handler(record(*hundred), None) == {"candidates": 100, "others": 0}
    assert calls == [("preparer", "Event", verdicts.encode([each])) for each in hundred]


def test_what_needs_no_preparer_goes_to_publish_at_once(calls: list[Call]) -> None:
    removed = Removed("iris.joblib", None, "01")
    rejected = candidate(2).rejected("CODE", "why")
    dispatcher.handler(record(removed, candidate(1), rejected), None)
    assert calls == [
        ("publish", "Event", verdicts.encode([removed, rejected])),
        ("preparer", "Event", verdicts.encode([candidate(1)])),
    ]


def test_who_asks_to_go_on_is_called_again(calls: list[Call]) -> None:
    dispatcher.handler(record(candidate(1), **{"continue": {"waits": 0}}), None)
    assert calls[1:] == [(RECONCILE, "Event", {"waits": 0})]


def test_the_next_run_comes_when_publish_has_had_some_time(
    calls: list[Call], monkeypatch: pytest.MonkeyPatch
) -> None:
    def sleep(seconds: float) -> None:
        assert [name for name, *_ in calls] == ["publish"]
        assert seconds == dispatcher.BREATH_SECONDS

    monkeypatch.setattr("time.sleep", sleep)
    rejected = candidate(2).rejected("CODE", "why")
    dispatcher.handler(record(rejected, **{"continue": {"waits": 0}}), None)
    assert [name for name, *_ in calls] == ["publish", RECONCILE]


def test_a_run_that_only_waited_is_followed_by_the_next_alone(calls: list[Call]) -> None:
    dispatcher.handler(record(**{"continue": {"waits": 1}}), None)
    assert calls == [(RECONCILE, "Event", {"waits": 1})]


def test_an_empty_answer_keeps_the_chain_awake(calls: list[Call]) -> None:
    dispatcher.handler(record(), None)
    assert calls == [("preparer", "Event", {"verdicts": []})]


@pytest.mark.parametrize("event", [{}, {"responsePayload": {"verdicts": None}}])
def test_what_is_no_answer_fails_and_is_kept(calls: list[Call], event: dict[str, Any]) -> None:
    with pytest.raises(RecordError):
        dispatcher.handler(event, None)
    assert calls == []
