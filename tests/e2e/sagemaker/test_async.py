"""Asynchronous requests: queued, answered from S3, told over SNS."""

import json
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import boto3
import pytest
import requests

from local.endpoints import Endpoints
from tests.e2e.sagemaker.requesting import finished, hosted, submit, until

MEBIBYTE = 1024**2


@pytest.fixture(scope="module")
def messages(system: Endpoints) -> Callable[[], list[dict[str, Any]]]:
    """Subscribe a queue to both topics; return what reads it."""
    account: dict[str, Any] = {
        "endpoint_url": system.s3,
        "region_name": system.region,
        "aws_access_key_id": system.access_key,
        "aws_secret_access_key": system.secret_key,
    }
    sqs, sns = boto3.client("sqs", **account), boto3.client("sns", **account)
    url = sqs.create_queue(QueueName="subscriber")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]
    for topic in ("AsyncSuccessTopicArn", "AsyncErrorTopicArn"):
        sns.subscribe(TopicArn=system.outputs[topic], Protocol="sqs", Endpoint=arn["QueueArn"])
    kept: list[dict[str, Any]] = []

    def read() -> list[dict[str, Any]]:
        found = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
        for message in found:
            kept.append(json.loads(json.loads(message["Body"])["Message"]))
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return kept

    return read


Messages = Callable[[], list[dict[str, Any]]]


def test_a_request_waits_is_answered_and_is_told_of(system: Endpoints, messages: Messages) -> None:
    answer = finished(system, submit(system, "jobs", json=[4, 5]))

    assert answer.status_code == 200
    assert answer.json() == {"predictions": [9]}
    (told,) = until(messages)
    assert told["invocationStatus"] == "Completed"
    assert told["eventName"] == "InferenceResult"
    assert told["requestParameters"]["endpointName"] == hosted(system, "jobs")
    assert told["responseParameters"]["outputLocation"].startswith("s3://")
    messages().clear()


def test_an_input_of_50_mb_comes_by_s3(system: Endpoints) -> None:
    data = bytes(50 * MEBIBYTE)
    place = requests.post(f"{system.api}/async/jobs/uploads", timeout=30).json()
    early = requests.post(f"{system.api}/async/jobs?upload={place['upload']}", timeout=30)
    assert (early.status_code, early.json()["error"]["code"]) == (404, "UNKNOWN_UPLOAD")
    headers = {"Content-Type": "application/octet-stream"}
    assert requests.put(place["url"], data=data, headers=headers, timeout=60).ok

    request_id = submit(system, "jobs", params={"upload": place["upload"]})

    assert finished(system, request_id).json() == {"bytes": len(data)}


def test_a_failing_model_is_told_with_its_reason(system: Endpoints, messages: Messages) -> None:
    messages().clear()
    answer = finished(system, submit(system, "broken", json=[1]))

    assert answer.status_code == 502
    told = answer.json()["error"]
    assert told["code"] == "MODEL_FAILED"
    assert "a fault of the service or of the model" in told["message"]

    def failed() -> list[dict[str, Any]]:
        return [m for m in messages() if m["invocationStatus"] == "Failed"]

    (message,) = until(failed)
    assert "Received server error (500)" in message["failureReason"]
    assert message["requestParameters"]["endpointName"] == hosted(system, "broken")


def test_a_slow_one_is_pending_while_others_pass_it(system: Endpoints, folder: Path) -> None:
    slow = submit(system, "jobs", json={"wait": 7})
    quick = submit(system, "jobs", json=[2])
    assert finished(system, quick).json()["predictions"] == [2]
    pending = requests.get(f"{system.api}/async/{slow}", timeout=30)
    assert (pending.status_code, pending.json()["state"]) == (202, "pending")
    (folder / "gate").touch()
    assert finished(system, slow).json()["predictions"] == [7]


def test_a_hundred_in_flight_are_all_answered(system: Endpoints, folder: Path) -> None:
    (folder / "gate").unlink(missing_ok=True)
    with ThreadPoolExecutor(8) as pool:
        asked = [{"wait": number} for number in range(100)]
        ids = list(pool.map(lambda body: submit(system, "jobs", json=body), asked))
        urls = [f"{system.api}/async/{each}" for each in ids]
        pending = Counter(pool.map(lambda url: requests.get(url, timeout=30).status_code, urls))
        (folder / "gate").touch()
        answers = list(pool.map(lambda each: finished(system, each).json(), ids))

    assert len(set(ids)) == 100
    assert pending == {202: 100}
    assert [answer["predictions"] for answer in answers] == [[number] for number in range(100)]
