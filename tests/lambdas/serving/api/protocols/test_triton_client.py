"""Triton's own client, unmodified, against every kind of model."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl

import numpy as np
import pytest
from tritonclient.http import InferenceServerClient, InferInput, InferRequestedOutput
from tritonclient.utils import InferenceServerException

from serving.api.application import Application, Request

pytestmark = pytest.mark.slow
ROWS = np.array([[1.0, 1.0], [0.0, 0.0]])


@pytest.fixture
def triton(application: Application) -> Iterator[InferenceServerClient]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            path, _, query = self.path.partition("?")
            headers = dict(self.headers.items())
            asked = Request(self.command, path, headers, body, dict(parse_qsl(query)))
            told = application.respond(asked)
            self.send_response(told.status)
            for name, value in told.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(told.body)))
            self.end_headers()
            self.wfile.write(told.body)

        do_GET = do_POST = answer  # noqa: N815 (the server's own names)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with InferenceServerClient(f"127.0.0.1:{server.server_port}") as client:
        yield client
    server.shutdown()
    server.server_close()


def tensor(name: str, array: np.ndarray, datatype: str, *, binary: bool = True) -> InferInput:
    found = InferInput(name, list(array.shape), datatype)
    found.set_data_from_numpy(array, binary_data=binary)
    return found


@pytest.mark.parametrize("model", ["classifier", "named labels", "truth", "several", "frame"])
@pytest.mark.parametrize("binary", [True, False])
def test_what_the_metadata_tells_comes_back(
    triton: InferenceServerClient, model: str, binary: bool
) -> None:
    told = triton.get_model_metadata(model)
    inputs = [
        tensor(t["name"], ROWS[:, [i]] if len(told["inputs"]) > 1 else ROWS, t["datatype"])
        for i, t in enumerate(told["inputs"])
    ]
    outputs = [InferRequestedOutput(t["name"], binary_data=binary) for t in told["outputs"]]
    for asked in (None, outputs):
        answer = triton.infer(model, inputs, outputs=asked)
        for promised in told["outputs"]:
            given = answer.get_output(promised["name"])
            assert given["datatype"] == promised["datatype"]
            assert len(given["shape"]) == len(promised["shape"])
            shape = zip(given["shape"], promised["shape"], strict=True)
            assert all(want in (length, -1) for length, want in shape)
            assert len(answer.as_numpy(promised["name"])) == len(ROWS)


@pytest.mark.parametrize("binary", [True, False])
def test_columns_of_their_own_types(triton: InferenceServerClient, binary: bool) -> None:
    told = {t["name"]: t["datatype"] for t in triton.get_model_metadata("mixed")["inputs"]}
    assert told == {"age": "FP64", "town": "BYTES"}
    towns = np.array([["Åbo"], ["Oslo"]], dtype=object)
    inputs = [
        tensor("town", towns, "BYTES", binary=binary),
        tensor("age", np.array([20.0, 40.0]), "FP64", binary=binary),
    ]
    assert triton.infer("mixed", inputs).as_numpy("predict").tolist() == [0, 1]


@pytest.mark.parametrize("algorithm", ["gzip", "deflate", None])
def test_bodies_are_compressed_both_ways(
    triton: InferenceServerClient, algorithm: str | None
) -> None:
    rows = np.tile(ROWS, (2000, 1))
    answer = triton.infer(
        "classifier",
        [tensor("input", rows, "FP64")],
        request_compression_algorithm=algorithm,
        response_compression_algorithm=algorithm,
    )
    assert answer.as_numpy("predict").tolist() == [11, 10] * 2000
    assert answer.as_numpy("predict_proba").shape == (4000, 2)


def test_the_method_is_a_parameter_of_the_url(triton: InferenceServerClient) -> None:
    asked = [tensor("input", ROWS, "FP64")]
    answer = triton.infer("classifier", asked, query_params={"method": "predict_proba"})
    assert [output["name"] for output in answer.get_response()["outputs"]] == ["predict_proba"]


def test_integers_are_exact_or_refused(triton: InferenceServerClient) -> None:
    big = np.array([[1, 2**53 + 1]])
    for datatype, array in (("INT64", big), ("UINT64", big.astype(np.uint64))):
        for binary in (True, False):
            with pytest.raises(InferenceServerException, match=r"data\[0\]\[1\].*no double holds"):
                triton.infer("classifier", [tensor("input", array, datatype, binary=binary)])
