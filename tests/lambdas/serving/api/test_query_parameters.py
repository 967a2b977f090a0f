"""Parameters in the URL, and in SageMaker's attributes, on every route and medium."""

import io
import json
from typing import Any

import numpy as np
import pytest

from serving.api import query_parameters
from serving.api.application import Application, Request, Response
from serving.api.contract import Parameters
from serving.api.protocols import sagemaker
from serving.errors import BadRequest
from serving.service.service import Service

TENSOR = {"name": "x", "shape": [1, 2], "datatype": "FP64", "data": [1, 1]}


def npy() -> bytes:
    file = io.BytesIO()
    np.save(file, np.array([[1.0, 1.0]]))
    return file.getvalue()


MEDIA = {
    "application/json": b'{"instances": [[1, 1]]}',
    "application/x-ndjson": b"[1, 1]\n",
    "application/jsonl; charset=utf-8": b"[1, 1]",
    "application/x-jsonlines": b"\xef\xbb\xbf[1, 1]\r\n",
    "application/csv": b"1,1\n",
    "TEXT/CSV; charset=utf-16": "1,1\n".encode("utf-16"),
    "application/x-npy": npy(),
}
PROBA = {"method": "predict_proba"}


@pytest.fixture
def container(application: Application, service: Service) -> Application:
    application.mount("invocations", sagemaker.Routes(service, service.ask, "classifier"))
    return application


def post(application: Application, path: str, body: bytes, kind: str, **query: str) -> Response:
    return application.respond(Request("POST", path, {"Content-Type": kind}, body, query))


def shares(response: Response) -> Any:
    assert response.status == 200, response.body
    [row] = json.loads(response.body)["predictions"]
    return row


@pytest.mark.parametrize("kind", MEDIA)
def test_the_method_reaches_every_medium(container: Application, kind: str) -> None:
    found = shares(post(container, "/invocations", MEDIA[kind], kind, **PROBA))
    assert len(found) == 2
    attributes = {"Content-Type": kind, query_parameters.ATTRIBUTES: "trace=7; method=transform"}
    refused = container.respond(Request("POST", "/invocations", attributes, MEDIA[kind]))
    assert refused.status == 422
    assert b"has no transform" in refused.body


@pytest.mark.parametrize("kind", list(MEDIA)[1:])
def test_the_apis_own_route_takes_every_medium(application: Application, kind: str) -> None:
    asked = {"model": "classifier", **PROBA}
    assert len(shares(post(application, "/inference", MEDIA[kind], kind, **asked))) == 2
    old = {"model": "classifier", "version": "1"}
    assert shares(post(application, "/inference", MEDIA[kind], kind, **old)) == 1
    nameless = post(application, "/inference", MEDIA[kind], kind)
    assert (nameless.status, b"?model=NAME" in nameless.body) == (400, True)


def test_it_reaches_the_other_protocols(application: Application) -> None:
    json_kind = "application/json"
    own = b'{"model": "classifier", "instances": [[1, 1]]}'
    assert len(shares(post(application, "/inference", own, json_kind, **PROBA))) == 2
    rows = b'{"instances": [[1, 1]]}'
    path = "/v1/models/classifier:predict"
    assert len(shares(post(application, path, rows, json_kind, **PROBA))) == 2
    tensors = json.dumps({"inputs": [TENSOR]}).encode()
    path = "/v2/models/classifier/infer"
    [output] = json.loads(post(application, path, tensors, json_kind, **PROBA).body)["outputs"]
    assert (output["name"], output["shape"]) == ("predict_proba", [1, 2])


@pytest.mark.parametrize(
    ("path", "body", "query", "told"),
    [
        ("/inference", {"parameters": {"method": "transform"}}, PROBA, "Send one of them"),
        ("/inference", {}, {"metod": "predict"}, "no parameter 'metod'"),
        ("/inference", {}, {"method": "guess"}, "method in the URL"),
        ("/inference", {}, {"model": "frame"}, "the URL model='frame'"),
        ("/inference", {}, {"version": "1"}, "the URL version='1'"),
        ("/v1/models/classifier:predict", {"parameters": {"method": "transform"}}, PROBA, "Send"),
        ("/v1/models/classifier:predict", {}, {"q": "1"}, "no parameter 'q'"),
        ("/v2/models/classifier/infer", {"outputs": [{"name": "predict"}]}, PROBA, "Send one"),
        ("/v2/models/classifier/infer", {"parameters": {"method": "x"}}, PROBA, "Send one"),
        ("/v2/models/classifier/infer", {}, {"method": "guess"}, "no output 'guess'"),
    ],
)
def test_what_contradicts_or_is_unknown_is_refused(
    application: Application, path: str, body: Any, query: dict[str, str], told: str
) -> None:
    rows: dict[str, Any] = {"inputs": [TENSOR]} if "v2" in path else {"instances": [[1, 1]]}
    named = {"model": "classifier"} if path == "/inference" else {}
    content = json.dumps({**named, **rows, **body}).encode()
    response = post(application, path, content, "application/json", **query)
    assert response.status == 400
    assert told in response.body.decode()


def test_attributes_of_others_are_passed_over() -> None:
    headers = {query_parameters.ATTRIBUTES: "accept_eula=true,c000b4f9,method = predict_proba&x"}
    asked = query_parameters.merged(Parameters(), Request("POST", "/", headers))
    assert asked.method == "predict_proba"
    with pytest.raises(BadRequest):
        query_parameters.merged(asked, Request("POST", "/", query={"method": "transform"}))
