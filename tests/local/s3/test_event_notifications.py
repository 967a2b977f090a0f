import re
from urllib.parse import unquote_plus

import pytest

from local.assembly.resources.bucket import Bucket, Notification
from local.s3.event_notifications import (
    ObjectEvent,
    RequestOrigin,
    Sequencer,
    batch_removal_events,
    build_notification_event,
    event_name,
    matching_notifications,
    removal_event,
)

BUCKET = Bucket("models", "arn:aws:s3:::models", versioned=True)


@pytest.mark.parametrize(
    ("method", "query", "headers", "expected"),
    [
        ("PUT", {}, {}, "ObjectCreated:Put"),
        ("PUT", {"x-id": "PutObject"}, {}, "ObjectCreated:Put"),
        ("PUT", {}, {"x-amz-copy-source": "/a/b"}, "ObjectCreated:Copy"),
        ("POST", {"uploadId": "1"}, {}, "ObjectCreated:CompleteMultipartUpload"),
        ("DELETE", {}, {}, "ObjectRemoved:Delete"),
        ("DELETE", {"versionId": "1"}, {}, "ObjectRemoved:Delete"),
        ("DELETE", {"uploadId": "1"}, {}, None),
        ("PUT", {"partNumber": "1", "uploadId": "1"}, {}, None),
        ("PUT", {"tagging": ""}, {}, None),
        ("DELETE", {"tagging": ""}, {}, None),
        ("POST", {"uploads": ""}, {}, None),
        ("GET", {}, {}, None),
    ],
)
def test_which_requests_make_events(
    method: str, query: dict[str, str], headers: dict[str, str], expected: str | None
) -> None:
    assert event_name(method, query, headers) == expected


def test_the_record_is_that_of_s3() -> None:
    event = ObjectEvent("ObjectCreated:Put", "a b/modèl+1.joblib", "v1", "tag", 7)
    formed = build_notification_event(
        BUCKET, event, RequestOrigin("127.0.0.1", "R"), "00AB", "us-east-1"
    )
    assert isinstance(formed["Records"], list)
    (record,) = formed["Records"]
    assert isinstance(record, dict)
    assert (record["eventName"], record["eventSource"]) == ("ObjectCreated:Put", "aws:s3")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", str(record["eventTime"]))
    s3 = record["s3"]
    assert isinstance(s3, dict)
    assert isinstance(s3["bucket"], dict)
    assert (s3["bucket"]["name"], s3["bucket"]["arn"]) == ("models", "arn:aws:s3:::models")
    assert s3["object"] == {
        "key": "a+b/mod%C3%A8l%2B1.joblib", "size": 7, "eTag": "tag", "versionId": "v1",
        "sequencer": "00AB",
    }  # fmt: skip
    assert unquote_plus("a+b/mod%C3%A8l%2B1.joblib") == event.key


def test_a_delete_marker_has_a_version_and_no_size() -> None:
    event = removal_event("k", "v2", marker=True)
    assert event.name == "ObjectRemoved:DeleteMarkerCreated"
    formed = build_notification_event(
        BUCKET, event, RequestOrigin("127.0.0.1", "R"), "00AB", "us-east-1"
    )
    assert "'size'" not in str(formed)
    assert "'versionId': 'v2'" in str(formed)


def test_a_batch_tells_markers_from_deleted_versions() -> None:
    answer = b"""<DeleteResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">
      <Deleted><Key>a</Key><DeleteMarker>true</DeleteMarker>
        <DeleteMarkerVersionId>m1</DeleteMarkerVersionId></Deleted>
      <Deleted><Key>b</Key><VersionId>v1</VersionId></Deleted>
      <Deleted><Key>c</Key><VersionId>m0</VersionId><DeleteMarker>true</DeleteMarker>
        <DeleteMarkerVersionId>m0</DeleteMarkerVersionId></Deleted>
      <Error><Key>d</Key><Code>AccessDenied</Code></Error></DeleteResult>"""
    found = [(e.name, e.key, e.version_id) for e in batch_removal_events(answer)]
    assert found == [
        ("ObjectRemoved:DeleteMarkerCreated", "a", "m1"),
        ("ObjectRemoved:Delete", "b", "v1"),
        ("ObjectRemoved:Delete", "c", "m0"),
    ]


@pytest.mark.parametrize(
    ("pattern", "prefix", "suffix", "matches"),
    [
        ("s3:ObjectCreated:*", "", "", True),
        ("s3:ObjectCreated:Put", "", "", True),
        ("s3:ObjectCreated:Copy", "", "", False),
        ("s3:ObjectRemoved:*", "", "", False),
        ("s3:ObjectCreated:*", "in/", ".bin", True),
        ("s3:ObjectCreated:*", "out/", "", False),
        ("s3:ObjectCreated:*", "", ".joblib", False),
    ],
)
def test_events_and_filters_select_the_function(
    pattern: str, prefix: str, suffix: str, matches: bool
) -> None:
    notification = Notification((pattern,), "arn", prefix, suffix)
    bucket = Bucket("b", "arn:b", versioned=True, notifications=(notification,))
    found = list(matching_notifications(bucket, ObjectEvent("ObjectCreated:Put", "in/x.bin")))
    assert found == ([notification] if matches else [])


def test_sequencers_rise_and_have_one_width() -> None:
    sequencer = Sequencer()
    values = [sequencer.next() for _ in range(100)]
    assert values == sorted(set(values))
    assert {len(v) for v in values} == {18}
