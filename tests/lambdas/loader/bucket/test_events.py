from collections.abc import Callable
from typing import Any

import pytest

from loader.bucket import events
from serving.errors import RecordError


def test_keys_arrive_encoded_and_are_decoded(load_event: Callable[[str], Any]) -> None:
    (event,) = events.parse(load_event("s3_put"))
    assert event.key.text == "modèle d+1.joblib"
    assert event.version_id == "096fKKXTRTtl3on89fVO.nfljtsv6qko"
    assert not event.is_removal
    assert event.source.last_modified == "2026-11-21T01:02:03Z"


def test_a_delete_marker_removes_the_key(load_event: Callable[[str], Any]) -> None:
    (event,) = events.parse(load_event("s3_delete_marker"))
    assert event.is_removal
    assert event.removed_version_id is None


def test_a_deleted_version_removes_that_version(load_event: Callable[[str], Any]) -> None:
    raw = load_event("s3_delete_marker")
    raw["Records"][0]["eventName"] = "ObjectRemoved:Delete"
    (event,) = events.parse(raw)
    assert event.removed_version_id == "marker-version-id"


def test_several_records_and_folder_markers(load_event: Callable[[str], Any]) -> None:
    raw, folder = load_event("s3_put"), load_event("s3_put")["Records"][0]
    folder["s3"]["object"]["key"] = "iris/"
    raw["Records"] = [*raw["Records"], folder, *raw["Records"]]
    assert [event.key.text for event in events.parse(raw)] == ["modèle d+1.joblib"] * 2


def test_the_test_event_of_s3_is_no_upload() -> None:
    assert list(events.parse({"Service": "Amazon S3", "Event": "s3:TestEvent"})) == []


@pytest.mark.parametrize("event", [{}, {"Records": None}, {"Records": [{}]}, {"Records": ["x"]}])
def test_what_is_no_s3_event_is_refused(event: dict[str, Any]) -> None:
    with pytest.raises(RecordError):
        list(events.parse(event))
