import io
import json
import pickle

import numpy as np
import pytest

from serving.api.application import Application, Request, Response
from serving.api.protocols import sagemaker
from serving.service.service import Service


@pytest.fixture
def container(application: Application, service: Service) -> Application:
    group = sagemaker.Routes(service, service.ask, "classifier")
    application.mount("ping", group)
    application.mount("invocations", group)
    return application


def npy(array: np.ndarray, *, allow_pickle: bool = False) -> bytes:
    file = io.BytesIO()
    np.save(file, array, allow_pickle=allow_pickle)
    return file.getvalue()


def invoke(container: Application, body: bytes, kind: str = "", accept: str = "") -> Response:
    headers = {"Content-Type": kind, "ACCEPT": accept}
    sent = {name: value for name, value in headers.items() if value}
    return container.respond(Request("POST", "/invocations", sent, body))


BODIES = {
    "application/json": b'{"instances": [[1, 1], [0, 0]]}',
    "application/jsonlines": b"[1, 1]\n[0, 0]\n",
    "text/csv; charset=utf-8": b"1,1.0\r\n0e0,0\r\n",
    "application/x-npy": npy(np.array([[1.0, 1.0], [0.0, 0.0]])),
}
ANSWERS = {
    "application/json": b'{"model":"classifier","version":"2","predictions":[11,10]}',
    "application/jsonlines": b"11\n10\n",
    "text/csv": b"11\n10\n",
    "application/x-npy": npy(np.array([11, 10])),
}


def test_a_ping_is_answered_once_the_model_is_loaded(
    container: Application, service: Service
) -> None:
    assert container.respond(Request("GET", "/ping")).status == 200
    container.mount("ping", sagemaker.Routes(service, service.ask, "coming"))
    assert container.respond(Request("GET", "/ping")).status == 503


@pytest.mark.parametrize("kind", BODIES)
@pytest.mark.parametrize("accept", ANSWERS)
def test_every_type_goes_in_and_out(container: Application, kind: str, accept: str) -> None:
    response = invoke(container, BODIES[kind], kind, accept)
    assert (response.status, response.body) == (200, ANSWERS[accept])
    assert response.headers["content-type"] == accept
    assert response.is_text == (accept != "application/x-npy")


def test_json_is_what_is_meant_by_nothing(container: Application) -> None:
    assert json.loads(invoke(container, b"[[1, 1]]").body)["predictions"] == [11]


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("text/csv;q=0.2, application/json;q=0.9", "application/json"),
        ("text/html, text/csv;q=0.9, */*;q=0.1", "text/csv"),
        ("application/json;q=0, application/*", "application/jsonlines"),
    ],
)
def test_the_preferred_type_comes_out(container: Application, accept: str, kind: str) -> None:
    response = invoke(container, b"[[1, 1]]", accept=accept)
    assert (response.status, response.headers["content-type"]) == (200, kind)


def test_what_only_json_can_carry_is_refused_to_others(container: Application) -> None:
    body = b'{"instances": [[1, 1]], "parameters": {"probabilities": true}}'
    assert json.loads(invoke(container, body).body)["classes"] == [10, 11]
    refused = invoke(container, body, accept="text/csv")
    assert (refused.status, json.loads(refused.body)["error"]["field"]) == (406, "Accept")


@pytest.mark.parametrize("accept", ANSWERS)
def test_a_threshold_reaches_every_type(container: Application, accept: str) -> None:
    body = b'{"inputs": [[1, 1], [0, 0]], "params": {"threshold": 0}}'
    response = invoke(container, body, accept=accept)
    assert response.status == 200
    told = {"application/x-npy": npy(np.array([11, 11])), "text/csv": b"11\n11\n"}
    assert response.body == told.get(accept, response.body)
    assert b"11" in response.body or accept == "application/x-npy"


@pytest.mark.parametrize(
    ("kind", "accept", "body", "status"),
    [
        ("image/png", "", b"x", 415),
        ("application/json", "image/png", b"[[1, 1]]", 406),
        ("application/json", "", b"[]", 400),
        ("application/json", "", b"{", 400),
        ("application/jsonlines", "", b"[1, 1]\n[", 400),
        ("text/csv", "", b"\xff", 400),
        ("text/csv", "", b'"a', 400),
        ("text/csv", "", b"", 400),
        ("text/csv", "", b"1,nan", 422),
        ("text/csv", "", b"1,inf", 422),
        ("text/csv", "", b"1,1e999", 422),
        ("text/csv", "", b"1," + b"9" * 5000, 422),
        ("application/x-npy", "", b"x", 400),
        ("application/x-npy", "", b"", 400),
        ("application/x-npy", "", npy(np.zeros(3)), 400),
        ("application/x-npy", "", npy(np.zeros((1, 3))), 422),
        ("application/x-npy", "", npy(np.array([[1, 2]], object), allow_pickle=True), 400),
        ("application/x-npy", "", pickle.dumps([[1, 2]]), 400),
    ],
)
def test_each_mistake_has_its_status(
    container: Application, kind: str, accept: str, body: bytes, status: int
) -> None:
    response = invoke(container, body, kind, accept)
    assert (response.status, bool(json.loads(response.body)["error"]["message"])) == (status, True)
