"""What a function's failure says about the uploads that it was asked to handle."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from loader import publish as publishing
from serving.records import verdicts
from serving.records.verdicts import Candidate, Postponed, Rejected
from tests.lambdas.deployment import Deployment

TIMED_OUT = "2026-11-21T01:17:10.000Z e4b46cbf Task timed out after 900.00 seconds"
# Answers of Lambda when every try ended so.
ENDS = [
    {"errorMessage": TIMED_OUT},
    {"errorType": "Sandbox.Timedout", "errorMessage": TIMED_OUT},
    {"errorType": "Runtime.ExitError", "errorMessage": "Runtime exited with error: exit status 1"},
    {"errorType": "Runtime.OutOfMemory", "errorMessage": "signal: killed"},
    {"errorType": "MemoryError", "errorMessage": ""},
]
OTHERS = [
    None,
    {"errorType": "Runtime.ImportModuleError", "errorMessage": "No module named 'preparer'"},
    {"errorType": "Init.Timeout", "errorMessage": "Init timed out"},
    {"errorType": "EFSMountFailureException", "errorMessage": "mount failed"},
    {"errorType": "OSError", "errorMessage": "[Errno 116] Stale file handle"},
    {"errorType": "ClientError", "errorMessage": "SlowDown"},
]


@pytest.fixture
def record(load_event: Callable[[str], Any]) -> dict[str, Any]:
    """Return the record of a preparer that failed for good."""
    found: dict[str, Any] = load_event("destination_timeout")
    return found


@pytest.mark.parametrize("payload", ENDS)
def test_one_upload_alone_that_ended_its_function_each_time_is_refused(
    record: dict[str, Any], payload: dict[str, Any]
) -> None:
    (verdict,) = publishing.read({**record, "responsePayload": payload})
    assert isinstance(verdict, Rejected)
    assert payload["errorMessage"] in verdict.reason
    assert "after 2 tries" in verdict.reason


@pytest.mark.parametrize("payload", OTHERS)
def test_trouble_that_is_not_the_uploads_own_is_no_verdict(
    record: dict[str, Any], payload: dict[str, Any] | None
) -> None:
    (verdict,) = publishing.read({**record, "responsePayload": payload})
    assert isinstance(verdict, Postponed)
    assert "tried again by itself" in verdict.reason


@pytest.mark.parametrize("payload", [None, *ENDS])
def test_an_event_that_grew_too_old_is_no_verdict(
    record: dict[str, Any], payload: dict[str, Any] | None
) -> None:
    record["requestContext"]["condition"] = "EventAgeExceeded"
    (verdict,) = publishing.read({**record, "responsePayload": payload})
    assert isinstance(verdict, Postponed)


def test_of_several_uploads_none_is_to_blame(record: dict[str, Any]) -> None:
    asked = record["requestPayload"]["verdicts"]
    asked.append({**copy.deepcopy(asked[0]), "model": "rose"})
    assert [type(each) for each in publishing.read(record)] == [Postponed, Postponed]


def test_a_record_of_a_former_deployment_is_read(record: dict[str, Any]) -> None:
    record["requestPayload"] = {"responsePayload": record["requestPayload"]}
    (verdict,) = publishing.read(record)
    assert isinstance(verdict, Rejected)


def test_a_stage_that_could_not_run_leaves_nothing_behind(
    deployment: Deployment, record: dict[str, Any], load_event: Callable[[str], Any]
) -> None:
    record["requestPayload"] = load_event("s3_put")
    record["requestContext"]["condition"] = "EventAgeExceeded"
    (verdict,) = publishing.read({**record, "responsePayload": None})
    assert isinstance(verdict, Postponed)
    assert deployment.publisher.act(verdict)["result"] == "postponed"
    assert deployment.repository.models.names() == []


def test_what_was_put_off_stays_pending_with_the_reason(deployment: Deployment) -> None:
    verdict = deployment.stager.judge(deployment.put("iris.joblib", b"model"))
    assert isinstance(verdict, Candidate)
    outcome = deployment.publisher.act(verdict.postponed("throttled"))
    assert (outcome["result"], outcome["reason"]) == ("postponed", "throttled")
    status = deployment.repository.models.status("iris")
    assert (status.state, status.rejected) == ("pending", [])
    assert status.pending[0].reason == "throttled"
    told = deployment.call("GET", "/models/iris")
    assert b'"reason":"throttled"' in told.body.replace(b": ", b":")


def test_what_was_begun_anew_is_not_put_off_by_the_try_before(deployment: Deployment) -> None:
    event = deployment.put("iris.joblib", b"model")
    first, second = deployment.stager.judge(event), deployment.stager.judge(event)
    assert isinstance(first, Candidate)
    assert isinstance(second, Candidate)
    assert deployment.publisher.act(first.postponed("throttled"))["result"] == "superseded"
    (pending,) = deployment.repository.models.status("iris").pending
    assert (pending.candidate, pending.postponed) == (second.candidate, "")


def test_publish_takes_verdicts_without_a_record() -> None:
    removed = verdicts.Removed("iris.joblib", None, "01")
    assert publishing.read(verdicts.encode([removed])) == [removed]
