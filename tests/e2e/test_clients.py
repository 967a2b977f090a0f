"""Other servers' own clients, unmodified, against the running system."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import requests
from tritonclient.http import InferenceServerClient, InferInput, InferRequestedOutput
from tritonclient.utils import InferenceServerException

from tests.e2e.client import Client
from tests.e2e.test_uploads import QUESTION, classifier, dumped
from tests.lambdas.serving.api.headers.fetch import allows, preflight

ROWS = np.array(QUESTION)


@pytest.fixture(scope="module")
def model(client: Client) -> str:
    for version, shift in (("1", 0), ("2", 10)):
        version_id = client.put(f"über iris/{version}/model.joblib", dumped(classifier(shift)))
        client.arrive("über iris", version_id)
    return "über iris"


@pytest.fixture
def triton(client: Client) -> Iterator[InferenceServerClient]:
    with InferenceServerClient(client.endpoints.api.removeprefix("http://")) as found:
        yield found


def tensor(rows: np.ndarray, datatype: str, *, binary: bool) -> InferInput:
    found = InferInput("input", list(rows.shape), datatype)
    found.set_data_from_numpy(rows, binary_data=binary)
    return found


def test_triton_reads_what_there_is(triton: InferenceServerClient, model: str) -> None:
    assert triton.is_server_live()
    assert triton.is_server_ready()
    assert triton.is_model_ready(model)
    assert triton.is_model_ready(model, "1")
    assert not triton.is_model_ready(model, "9")
    assert not triton.is_model_ready("nobody")
    assert "binary_tensor_data" in triton.get_server_metadata()["extensions"]
    metadata = triton.get_model_metadata(model)
    assert (metadata["name"], metadata["versions"]) == (model, ["1", "2"])
    assert metadata["inputs"] == [{"name": "input", "datatype": "FP64", "shape": [-1, 2]}]
    index = triton.get_model_repository_index()
    assert {"name": model, "version": "2", "state": "READY", "reason": ""} in index


@pytest.mark.parametrize("binary_in", [True, False])
@pytest.mark.parametrize("binary_out", [True, False])
def test_triton_infers_in_json_and_in_binary(
    triton: InferenceServerClient, model: str, binary_in: bool, binary_out: bool
) -> None:
    names = ("predict", "predict_proba")
    outputs = [InferRequestedOutput(name, binary_data=binary_out) for name in names]
    asked = [tensor(ROWS.astype("<f4"), "FP32", binary=binary_in)]
    answer = triton.infer(model, asked, outputs=outputs, request_id="7")
    assert answer.as_numpy("predict").tolist() == [11, 10]
    shares = answer.as_numpy("predict_proba")
    assert shares.shape == (2, 2)
    assert shares.sum(axis=1) == pytest.approx([1, 1])
    assert answer.get_response()["id"] == "7"


def test_triton_asks_a_version_for_all_defaults(triton: InferenceServerClient, model: str) -> None:
    answer = triton.infer(model, [tensor(ROWS, "FP64", binary=True)], model_version="1")
    assert answer.as_numpy("predict").tolist() == [1, 0]
    assert answer.get_response()["model_version"] == "1"


def test_triton_loads_and_unloads(triton: InferenceServerClient, model: str) -> None:
    triton.load_model(model)
    triton.unload_model(model)
    assert triton.infer(model, [tensor(ROWS, "FP64", binary=True)]).as_numpy("predict")[0] == 11
    with pytest.raises(InferenceServerException, match="no model 'nobody'"):
        triton.load_model("nobody")


def test_triton_raises_its_own_exception_with_our_text(
    triton: InferenceServerClient, model: str
) -> None:
    asked = [tensor(ROWS, "FP64", binary=True)]
    with pytest.raises(InferenceServerException, match="There is no model 'nobody'") as raised:
        triton.infer("nobody", asked)
    assert raised.value.status() == "404"
    with pytest.raises(InferenceServerException, match="has no version '9'"):
        triton.get_model_metadata(model, "9")
    with pytest.raises(InferenceServerException, match=r"takes \[n, 2\]"):
        triton.infer(model, [tensor(ROWS[:, :1], "FP64", binary=True)])


def test_many_rows_come_back_in_binary(triton: InferenceServerClient, model: str) -> None:
    rows = np.random.default_rng(0).normal(size=(20_000, 2))
    output = InferRequestedOutput("predict_proba", binary_data=True)
    answer = triton.infer(model, [tensor(rows, "FP64", binary=True)], outputs=[output])
    assert answer.as_numpy("predict_proba").shape == (20_000, 2)


def test_a_browser_may_send_tensors(client: Client) -> None:
    page = "https://app.example.com"
    sent = {"Inference-Header-Content-Length": "0", "Authorization": "x", "X-Amz-Date": "x"}
    answer = requests.options(
        f"{client.endpoints.api}/v2/models/m/infer",
        headers=preflight(page, "POST", sent),
        timeout=35,
    )
    assert answer.status_code == 204
    assert allows(answer.headers, page, "POST", sent)


def test_nothing_of_a_payload_is_in_any_log_by_default(
    client: Client, state: Path, model: str
) -> None:
    tensors = [{"name": "x", "shape": [1, 2], "datatype": "FP64", "data": [0.6180339, 1]}]
    for path, body, status in (
        ("/inference", {"model": model, "instances": [[0.6180339, 1]]}, 200),
        ("/inference", {"model": model, "instances": [["0.6180339", 1]]}, 422),
        ("/inference", {"model": model, "0.6180339": 1}, 400),
        (f"/v2/models/{model}/infer", {"inputs": tensors}, 200),
        (f"/v1/models/{model}:predict", {"instances": [[0.6180339]]}, 422),
    ):
        answer = requests.post(f"{client.endpoints.api}{path}", json=body, timeout=35)
        assert answer.status_code == status

    logs = list((state / "logs").glob("*Inference*.log"))
    assert logs
    for log in logs:
        assert "0.6180339" not in log.read_text("utf-8")
