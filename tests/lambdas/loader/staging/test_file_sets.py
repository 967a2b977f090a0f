"""Versions of many files: whatever order they come in, from the bucket to what serves."""

import dataclasses
import hashlib
import itertools
import json
import random
import shutil
from pathlib import Path
from typing import Any

import pytest

from loader.staging.stager import Stager
from serving.errors import ModelUnavailable
from serving.records.verdicts import Candidate, Rejected
from tests.lambdas.deployment import BUCKET, Deployment, classifier, dumped
from tests.lambdas.loader.staging.file_sets import (
    FILES,
    FOLDER,
    KEYS,
    MODEL,
    accepting,
    entry,
    model_json,
    objects,
    published,
    put_all,
    upload_all,
)

WHOLE = {**FILES, "model.json": model_json()}
LISTING = f"{FOLDER}model.json"
OTHER = dumped(classifier(10))


@pytest.fixture
def quick(deployment: Deployment) -> Deployment:
    return accepting(deployment)


@pytest.mark.slow
@pytest.mark.parametrize("first", KEYS)
def test_whatever_order_it_activates_with_the_last_file(quick: Deployment, first: str) -> None:
    for order in itertools.permutations(KEYS):
        if order[0] == first:
            arrive_one_by_one(quick, order)
            for key in KEYS:
                quick.s3.delete_object(Bucket=BUCKET, Key=key)
            shutil.rmtree(quick.root)


def arrive_one_by_one(quick: Deployment, order: tuple[str, ...]) -> None:
    for number, key in enumerate(order, 1):
        arrived = {*order[:number]}
        quick.upload(key, objects()[key])
        if number == len(order):
            break
        shown = {v["state"]: v for v in _versions(quick)}
        if LISTING in arrived:
            missing = {path for path in FILES if f"{FOLDER}{path}" not in arrived}
            assert set(shown["waiting"]["missing"]) == missing
            assert all(repr(path) in shown["waiting"]["reason"] for path in missing)
        elif arrived != {f"{FOLDER}model.joblib"}:
            assert LISTING in shown["waiting"]["reason"]
    assert published(quick) == WHOLE
    shown_last = entry(quick)
    assert shown_last["state"] == "current"
    assert shown_last["source"]["key"] == LISTING
    assert shown_last["files"][0]["name"] == "model.joblib"


def _versions(deployment: Deployment) -> list[dict[str, Any]]:
    return list(json.loads(deployment.call("GET", "/models/gpt").body)["versions"])


@pytest.mark.parametrize("seed", range(6))
def test_events_late_twice_and_in_any_order_end_the_same(quick: Deployment, seed: int) -> None:
    events = [*put_all(quick, objects()).values()] * 2
    random.Random(seed).shuffle(events)
    verdicts = [quick.judge(event) for event in events]
    random.Random(seed + 1).shuffle(verdicts)
    outcomes = [quick.publisher.act(verdict) for verdict in verdicts if verdict is not None]
    assert [o["result"] for o in outcomes].count("activated") == 1
    assert {o["result"] for o in outcomes} <= {"activated", "duplicate"}
    assert published(quick) == WHOLE
    assert entry(quick)["state"] == "current"
    assert [quick.judge(event) for event in events] == [None] * len(events)


@pytest.mark.slow
def test_it_answers_from_its_files(deployment: Deployment) -> None:
    upload_all(deployment, objects(examples=[{"instances": [[1.0, 1.0]], "predictions": [1]}]))
    answer = deployment.call("POST", "/inference", b'{"model": "gpt", "instances": [[1, 1]]}')
    assert (answer.status, b"[1]" in answer.body) == (200, True)


def test_an_incomplete_model_answers_503_with_what_is_missing(quick: Deployment) -> None:
    quick.upload(LISTING, model_json())
    with pytest.raises(ModelUnavailable, match=r"isn't complete.*'code/words.txt'"):
        quick.repository.models.resolve("gpt")
    answer = quick.call("POST", "/inference", b'{"model": "gpt", "instances": [[1, 1]]}')
    assert answer.status == 503
    assert b"code/words.txt" in answer.body


def test_many_events_of_a_complete_version_copy_it_once(quick: Deployment) -> None:
    events = put_all(quick, objects())
    verdicts = [quick.stager.judge(event) for event in events.values()]
    assert [type(verdict) for verdict in verdicts if verdict is not None] == [Candidate]


def test_an_event_whose_function_was_killed_copies_again(quick: Deployment) -> None:
    events = put_all(quick, objects())
    killed, again = (quick.stager.judge(events[LISTING]) for _ in range(2))
    assert isinstance(killed, Candidate)
    assert isinstance(again, Candidate)
    prepared = [quick.preparer.judge(verdict, 60) for verdict in (killed, again)]
    results = [quick.publisher.act(verdict)["result"] for verdict in prepared]
    assert results == ["duplicate", "activated"]


def test_a_file_with_other_bytes_than_listed_is_named_with_both_digests(quick: Deployment) -> None:
    wrong = {**objects(), f"{FOLDER}code/words.txt": b"other"}
    outcome = upload_all(quick, wrong)[-1]
    assert outcome["result"] == "rejected"
    assert entry(quick, "rejected")["code"] == "DIGEST_MISMATCH"
    digests = (hashlib.sha256(data).hexdigest() for data in (b"other", FILES["code/words.txt"]))
    assert all(text in outcome["reason"] for text in ("'code/words.txt'", *digests))


def test_a_corrected_file_completes_what_was_refused(quick: Deployment) -> None:
    wrong = {**objects(), f"{FOLDER}code/words.txt": b"other"}
    del wrong[f"{FOLDER}model.joblib"]
    upload_all(quick, {**wrong, f"{FOLDER}model.joblib": MODEL})
    outcome = quick.upload(f"{FOLDER}code/words.txt", FILES["code/words.txt"])
    assert outcome is not None
    assert outcome["result"] == "activated"
    assert entry(quick)["state"] == "current"


def test_what_was_refused_is_told_once(quick: Deployment) -> None:
    wrong = {**objects(), f"{FOLDER}code/words.txt": b"other"}
    events = put_all(quick, wrong)
    outcomes = [quick.handle(event) for event in events.values()]
    assert [o["result"] for o in outcomes if o] == ["rejected"]


def test_an_overwritten_file_is_refused_and_the_version_stands(quick: Deployment) -> None:
    upload_all(quick, objects())
    before = quick.put(f"{FOLDER}code/words.txt", FILES["code/words.txt"])
    assert quick.handle(before) is None
    outcome = quick.upload(f"{FOLDER}code/words.txt", b"other")
    assert outcome is not None
    assert outcome["result"] == "rejected"
    assert entry(quick, "rejected")["code"] == "VERSION_EXISTS"
    assert published(quick) == WHOLE


def test_an_overwritten_model_json_is_refused_and_the_version_stands(quick: Deployment) -> None:
    upload_all(quick, objects())
    outcome = quick.upload(LISTING, model_json(main="model.joblib"))
    assert outcome is not None
    assert outcome["result"] == "rejected"
    assert entry(quick, "rejected")["code"] == "VERSION_EXISTS"
    assert published(quick) == WHOLE


def test_what_model_json_does_not_list_is_no_part(quick: Deployment) -> None:
    upload_all(quick, objects())
    assert quick.upload(f"{FOLDER}readme.md", b"read") is None
    assert quick.upload(f"{FOLDER}other.joblib", OTHER) is None
    assert published(quick) == WHOLE


def test_deleting_model_json_withdraws_the_version(quick: Deployment) -> None:
    events = put_all(quick, objects())
    quick.handle(events[LISTING])
    outcome = quick.handle(_later(quick.delete(LISTING)))
    assert outcome is not None
    assert outcome["result"] == "withdrawn"
    assert quick.repository.models.status("gpt").state == "withdrawn"
    assert [quick.handle(event) for event in events.values()] == [None] * len(events)
    assert quick.repository.models.status("gpt").state == "withdrawn"


def _later(event: Any) -> Any:
    """Let a deletion have come long after the writes: a test's events share one moment."""
    return dataclasses.replace(event, time="2100-01-01T00:00:00.000Z")


def test_deleting_another_file_changes_nothing(quick: Deployment) -> None:
    upload_all(quick, objects())
    for key in (f"{FOLDER}code/words.txt", f"{FOLDER}model.joblib"):
        quick.handle(quick.delete(key))
    assert published(quick) == WHOLE
    assert entry(quick)["state"] == "current"
    # A part can't come back by itself, so only the file that could gets a tombstone.
    assert len(quick.repository.models.status("gpt").withdrawn) == 1


def test_deleting_model_json_before_the_version_is_complete(quick: Deployment) -> None:
    quick.upload(LISTING, model_json())
    quick.handle(_later(quick.delete(LISTING)))
    assert entry(quick)["state"] == "withdrawn"


def test_a_deleted_part_no_longer_waits(quick: Deployment) -> None:
    event = quick.put(f"{FOLDER}code/words.txt", b"words")
    quick.handle(event)
    assert entry(quick)["state"] == "waiting"
    quick.handle(quick.delete(event.key.text))
    assert quick.handle(event) is None
    assert entry(quick)["state"] == "withdrawn"


def test_a_model_json_that_is_wrong_is_told_once_and_can_be_corrected(quick: Deployment) -> None:
    outcomes = upload_all(
        quick, {LISTING: b"{}", **{k: v for k, v in objects().items() if k != LISTING}}
    )
    assert [o["result"] for o in outcomes if o] == ["rejected"]
    assert "$.files is missing" in outcomes[0]["reason"]
    assert entry(quick)["code"] == "INVALID_MODEL_JSON"
    corrected = quick.upload(LISTING, model_json())
    assert corrected is not None
    assert corrected["result"] == "activated"


def test_a_model_json_too_large_is_refused(quick: Deployment) -> None:
    outcome = quick.upload(LISTING, b" " * 1_100_000)
    assert outcome is not None
    assert "larger than" in outcome["reason"]


def test_all_files_together_are_held_against_the_limit(quick: Deployment) -> None:
    quick.stager = Stager(quick.s3, quick.repository, len(MODEL) + 3)
    put_all(quick, objects())
    verdict = quick.stager.judge(quick.put(LISTING, model_json()))
    assert isinstance(verdict, Rejected)
    assert verdict.code == "TOO_LARGE"
    assert verdict.source.key == LISTING


def test_what_fits_on_no_file_system_is_refused(
    quick: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    space = dataclasses.make_dataclass("Space", ["f_bavail", "f_frsize"])(1, 512)
    monkeypatch.setattr("os.statvfs", lambda _: space)
    events = put_all(quick, objects())
    outcome = quick.handle(events[LISTING])
    assert outcome is not None
    assert outcome["result"] == "rejected"
    assert entry(quick, "rejected")["code"] == "NO_SPACE"
    assert quick.repository.models.status("gpt").pending == []


def test_an_empty_model_file_is_refused(quick: Deployment) -> None:
    outcome = upload_all(quick, objects({"a/model.joblib": b"", "words.txt": b"w"}))[-1]
    assert "'a/model.joblib' is empty" in outcome["reason"]


def test_a_part_written_anew_while_it_is_copied_is_refused_until_its_own_event(
    quick: Deployment, monkeypatch: pytest.MonkeyPatch
) -> None:
    from loader.transfer import object_copy  # noqa: PLC0415 (its `copy_within` is what is patched)

    copy, key = object_copy.copy_within, f"{FOLDER}code/words.txt"
    events = put_all(quick, {**objects(), key: b"wrong"})
    newer: list[Any] = []

    def overtaken(s3: Any, source: Any, *place: Any) -> Any:
        if source.key == key and not newer:
            newer.append(quick.put(key, FILES["code/words.txt"]))
        return copy(s3, source, *place)

    monkeypatch.setattr("loader.transfer.object_copy.copy_within", overtaken)
    outcome = quick.handle(events[LISTING])
    assert outcome is not None
    assert "overwritten" in outcome["reason"]
    outcome = quick.handle(newer[0])
    assert outcome is not None
    assert outcome["result"] == "activated"


def test_a_link_swapped_in_for_a_folder_meanwhile_is_not_followed(
    quick: Deployment, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from loader.transfer import object_copy  # noqa: PLC0415 (its `copy_within` is what is patched)

    copy, outside = object_copy.copy_within, tmp_path / "outside"
    outside.mkdir()
    events = put_all(quick, objects())

    def swapped(s3: Any, source: Any, *place: Any) -> Any:
        copied = copy(s3, source, *place)
        if source.key == f"{FOLDER}model.joblib":
            (candidate,) = (quick.root / "candidates").iterdir()
            (candidate / "files" / "code").symlink_to(outside)
        return copied

    monkeypatch.setattr("loader.transfer.object_copy.copy_within", swapped)
    with pytest.raises(OSError, match="code"):
        quick.stager.judge(events[LISTING])
    assert list(outside.iterdir()) == []


def test_keys_without_an_explicit_version_are_refused_at_once(quick: Deployment) -> None:
    verdict = quick.stager.judge(quick.put("gpt/model.json", model_json()))
    assert isinstance(verdict, Rejected)
    assert verdict.code == "UNSUPPORTED_FORMAT"


def test_a_bucket_without_versions_works_alike(quick: Deployment) -> None:
    quick.s3.create_bucket(Bucket="plain")
    for key, data in objects().items():
        quick.s3.put_object(Bucket="plain", Key=key, Body=data)
        event = dataclasses.replace(quick.event("ObjectCreated:Put", key, ""), bucket="plain")
        outcome = quick.handle(event)
    assert outcome is not None
    assert outcome["result"] == "activated"
    assert entry(quick)["source"]["version_id"] == entry(quick)["source"]["etag"]
