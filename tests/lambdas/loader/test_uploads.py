"""The whole way of an upload, function by function, over moto's S3."""

from collections.abc import Callable
from typing import Any

import pytest

from loader import publish as publishing
from loader.staging.stager import Stager
from serving.errors import RecordError
from serving.records import verdicts
from serving.records.verdicts import Candidate, Refused, Rejected, Removed
from tests.lambdas.deployment import Deployment, classifier, dumped


def test_an_overwritten_object_becomes_a_new_version(deployment: Deployment) -> None:
    first = deployment.upload("iris.joblib", dumped(classifier()))
    second = deployment.upload("iris.joblib", dumped(classifier(10)))
    assert first is not None
    assert second is not None
    assert [first["result"], second["result"]] == ["activated", "activated"]
    assert first["version"] != second["version"]
    assert deployment.repository.models.current("iris") == second["version"]


def test_events_out_of_order_end_with_the_newest(deployment: Deployment) -> None:
    older = deployment.put("iris.joblib", dumped(classifier()))
    newer = deployment.put("iris.joblib", dumped(classifier(10)))
    activated = deployment.handle(newer)
    late = deployment.handle(older)
    assert activated is not None
    assert late is not None
    assert (activated["result"], late["result"]) == ("activated", "published")
    assert deployment.repository.models.current("iris") == activated["version"]


def test_a_duplicated_event_changes_nothing(deployment: Deployment) -> None:
    event = deployment.put("iris.joblib", dumped(classifier()))
    deployment.handle(event)
    assert deployment.handle(event) is None
    assert len(deployment.repository.models.manifests("iris")) == 1


def test_an_explicit_version_is_not_overwritten(deployment: Deployment) -> None:
    deployment.upload("iris/3/m.joblib", dumped(classifier()))
    assert deployment.upload("iris/3/m.joblib", dumped(classifier())) is None
    outcome = deployment.upload("iris/3/m.joblib", dumped(classifier(10)))
    assert outcome is not None
    assert outcome["result"] == "rejected"
    assert "new version" in outcome["reason"]


def test_deleting_the_object_withdraws_the_model(deployment: Deployment) -> None:
    deployment.upload("iris.joblib", dumped(classifier()))
    outcome = deployment.handle(deployment.delete("iris.joblib"))
    assert outcome is not None
    assert outcome["result"] == "withdrawn"
    assert deployment.repository.models.status("iris").state == "withdrawn"


def test_a_create_event_after_the_deletion_stays_without_effect(deployment: Deployment) -> None:
    event = deployment.put("iris.joblib", dumped(classifier()))
    deployment.upload("iris/1/m.joblib", dumped(classifier()))
    deployment.handle(deployment.delete("iris.joblib"))
    assert deployment.handle(event) is None
    assert deployment.repository.models.current("iris") == "1"


def test_an_object_that_vanished_is_rejected(deployment: Deployment) -> None:
    event = deployment.put("iris.joblib", dumped(classifier()))
    deployment.s3.delete_object(Bucket="models", Key="iris.joblib", VersionId=event.version_id)
    verdict = deployment.stager.judge(event)
    assert isinstance(verdict, Rejected)
    assert verdict.code == "OBJECT_GONE"


@pytest.mark.parametrize(
    ("key", "data", "code"),
    [
        ("iris.csv", b"text", "UNSUPPORTED_FORMAT"),
        ("iris", b"text", "UNSUPPORTED_FORMAT"),
        ("iris.joblib", b"", "EMPTY_FILE"),
        ("iris.joblib", b"x" * 1001, "TOO_LARGE"),
    ],
)
def test_what_can_never_serve_is_not_even_copied(
    deployment: Deployment, key: str, data: bytes, code: str
) -> None:
    deployment.stager = Stager(deployment.s3, deployment.repository, 1000)
    verdict = deployment.stager.judge(deployment.put(key, data))
    assert isinstance(verdict, Rejected)
    assert (verdict.model, verdict.code) == ("iris", code)
    assert not (deployment.root / "candidates").exists()


def test_a_key_that_names_no_model_is_refused(deployment: Deployment) -> None:
    verdict = deployment.stager.judge(deployment.put("a/.b/d.joblib", b"x"))
    assert isinstance(verdict, Refused)


def test_pickles_are_refused_where_they_are_not_trusted(deployment: Deployment) -> None:
    deployment.trusted_formats = ()
    deployment.__post_init__()
    outcome = deployment.upload("iris.joblib", dumped(classifier()))
    assert outcome is not None
    assert outcome["result"] == "rejected"
    assert "skops.io.dump" in outcome["reason"]


def test_every_verdict_survives_the_wire(
    deployment: Deployment, load_event: Callable[[str], Any]
) -> None:
    candidate = deployment.stager.judge(deployment.put("iris.joblib", dumped(classifier())))
    assert isinstance(candidate, Candidate)
    all_kinds: list[verdicts.Verdict] = [
        candidate,
        candidate.rejected("CODE", "why"),
        Refused("a/b/c/d", "CODE", "why"),
        Removed("iris.joblib", None, "01"),
    ]
    assert verdicts.decode(verdicts.encode(all_kinds)) == all_kinds


def test_a_preparer_that_times_out_becomes_a_rejection(load_event: Callable[[str], Any]) -> None:
    (verdict,) = publishing.read(load_event("destination_timeout"))
    assert isinstance(verdict, Rejected)
    assert (verdict.model, verdict.version) == ("iris", "3")
    assert "Preparer" in verdict.reason
    assert "timed out after 900.00 seconds" in verdict.reason


def test_a_stage_that_crashes_becomes_a_rejection(
    deployment: Deployment, load_event: Callable[[str], Any]
) -> None:
    record = load_event("destination_timeout")
    record["requestPayload"] = load_event("s3_put")
    (verdict,) = publishing.read(record)
    assert isinstance(verdict, Rejected)
    assert verdict.model == "modèle d+1"
    outcome = deployment.publisher.act(verdict)
    assert outcome["result"] == "rejected"
    assert deployment.repository.models.status("modèle d+1").state == "rejected"


def test_a_removal_that_crashed_in_stage_is_still_carried_out(
    deployment: Deployment, load_event: Callable[[str], Any]
) -> None:
    record = load_event("destination_timeout")
    record["requestPayload"] = load_event("s3_delete_marker")
    (verdict,) = publishing.read(record)
    deleted_at = "2026-11-21T02:02:03.456Z"
    assert verdict == Removed("iris.joblib", None, "0055AED6DCD90281E9", deleted_at)


@pytest.mark.parametrize("event", [{}, {"requestContext": {"condition": "Success"}}])
def test_what_is_no_destination_record_goes_to_the_queue(event: dict[str, Any]) -> None:
    with pytest.raises(RecordError):
        publishing.read(event)


def test_a_candidate_that_nobody_prepared_stays_pending(deployment: Deployment) -> None:
    verdict = deployment.stager.judge(deployment.put("iris.joblib", dumped(classifier())))
    assert isinstance(verdict, Candidate)
    outcome = deployment.publisher.act(verdict)
    assert outcome["result"] == "postponed"
    assert "Reconcile prepares it again" in outcome["reason"]
    (pending,) = deployment.repository.models.status("iris").pending
    assert pending.candidate == verdict.candidate
