"""A model with a function of its own, whose requests are captured, on a system of its own."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import requests
from sklearn.linear_model import LogisticRegression
from tritonclient.http import InferenceServerClient, InferInput, InferRequestedOutput

from local.launcher import running_system
from tests.e2e.client import Client
from tests.e2e.conftest import connect, synthesize
from tests.e2e.test_uploads import FEATURES, dumped

ROWS = [[0.6180339, 0.7182818], [0.1, 0.2]]
OBJECTS = [{"age": age, "income": income} for age, income in ROWS]
TENSOR = {"name": "x", "shape": [2, 2], "datatype": "FP64", "data": [v for r in ROWS for v in r]}
SETTINGS = {
    "dedicated": '{"fraud": {"memory_mb": 2048, "provisioned_concurrency": 2}}',
    "capture_percent": "100",
    "capture_redact": "income",
}


def model() -> LogisticRegression:
    return LogisticRegression().fit(pd.DataFrame(FEATURES, columns=["age", "income"]), [0, 1, 0, 1])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("dedicated")


@pytest.fixture(scope="module")
def system(root: Path, folder: Path) -> Iterator[Client]:
    assembly = synthesize(root, folder / "cdk.out", **SETTINGS)
    with running_system(assembly, folder) as endpoints:
        client = connect(endpoints)
        for name in ("fraud", "iris"):
            client.arrive(name, client.put(f"{name}/1/model.joblib", dumped(model())))
        yield client


def captured(folder: Path, function: str) -> list[dict[str, Any]]:
    """Return what one function has captured up to now."""
    (log,) = folder.glob(f"demo-*/logs/*-{function}*.log")
    lines = log.read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines if line.startswith("{")]


# Without names of outputs all methods would answer, each with a line of the capture.
LABELS = {"inputs": [TENSOR], "outputs": [{"name": "predict"}]}


def post(system: Client, path: str, body: Any) -> requests.Response:
    return requests.post(f"{system.endpoints.api}{path}", json=body, timeout=35)


@pytest.mark.parametrize(
    ("path", "body", "function"),
    [
        ("/inference/fraud", {"model": "fraud", "instances": ROWS}, "Dedicatedfraud"),
        ("/v1/models/fraud:predict", {"instances": OBJECTS}, "Dedicatedfraud"),
        ("/v1/models/fraud/versions/1:predict", {"instances": ROWS}, "Dedicatedfraud"),
        ("/v2/models/fraud/infer", LABELS, "Dedicatedfraud"),
        ("/v2/models/fraud/versions/1/infer", LABELS, "Dedicatedfraud"),
        ("/inference", {"model": "fraud", "instances": ROWS}, "InferenceFunction"),
        ("/inference", {"model": "iris", "instances": ROWS}, "InferenceFunction"),
        ("/v1/models/iris:predict", {"instances": OBJECTS}, "InferenceFunction"),
        ("/v2/models/iris/infer", LABELS, "InferenceFunction"),
    ],
)
def test_the_path_says_which_function_answers(
    system: Client, folder: Path, path: str, body: Any, function: str
) -> None:
    answer = post(system, path, body)
    assert answer.status_code == 200, answer.text

    request_id = answer.headers["x-amzn-RequestId"]
    by_function = {
        name: [line for line in captured(folder, name) if line["request_id"] == request_id]
        for name in ("Dedicatedfraud", "InferenceFunction")
    }
    (line,) = by_function.pop(function)
    assert by_function.popitem()[1] == []
    assert line["predictions"] == [1, 0]
    assert "0.6180339" in json.dumps(line["instances"])
    assert "0.7182818" not in json.dumps(line["instances"])


def test_tritons_client_reaches_the_own_function_as_it_is(system: Client, folder: Path) -> None:
    before = len(captured(folder, "Dedicatedfraud"))
    asked = InferInput("x", [2, 2], "FP64")
    asked.set_data_from_numpy(np.array(ROWS))
    with InferenceServerClient(system.endpoints.api.removeprefix("http://")) as triton:
        assert triton.is_model_ready("fraud")
        assert triton.get_model_metadata("fraud")["versions"] == ["1"]
        wanted = [InferRequestedOutput("predict")]
        found = triton.infer("fraud", [asked], outputs=wanted)
        assert found.as_numpy("predict").tolist() == [1, 0]

    assert len(captured(folder, "Dedicatedfraud")) == before + 1


def test_the_own_function_answers_for_no_other_model(system: Client) -> None:
    answer = post(system, "/inference/fraud", {"model": "iris", "instances": ROWS})
    assert answer.status_code == 404
    assert "This is the function of 'fraud' alone" in answer.json()["error"]["message"]


def test_the_other_routes_are_as_they_were(system: Client) -> None:
    api = system.endpoints.api
    assert requests.get(f"{api}/v1/models", timeout=35).json() == {"models": ["fraud", "iris"]}
    assert requests.get(f"{api}/v2/models/iris", timeout=35).json()["name"] == "iris"
    assert requests.get(f"{api}/models/fraud", timeout=35).json()["model"] == "fraud"
    assert requests.get(f"{api}/v2/models", timeout=35).status_code == 404
    preflight = requests.options(f"{api}/v2/models/fraud/infer", timeout=35)
    assert preflight.status_code == 204


def test_provisioned_instances_start_with_the_system(system: Client, folder: Path) -> None:
    """Nothing was uploaded then, and each says that it couldn't load the model ahead of time."""
    (log,) = folder.glob("demo-*/logs/*-Dedicatedfraud*.log")
    assert log.read_text("utf-8").count("'fraud' isn't preloaded") == 2
