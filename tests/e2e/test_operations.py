"""What an operator does on a running system, with the command line, and what subscribers hear."""

import json
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from local.endpoints import Endpoints
from tests.e2e.client import Client
from tests.e2e.test_uploads import classifier, dumped, predictions


@pytest.fixture
def modelmount(root: Path, state: Path) -> Any:
    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(root / "bin" / "modelmount"), "--local", "--state", str(state), *arguments],
            capture_output=True,
            text=True,
            check=False,
        )

    return run


@pytest.fixture(scope="module")
def heard(endpoints: Endpoints) -> Iterator[Any]:
    """Subscribe a queue to the notices; return a function that reads what has arrived."""
    session = boto3.Session(
        aws_access_key_id=endpoints.access_key,
        aws_secret_access_key=endpoints.secret_key,
        region_name=endpoints.region,
    )
    sqs = session.client("sqs", endpoint_url=endpoints.s3)
    sns = session.client("sns", endpoint_url=endpoints.s3)
    queue = sqs.create_queue(QueueName="heard")["QueueUrl"]
    name = queue.rpartition("/")[2]
    arn = f"arn:aws:sqs:{endpoints.region}:123456789012:{name}"
    topic = endpoints.outputs["NoticesTopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    arrived: list[dict[str, Any]] = []

    def wait_for(**wanted: str) -> dict[str, Any]:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            for notice in arrived:
                if wanted.items() <= notice.items():
                    return notice
            answer = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10, WaitTimeSeconds=1)
            for message in answer.get("Messages", []):
                arrived.append(json.loads(json.loads(message["Body"])["Message"]))
                sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
        raise AssertionError(f"{wanted} was not heard; heard were {arrived}")

    yield wait_for
    sqs.delete_queue(QueueUrl=queue)


def test_rollback_pin_unpin_and_delete(client: Client, modelmount: Any, heard: Any) -> None:
    for number in (1, 2):
        key = f"steered/{number}/model.joblib"
        client.arrive("steered", client.put(key, dumped(classifier(10 * number))))
        heard(type="activated", model="steered", version=str(number))

    done = modelmount("rollback", "steered")
    assert (done.returncode, done.stdout) == (0, "steered: rolled back to version 1\n"), done
    assert predictions_become(client, [11, 10])
    heard(type="rolled_back", model="steered", version="1")

    done = modelmount("pin", "steered", "1")
    assert (done.returncode, done.stdout) == (0, "steered: pinned to version 1\n"), done
    client.version("steered", client.put("steered/3/model.joblib", dumped(classifier(30))))
    assert predictions(client, "steered") == [11, 10]
    heard(type="published", model="steered", version="3")

    done = modelmount("unpin", "steered")
    assert done.stdout == "steered: no longer pinned, version 3 serves\n", done
    assert predictions_become(client, [31, 30])

    done = modelmount("delete", "steered", "3")
    assert done.stdout == "steered: deleted 3\n", done
    heard(type="withdrawn", model="steered", version="3")

    shown = modelmount("show", "steered").stdout
    states = {line.split()[0]: line.split()[1] for line in shown.splitlines()}
    assert states["3"] == "withdrawn"


def predictions_become(client: Client, wanted: list[int]) -> bool:
    deadline = time.monotonic() + 30
    while predictions(client, "steered") != wanted and time.monotonic() < deadline:
        time.sleep(0.1)
    return bool(predictions(client, "steered") == wanted)


def test_a_rejection_is_heard_with_its_reason(client: Client, heard: Any) -> None:
    client.put("unheard-of.joblib", b"just text")
    assert "joblib.dump" in heard(type="rejected", model="unheard-of")["reason"]


def test_the_memory_that_models_need_and_what_calls_cost(client: Client, modelmount: Any) -> None:
    client.arrive("priced", client.put("priced/1/model.joblib", dumped(classifier())))
    done = modelmount("cost", "--milliseconds", "30", "--memory-mb", "3008")
    assert done.returncode == 0, done.stderr
    assert "memory_mb=1769 is enough:" in done.stdout
    (header,) = (line for line in done.stdout.splitlines() if "  memory_mb" in line)
    assert header.split() == ["memory_mb", "1769", "3008", "10240"]


def test_what_cannot_be_done_is_told(client: Client, modelmount: Any) -> None:
    client.arrive("lonely", client.put("lonely/1/model.joblib", dumped(classifier())))
    for arguments, text in [
        (("rollback", "lonely"), "no version before 1"),
        (("pin", "lonely", "9"), "ready are: 1"),
        (("rollback", "nobody"), "no model 'nobody'"),
        (("show", "nobody"), "no model 'nobody'"),
    ]:
        done = modelmount(*arguments)
        assert done.returncode == 1
        assert text in done.stderr


def test_what_publish_cannot_do_waits_in_the_queue_and_can_be_sent_again(
    client: Client, modelmount: Any, endpoints: Endpoints
) -> None:
    assert modelmount("redrive").stdout == "The queue is empty.\n"
    lambda_ = boto3.client(
        "lambda",
        endpoint_url=endpoints.invoke,
        region_name=endpoints.region,
        aws_access_key_id=endpoints.access_key,
        aws_secret_access_key=endpoints.secret_key,
    )
    function = endpoints.outputs["OperationsFunctionName"]
    lambda_.invoke(FunctionName=function, InvocationType="Event", Payload=b'{"not": "a record"}')
    deadline = time.monotonic() + 60
    line = ""
    while "sent again" not in line and time.monotonic() < deadline:
        line = modelmount("redrive").stdout
    assert "sent again to" in line
    assert "destination record" in line


def test_without_a_system_the_command_line_says_what_to_do(root: Path, tmp_path: Path) -> None:
    command = [str(root / "bin" / "modelmount"), "--local", "--state", str(tmp_path), "redrive"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "make local" in done.stderr


def test_reconcile_finds_what_the_file_system_lost(
    client: Client, modelmount: Any, state: Path
) -> None:
    client.arrive("drifted", client.put("drifted/1/model.joblib", dumped(classifier())))
    (models,) = state.glob("efs/*/export/lambda/models")
    shutil.rmtree(models / "drifted")
    told = modelmount("reconcile", "--dry-run").stdout
    assert "drifted/1/model.joblib" in told
    done = modelmount("reconcile")
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "0 left")
    client.arrive("drifted")
    assert modelmount("reconcile", "--dry-run").stdout == "Bucket and file system agree.\n"
