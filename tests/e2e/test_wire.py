"""HTTP as clients speak it: packed bodies, HEAD, preflights and paths, against both servers.

The API is asked through the gateway of the local system, and the container by its own server.
"""

import gzip
import json
import socket
import subprocess
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import h11
import numpy as np
import pytest
import requests
from tritonclient.http import InferenceServerClient, InferInput, InferRequestedOutput

from tests.e2e.client import Client
from tests.lambdas.container.folders import saved
from tests.lambdas.container.server import Server, serving, until
from tests.lambdas.deployment import classifier, dumped
from tests.lambdas.serving.api.headers.fetch import allows, preflight

MODEL = "wired"
PAGE = "https://app.example"
ROWS = [[0.0, 0.0], [1.0, 1.0]]
MANY = ROWS * 5000


@pytest.fixture(scope="module")
def api(client: Client) -> str:
    client.put(f"{MODEL}.joblib", dumped(classifier()))
    client.arrive(MODEL)
    return client.endpoints.api


@pytest.fixture(scope="module")
def container(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder: Path = tmp_path_factory.mktemp("wired")
    with serving(folder, saved(folder / "model")) as server:
        until(lambda: server.ping() == 200, server)
        yield url(server)


def url(server: Server) -> str:
    return f"http://127.0.0.1:{server.port}"


@pytest.fixture(params=["api", "container"])
def asked(request: pytest.FixtureRequest, api: str, container: str) -> str:
    """Return where rows of one model can be posted."""
    return f"{api}/endpoints/{MODEL}/invocations" if request.param == "api" else (
        f"{container}/invocations"
    )  # fmt: skip


def body(rows: Any = ROWS) -> bytes:
    return json.dumps({"inputs": rows}).encode()


PACK: dict[str, Callable[[bytes], bytes]] = {"gzip": gzip.compress, "deflate": zlib.compress}


@pytest.mark.parametrize("coding", PACK)
def test_a_packed_body_is_answered(asked: str, coding: str) -> None:
    headers = {"Content-Encoding": coding}
    answer = requests.post(asked, data=PACK[coding](body(MANY)), headers=headers, timeout=35)
    assert (answer.status_code, answer.json()["predictions"]) == (200, [0, 1] * 5000)
    assert answer.headers["Content-Encoding"] == "gzip"  # requests accepts it of its own accord
    assert "accept-encoding" in answer.headers["Vary"]


@pytest.mark.parametrize(
    ("coding", "sent", "status"),
    [
        ("br", lambda: b"x", 415),
        ("gzip", body, 415),
        ("gzip", lambda: gzip.compress(bytes(2**28)), 413),
        ("gzip", lambda: gzip.compress(body())[:-4], 415),
    ],
    ids=["another coding", "not packed", "much", "cut off"],
)
def test_what_cannot_be_unpacked_is_refused(
    asked: str, coding: str, sent: Callable[[], bytes], status: int
) -> None:
    headers = {"Content-Encoding": coding, "Origin": PAGE}
    answer = requests.post(asked, data=sent(), headers=headers, timeout=35)
    # API Gateway answers 415 to a body that isn't what its header says; the container says more.
    is_malformed = "/endpoints/" not in asked and (coding, status) == ("gzip", 415)
    assert answer.status_code == (400 if is_malformed else status)
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.json()["error"]["message"]


def test_curl_packs_nothing_and_unpacks_what_it_gets(asked: str, tmp_path: Path) -> None:
    file = tmp_path / "body.json"
    file.write_bytes(body(MANY))
    command = ["curl", "--silent", "--show-error", "--fail", asked, "--data", f"@{file}"]
    command += ["--header", "Content-Type: application/json"]
    plain, packed = (
        subprocess.run(
            [*command, *options, "--write-out", "\n%{size_download}"],
            capture_output=True,
            check=True,
        ).stdout.rpartition(b"\n")
        for options in ([], ["--compressed"])
    )
    assert json.loads(plain[0])["predictions"] == json.loads(packed[0])["predictions"]
    assert int(packed[2]) < int(plain[2]) / 5


@pytest.mark.parametrize("packed", ["gzip", "deflate"])
@pytest.mark.parametrize("binary", [True, False])
def test_triton_packs_requests_and_answers(api: str, packed: str, binary: bool) -> None:
    rows = np.array(MANY)
    tensor = InferInput("input", list(rows.shape), "FP64")
    tensor.set_data_from_numpy(rows, binary_data=binary)
    output = InferRequestedOutput("predict_proba", binary_data=binary)
    with InferenceServerClient(api.removeprefix("http://")) as triton:
        answer = triton.infer(
            MODEL,
            [tensor],
            outputs=[output],
            request_compression_algorithm=packed,
            response_compression_algorithm=packed,
        )
    assert answer.as_numpy("predict_proba").sum(axis=1) == pytest.approx(np.ones(10_000))


def exchange(where: str, method: str, headers: dict[str, str] | None = None) -> tuple[Any, bytes]:
    """Ask by an HTTP state machine that fails on any byte that the protocol doesn't allow."""
    parts = urlsplit(where)
    connection = h11.Connection(h11.CLIENT)
    sent = [("Host", parts.netloc), *(headers or {}).items()]
    request = h11.Request(method=method, target=parts.path, headers=sent)
    received, content = None, b""
    with socket.create_connection((parts.hostname, parts.port), timeout=35) as wire:
        for _ in range(2):  # a body after HEAD would be taken for the next answer
            wire.sendall(connection.send(request) or b"")
            wire.sendall(connection.send(h11.EndOfMessage()) or b"")
            received, content = None, b""
            while not isinstance(event := connection.next_event(), h11.EndOfMessage):
                match event:
                    case h11.NEED_DATA:
                        connection.receive_data(wire.recv(65536))
                    case h11.Response():
                        received = event
                    case h11.Data():
                        content += event.data
            connection.start_next_cycle()
    return received, content


@pytest.mark.parametrize(
    "path", ["/models", f"/models/{MODEL}", "/openapi.json", "/v1/models", "/v2", "/v2/"]
)
def test_head_is_the_head_of_get(api: str, path: str) -> None:
    assert_heads_are_equal(f"{api}{path}")


@pytest.mark.parametrize(
    "path", ["/ping", "/health", "/version", "/v2/health/ready", "/openapi.json"]
)
def test_head_of_the_container_is_that_of_get(container: str, path: str) -> None:
    assert_heads_are_equal(f"{container}{path}")


def assert_heads_are_equal(where: str) -> None:
    for headers in ({}, {"Accept-Encoding": "gzip"}):
        got, content = exchange(where, "GET", headers)
        head, nothing = exchange(where, "HEAD", headers)
        assert (got.status_code, head.status_code, nothing) == (200, 200, b"")
        told = dict(got.headers)
        assert int(told[b"content-length"]) == len(content)
        for name in (b"content-type", b"content-length", b"content-encoding", b"vary"):
            assert dict(head.headers).get(name) == told.get(name)


def test_a_page_may_ask_by_any_method_and_header(asked: str) -> None:
    for method in ("GET", "POST", "PUT", "DELETE", "PATCH", "HEAD"):
        sent = {"content-type": "application/json", "authorization": "x", "x-own": "1"}
        answer = requests.options(asked, headers=preflight(PAGE, method, sent), timeout=35)
        assert answer.status_code == 204
        assert allows(answer.headers, PAGE, method, sent)


@pytest.mark.parametrize(
    "path",
    [
        "/inference/",
        f"/v1/models/{MODEL}%3Apredict",
        f"/v1/models/{MODEL}:predict/",
        f"/v2/models/{MODEL}/infer/",
    ],
)
def test_a_path_is_the_same_however_it_is_written(api: str, path: str) -> None:
    answer = requests.post(f"{api}{path}", data=b"{", timeout=35)
    assert answer.status_code == 400
    assert "JSON" in str(answer.json()["error"])
