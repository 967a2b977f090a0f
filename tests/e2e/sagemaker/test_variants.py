"""Variants behind the API: by path, by weight, in the shadow, and when they can't answer."""

import json
import math
import re
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import boto3
import pytest
import requests

from local.endpoints import Endpoints
from modelmount.__main__ import main
from tests.e2e.sagemaker.requesting import ask, hosted, until

CALLS = 2000
ROW = [1.0, 1.0]
# What the two models say of it.
LABELS = {"resnet": 1, "vggnet": 11}


@pytest.fixture(scope="module", autouse=True)
def started(system: Endpoints) -> None:
    """Start the variants side by side: each loads and compiles its model."""
    with ThreadPoolExecutor(2) as pool:
        for answer in pool.map(lambda name: ask(system, name, json=[ROW]), LABELS):
            assert answer.status_code == 200, answer.text


def call(system: Endpoints, http: requests.Session, path: str = "") -> str:
    """Ask, hold the answer against who is said to have given it, and return that."""
    answer = http.post(f"{system.api}/api/v1{path}", json=[ROW], timeout=60)
    told = answer.json()
    invoked = str(told["invoked_variant"])
    assert told["predictions"] == [LABELS[invoked]]
    assert answer.headers["X-Invoked-Variant"] == invoked
    return invoked


def test_variants_with_different_models_answer_by_path(
    system: Endpoints, http: requests.Session
) -> None:
    assert [call(system, http, f"/{name}") for name in LABELS] == list(LABELS)


def test_calls_without_a_path_are_split_by_weight(
    system: Endpoints, http: requests.Session
) -> None:
    with ThreadPoolExecutor(4) as pool:
        found = Counter(pool.map(lambda _: call(system, http), range(CALLS)))

    assert found.keys() == LABELS.keys()
    # Five standard deviations: once in two million runs by chance.
    assert abs(found["resnet"] - 0.7 * CALLS) < 5 * math.sqrt(CALLS * 0.7 * 0.3)


def test_the_models_are_compiled_as_the_apis_are(state: Path) -> None:
    (described,) = state.glob("tmp/sagemaker-*-resnet/scratch/*/description.json")
    compilation = json.loads(described.read_text())["compilation"]
    assert compilation["file"] is not None, compilation["reason"]


def test_weights_are_shown_and_shifted(
    system: Endpoints, state: Path, http: requests.Session, capsys: pytest.CaptureFixture[str]
) -> None:
    local = ["--local", "--state", str(state), "ab", "--endpoint", "ab"]
    assert main(local) == 0
    shown = capsys.readouterr().out
    assert "resnet" in shown
    assert "70.0 %" in shown
    assert main([*local, "resnet=0", "vggnet=2"]) == 0
    assert "100.0 %" in capsys.readouterr().out
    try:
        assert {call(system, http) for _ in range(20)} == {"vggnet"}
        # Who asks by name doesn't mind.
        assert call(system, http, "/resnet") == "resnet"
    finally:
        assert main([*local, "resnet=0.7", "vggnet=0.3"]) == 0


def test_the_runtime_is_asked_as_on_aws(system: Endpoints) -> None:
    runtime = boto3.client(
        "sagemaker-runtime",
        endpoint_url=system.sagemaker,
        region_name=system.region,
        aws_access_key_id=system.access_key,
        aws_secret_access_key=system.secret_key,
    )
    answer = runtime.invoke_endpoint(
        EndpointName=hosted(system, "ab"),
        TargetVariant="vggnet",
        ContentType="text/csv",
        Accept="text/csv",
        Body=b"1,1\n0,0\n",
    )
    assert answer["InvokedProductionVariant"] == "vggnet"
    assert (answer["ContentType"], answer["Body"].read()) == ("text/csv", b"11\n10\n")


def test_a_shadow_gets_copies_and_never_answers(system: Endpoints, folder: Path) -> None:
    asked = {f"[{number}]": number for number in range(100, 120)}
    for body, number in asked.items():
        answer = ask(system, "old", data=body, headers={"Content-Type": "application/json"})
        assert answer.json() == {"invoked_variant": "old", "predictions": [number]}

    def counted(name: str) -> list[str]:
        path = folder / name
        lines = path.read_text().splitlines() if path.exists() else []
        return sorted(line for line in lines if line in asked)

    # Its own failures reach nobody: the model behind it fails at everything.
    until(lambda: len(counted("new")) == len(asked))
    assert counted("new") == counted("old") == list(asked)
    assert ask(system, "new", json=[1]).status_code == 404


def test_what_can_not_be_answered_is_told(system: Endpoints, state: Path) -> None:
    unknown = ask(system, "alexnet", json=[1])
    assert unknown.status_code == 404
    assert "resnet, vggnet" in unknown.json()["error"]["message"]
    absent = ask(system, "none", json=[1])
    assert absent.status_code == 503
    assert "s3://models/nothing.tar.gz" in absent.json()["error"]["message"]
    unusable = ask(system, "unusable", json=[1])
    assert unusable.status_code == 503
    assert "One model file is expected" in unusable.json()["error"]["message"]
    failing = ask(system, "failing", json=[1])
    assert (failing.status_code, failing.json()["error"]["code"]) == (502, "MODEL_FAILED")
    # What the model's own code raised stays in the log of its container, under an id.
    (identity,) = re.findall("[0-9a-f]{32}", failing.json()["error"]["message"])
    log = (state / "logs" / f"sagemaker-{hosted(system, 'absent')}-failing.log").read_text()
    assert "the model says no" in log[log.index(identity) :]
    refused = ask(system, "resnet", json=[[1, 2, 3]])
    assert (refused.status_code, refused.json()["error"]["code"]) == (422, "MODEL_REFUSED")
