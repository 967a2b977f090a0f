"""Endpoints on SageMaker, from the API to a container's server and back, on the local system."""

import io
import json
import math
import shlex
import sys
import tarfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import boto3
import pytest
import requests

from local.demo.system import running_system
from local.endpoints import Endpoints
from modelmount.__main__ import main
from tests.e2e.conftest import connect
from tests.stacks.deployment import synthesize

SERVER = Path(__file__).with_name("model_server.py")
CALLS = 2000
MEBIBYTE = 1024**2


def settings(folder: Path) -> dict[str, object]:
    def variant(name: str, **fields: object) -> dict[str, object]:
        return {"model_data": f"s3://models/{name}.tar.gz", **fields}

    def counted(name: str) -> dict[str, str]:
        return {"COUNT_FILE": str(folder / name)}

    return {
        "endpoints": {
            "ab": {
                "variants": {
                    "resnet": variant("resnet", weight=0.7),
                    "vggnet": {"model_data": "s3://models/vggnet/1/", "weight": 0.3},
                }
            },
            "trial": {
                "variants": {"old": variant("old", environment=counted("old"))},
                "shadow": {
                    "name": "new",
                    **variant("failing", environment=counted("new")),
                },
            },
            "text": {
                "variants": {
                    "gpt": variant("resnet", environment={"GATE_FILE": str(folder / "gate")})
                },
                "async": {"max_concurrent": 4},
            },
            "broken": {"variants": {"bad": variant("failing")}, "async": {}},
            "absent": {"variants": {"none": variant("nothing"), "failing": variant("failing")}},
        }
    }


def archive(**model: object) -> bytes:
    content = json.dumps(model).encode()
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w:gz") as file:
        member = tarfile.TarInfo("model.json")
        member.size = len(content)
        file.addfile(member, io.BytesIO(content))
    return target.getvalue()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sagemaker")


@pytest.fixture(scope="module")
def system(folder: Path) -> Iterator[Endpoints]:
    synthesize(folder / "cdk.out", {"sagemaker": settings(folder)})
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SAGEMAKER_SERVER", shlex.join([sys.executable, str(SERVER), "serve"]))
        with running_system(folder / "cdk.out", folder) as found:
            s3 = connect(found).s3
            for name, model in (
                ("resnet", archive(name="resnet")),
                ("old", archive(name="old")),
                ("failing", archive(name="failing", fail=500)),
            ):
                s3.put_object(Bucket="models", Key=f"{name}.tar.gz", Body=model)
            vggnet = json.dumps({"name": "vggnet"}).encode()
            s3.put_object(Bucket="models", Key="vggnet/1/model.json", Body=vggnet)
            yield found


@pytest.fixture(scope="module")
def state(system: Endpoints, folder: Path) -> Path:
    (found,) = folder.glob("demo-*")
    return found


@pytest.fixture(scope="module")
def http() -> Iterator[requests.Session]:
    with requests.Session() as session:
        yield session


def until(look: Callable[[], Any], seconds: float = 60) -> Any:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := look():
            return found
        time.sleep(0.05)
    raise AssertionError(f"nothing after {seconds} s")


def finished(system: Endpoints, request_id: str) -> requests.Response:
    def look() -> list[requests.Response]:
        answer = requests.get(f"{system.api}/async/{request_id}", timeout=30, allow_redirects=False)
        # In a list, since an answer above 400 is false.
        return [] if answer.status_code == 202 else [answer]

    (found,) = until(look)
    assert isinstance(found, requests.Response)
    return found


def submit(system: Endpoints, endpoint: str, **arguments: Any) -> str:
    answer = requests.post(f"{system.api}/async/{endpoint}", timeout=30, **arguments)
    assert answer.status_code == 202, answer.text
    place = urljoin(answer.url, answer.headers["Location"])
    assert place == f"{system.api}/async/{answer.json()['id']}"
    return str(answer.json()["id"])


def test_variants_with_different_models_answer_by_path(system: Endpoints) -> None:
    for variant in ("resnet", "vggnet"):
        answer = requests.post(f"{system.api}/api/v1/{variant}", json=[1, 2], timeout=60)
        assert answer.json() == {"invoked_variant": variant, "model": variant, "predictions": [3]}
        assert answer.headers["X-Invoked-Variant"] == variant


def test_calls_without_a_path_are_split_by_weight(
    system: Endpoints, http: requests.Session
) -> None:
    def call(_: int) -> str:
        return str(http.post(f"{system.api}/api/v1", json=[1], timeout=60).json()["model"])

    with ThreadPoolExecutor(4) as pool:
        found = Counter(pool.map(call, range(CALLS)))

    assert found.keys() == {"resnet", "vggnet"}
    # Five standard deviations: once in two million runs by chance.
    assert abs(found["resnet"] - 0.7 * CALLS) < 5 * math.sqrt(CALLS * 0.7 * 0.3)


def test_weights_are_shown_and_shifted(
    system: Endpoints, state: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    local = ["--local", "--state", str(state), "ab", "--endpoint", "ab"]
    assert main(local) == 0
    shown = capsys.readouterr().out
    assert "resnet" in shown
    assert "70.0 %" in shown
    assert main([*local, "resnet=0", "vggnet=2"]) == 0
    assert "100.0 %" in capsys.readouterr().out
    try:
        found = {
            requests.post(f"{system.api}/api/v1", json=[1], timeout=60).json()["model"]
            for _ in range(20)
        }
        assert found == {"vggnet"}
        # Who asks by name doesn't mind.
        answer = requests.post(f"{system.api}/api/v1/resnet", json=[1], timeout=60)
        assert answer.json()["model"] == "resnet"
    finally:
        assert main([*local, "resnet=0.7", "vggnet=0.3"]) == 0


def test_a_shadow_gets_copies_and_never_answers(system: Endpoints, folder: Path) -> None:
    for number in range(20):
        answer = requests.post(f"{system.api}/api/v1/old", json=[number], timeout=60)
        assert answer.json()["invoked_variant"] == "old"
    # Its own failures reach nobody: the model behind it fails at everything.
    until(lambda: len(_lines(folder / "new")) == 20)
    assert sorted(_lines(folder / "new")) == sorted(_lines(folder / "old"))
    assert requests.post(f"{system.api}/api/v1/new", json=[1], timeout=60).status_code == 404


def _lines(path: Path) -> list[str]:
    return path.read_text().splitlines() if path.exists() else []


def test_what_can_not_be_answered_is_told(system: Endpoints) -> None:
    unknown = requests.post(f"{system.api}/api/v1/alexnet", json=[1], timeout=60)
    assert unknown.status_code == 404
    assert "resnet, vggnet" in unknown.json()["error"]["message"]
    absent = requests.post(f"{system.api}/api/v1/none", json=[1], timeout=60)
    assert absent.status_code == 503
    assert "s3://models/nothing.tar.gz" in absent.json()["error"]["message"]
    failing = requests.post(f"{system.api}/api/v1/failing", json=[1], timeout=60)
    assert (failing.status_code, failing.json()["error"]["code"]) == (502, "MODEL_FAILED")
    assert "the model says no" in failing.json()["error"]["message"]


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
    answer = finished(system, submit(system, "text", json=[4, 5]))

    assert answer.status_code == 200
    assert answer.json() == {"model": "resnet", "predictions": [9]}
    (told,) = until(messages)
    assert told["invocationStatus"] == "Completed"
    assert told["eventName"] == "InferenceResult"
    assert told["requestParameters"]["endpointName"] == "modelmount-dev-text"
    assert told["responseParameters"]["outputLocation"].startswith("s3://")
    messages().clear()


def test_an_input_of_50_mb_comes_by_s3(system: Endpoints) -> None:
    data = bytes(50 * MEBIBYTE)
    place = requests.post(f"{system.api}/async/text/uploads", timeout=30).json()
    early = requests.post(f"{system.api}/async/text?upload={place['upload']}", timeout=30)
    assert (early.status_code, early.json()["error"]["code"]) == (404, "UNKNOWN_UPLOAD")
    headers = {"Content-Type": "application/octet-stream"}
    assert requests.put(place["url"], data=data, headers=headers, timeout=60).ok

    request_id = submit(system, "text", params={"upload": place["upload"]})

    assert finished(system, request_id).json() == {"bytes": len(data)}


def test_a_failing_model_is_told_with_its_reason(system: Endpoints, messages: Messages) -> None:
    messages().clear()
    answer = finished(system, submit(system, "broken", json=[1]))

    assert answer.status_code == 502
    assert "the model says no" in answer.json()["error"]["message"]

    def failed() -> list[dict[str, Any]]:
        return [m for m in messages() if m["invocationStatus"] == "Failed"]

    (told,) = until(failed)
    assert "Received server error (500)" in told["failureReason"]
    assert told["requestParameters"]["endpointName"] == "modelmount-dev-broken"


def test_a_slow_one_is_pending_while_others_pass_it(system: Endpoints, folder: Path) -> None:
    slow = submit(system, "text", json={"wait": 7})
    quick = submit(system, "text", json=[2])
    assert finished(system, quick).json()["predictions"] == [2]
    pending = requests.get(f"{system.api}/async/{slow}", timeout=30)
    assert (pending.status_code, pending.json()["state"]) == (202, "pending")
    (folder / "gate").touch()
    assert finished(system, slow).json()["predictions"] == [7]


def test_a_hundred_in_flight_are_all_answered(system: Endpoints, folder: Path) -> None:
    (folder / "gate").unlink(missing_ok=True)
    with ThreadPoolExecutor(8) as pool:
        asked = [{"wait": number} for number in range(100)]
        ids = list(pool.map(lambda body: submit(system, "text", json=body), asked))
        urls = [f"{system.api}/async/{each}" for each in ids]
        pending = Counter(pool.map(lambda url: requests.get(url, timeout=30).status_code, urls))
        (folder / "gate").touch()
        answers = list(pool.map(lambda each: finished(system, each).json(), ids))

    assert len(set(ids)) == 100
    assert pending == {202: 100}
    assert [answer["predictions"] for answer in answers] == [[number] for number in range(100)]
