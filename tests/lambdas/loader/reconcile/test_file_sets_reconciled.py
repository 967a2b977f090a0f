"""Versions of many files, after events were lost or the rest never came."""

from datetime import UTC, datetime, timedelta

import pytest

from loader.reconcile.plan import Plan
from loader.reconcile.reconciler import Reconciler
from tests.lambdas.deployment import BUCKET, Deployment
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

LISTING = f"{FOLDER}model.json"


@pytest.fixture
def deployment(deployment: Deployment) -> Deployment:
    return accepting(deployment)


def reconciler(deployment: Deployment, **later: int) -> Reconciler:
    return Reconciler(
        deployment.s3,
        BUCKET,
        deployment.repository,
        deployment.stager,
        clock=lambda: datetime.now(UTC) + timedelta(**later),
    )


def heal(deployment: Deployment, **later: int) -> Plan:
    found = reconciler(deployment, **later)
    plan = found.plan(force=True)
    for verdict in found.run(plan, lambda: True).verdicts:
        deployment.publisher.act(deployment.preparer.judge(verdict, 60))
    return plan


def nothing(deployment: Deployment, **later: int) -> bool:
    return not any(reconciler(deployment, **later).plan(force=True).as_json().values())


def test_when_all_is_well_there_is_nothing_to_do(deployment: Deployment) -> None:
    upload_all(deployment, objects())
    deployment.upload(f"{FOLDER}readme.md", b"not listed")
    deployment.upload("tulip/1/words.txt", b"waits")
    deployment.upload("lily/1/model.json", model_json())
    deployment.upload("rose/1/model.json", b"{}")
    deployment.upload("rose/1/words.txt", b"its model.json is wrong")
    upload_all(deployment, {key.replace("gpt", "fern"): b"other" for key in KEYS[:3]})
    deployment.upload("fern/1/model.json", model_json())
    assert nothing(deployment)


def test_a_version_whose_events_were_all_lost_is_found(deployment: Deployment) -> None:
    put_all(deployment, objects())
    assert heal(deployment).as_json()["uploads"] == [LISTING]
    assert published(deployment).keys() == {*FILES, "model.json"}
    assert nothing(deployment)


@pytest.mark.parametrize("lost", KEYS)
def test_a_lost_event_of_any_file_is_found(deployment: Deployment, lost: str) -> None:
    for key, data in objects().items():
        event = deployment.put(key, data)
        if key != lost:
            deployment.handle(event)
    heal(deployment)
    assert entry(deployment)["state"] == "current"
    assert published(deployment).keys() == {*FILES, "model.json"}
    assert nothing(deployment)


def test_a_lost_event_of_a_corrected_file_is_found(deployment: Deployment) -> None:
    key = f"{FOLDER}code/words.txt"
    upload_all(deployment, {**objects(), key: b"wrong"})
    assert entry(deployment, "rejected")["code"] == "DIGEST_MISMATCH"
    assert nothing(deployment)
    deployment.put(key, FILES["code/words.txt"])
    heal(deployment)
    assert entry(deployment)["state"] == "current"
    assert nothing(deployment)


def test_what_waits_is_left_for_a_day_and_refused_after_that(deployment: Deployment) -> None:
    deployment.upload(LISTING, model_json())
    deployment.upload("tulip/1/words.txt", b"waits")
    assert nothing(deployment, hours=23)
    plan = heal(deployment, hours=25)
    assert plan.as_json()["incomplete"] == ["gpt/1", "tulip/1"]
    refused = entry(deployment)
    assert (refused["state"], refused["code"]) == ("rejected", "INCOMPLETE")
    assert "'code/words.txt'" in refused["reason"]
    (tulip,) = deployment.repository.models.status("tulip").rejected
    assert "waits for tulip/1/model.json" in tulip.reason
    assert nothing(deployment, hours=25)


def test_what_was_refused_as_incomplete_can_still_be_completed(deployment: Deployment) -> None:
    deployment.upload(f"{FOLDER}code/words.txt", FILES["code/words.txt"])
    heal(deployment, hours=25)
    assert entry(deployment)["code"] == "INCOMPLETE"
    deployment.upload(LISTING, model_json())
    assert entry(deployment)["state"] == "waiting"
    upload_all(deployment, {k: v for k, v in objects().items() if k not in (KEYS[1], LISTING)})
    assert entry(deployment)["state"] == "current"


def test_a_lost_deletion_of_model_json_is_found(deployment: Deployment) -> None:
    upload_all(deployment, objects())
    deployment.delete(LISTING)
    plan = heal(deployment, hours=1)
    assert [removed.key for removed in plan.removals] == [LISTING]
    assert deployment.repository.models.state("gpt") == "withdrawn"


def test_without_its_model_json_a_file_is_no_version(deployment: Deployment) -> None:
    upload_all(deployment, objects())
    deleted_at = f"{datetime.now(UTC) + timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}"
    deployment.s3.delete_object(Bucket=BUCKET, Key=LISTING)
    deployment.repository.withdraw("gpt", LISTING, None, "F", deleted_at)
    assert nothing(deployment)
    assert deployment.stager.judge(deployment.put(f"{FOLDER}model.joblib", MODEL)) is None
    assert deployment.repository.models.state("gpt") == "withdrawn"


def test_a_model_json_that_is_back_brings_the_version_back(deployment: Deployment) -> None:
    upload_all(deployment, objects())
    deletion = deployment.delete(LISTING)
    deployment.handle(deletion)
    assert deployment.repository.models.state("gpt") == "withdrawn"
    deployment.s3.delete_object(Bucket=BUCKET, Key=LISTING, VersionId=deletion.version_id)
    heal(deployment)
    assert deployment.repository.models.state("gpt") == "ready"
    assert nothing(deployment)


def test_a_lost_deletion_of_what_waits_is_found(deployment: Deployment) -> None:
    deployment.upload(f"{FOLDER}code/words.txt", b"words")
    deployment.delete(f"{FOLDER}code/words.txt")
    heal(deployment, hours=25)
    assert deployment.repository.models.status("gpt").waiting == []
    assert nothing(deployment, hours=25)


def test_what_an_operator_deleted_stays_away(deployment: Deployment) -> None:
    upload_all(deployment, objects())
    deployment.repository.operations.delete("gpt", "1")
    assert nothing(deployment)


def test_a_version_begun_and_given_up_is_begun_anew(deployment: Deployment) -> None:
    events = put_all(deployment, objects())
    deployment.stager.judge(events[KEYS[1]])
    assert nothing(deployment)
    assert heal(deployment, hours=2).as_json()["unfinished"] == [LISTING]
    assert entry(deployment)["state"] == "current"
    assert nothing(deployment, hours=2)
