import gzip
import json
import zlib
from collections.abc import Callable
from typing import Any

import pytest

from serving import errors
from serving.api.application import STATUSES, Application, Request
from serving.service.service import Service
from tests.lambdas.deployment import Deployment, classifier, dumped


def leaves(cls: type[errors.ModelmountError]) -> list[type[errors.ModelmountError]]:
    """The kinds that `serving.errors` declares; other packages answer their own themselves."""
    declared = [sub for sub in cls.__subclasses__() if sub.__module__ == errors.__name__]
    return [leaf for sub in declared for leaf in leaves(sub)] or [cls]


def test_every_error_a_request_can_meet_has_a_status() -> None:
    unavailable = {errors.ModelUnavailable, *leaves(errors.ModelUnavailable)}
    assert set(STATUSES) == {*leaves(errors.RequestError), *unavailable}


def post(deployment: Deployment, body: object) -> tuple[int, Any]:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    response = deployment.call("POST", "/inference", data)
    return response.status, json.loads(response.body)


def test_an_upload_answers(deployment: Deployment) -> None:
    deployment.upload("iris/1/m.joblib", dumped(classifier()))
    status, answer = post(deployment, {"model": "iris", "instances": [[1, 1], [0, 0]]})
    assert (status, answer) == (200, {"model": "iris", "version": "1", "predictions": [1, 0]})


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"{", 400, "BAD_REQUEST"),
        (b'{"model": "iris", "instances": [[NaN, 1]]}', 400, "BAD_REQUEST"),
        ({"model": "iris", "instances": []}, 400, "BAD_REQUEST"),
        ({"model": "tulip", "instances": [[1, 1]]}, 404, "MODEL_NOT_FOUND"),
        ({"model": "iris", "version": "2", "instances": [[1, 1]]}, 404, "VERSION_NOT_FOUND"),
        ({"model": "iris", "instances": [[1]]}, 422, "SIGNATURE_MISMATCH"),
        ({"model": "iris", "instances": [["a", 1]]}, 422, "SIGNATURE_MISMATCH"),
        ({"model": "iris", "instances": [[None, 1]]}, 422, "SIGNATURE_MISMATCH"),
    ],
)
def test_each_mistake_has_its_status(
    deployment: Deployment, body: object, status: int, code: str
) -> None:
    deployment.upload("iris/1/m.joblib", dumped(classifier()))
    got, answer = post(deployment, body)
    assert (got, answer["error"]["code"]) == (status, code)
    assert len(answer["error"]["message"]) > 15


def test_a_refused_upload_is_seen_and_what_served_still_serves(deployment: Deployment) -> None:
    deployment.upload("iris/1/m.joblib", dumped(classifier()))
    deployment.upload("iris/2/m.joblib", b"not a model at all")
    status = json.loads(deployment.call("GET", "/models/iris").body)
    states = {version["version"]: version["state"] for version in status["versions"]}
    assert states == {"1": "current", "2": "rejected"}
    assert "no joblib file" in next(v["reason"] for v in status["versions"] if v["version"] == "2")
    assert post(deployment, {"model": "iris", "instances": [[1, 1]]})[0] == 200


def test_the_list_of_models(deployment: Deployment) -> None:
    deployment.upload("modèle d+1/1/m.joblib", dumped(classifier()))
    deployment.upload("broken.joblib", b"text")
    deployment.upload("a/.b/d.joblib", b"text")
    listing = json.loads(deployment.call("GET", "/models").body)
    assert [(m["model"], m["state"], m["current"]) for m in listing["models"]] == [
        ("broken", "rejected", None),
        ("modèle d+1", "ready", "1"),
    ]
    assert [refusal["key"] for refusal in listing["refused"]] == ["a/.b/d.joblib"]


def test_names_in_a_path_are_percent_decoded(deployment: Deployment) -> None:
    deployment.upload("modèle d+1/1/m.joblib", dumped(classifier()))
    response = deployment.call("GET", "/models/mod%C3%A8le%20d%2B1")
    assert response.status == 200
    assert json.loads(response.body)["model"] == "modèle d+1"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 404),
        ("GET", "//models", 404),
        ("GET", "/models/a/b", 404),
        ("GET", "/models/..%2F..", 404),
        ("GET", "/models/%00", 404),
        ("GET", "/inference", 405),
        ("POST", "/models", 405),
    ],
)
def test_other_routes(deployment: Deployment, method: str, path: str, status: int) -> None:
    response = deployment.call(method, path)
    assert response.status == status
    assert json.loads(response.body)["error"]["message"]
    assert ("allow" in response.headers) == (status == 405)


@pytest.mark.parametrize(
    "path",
    ["/models", "/models/", "/openapi.json", "/v1/models", "/v2", "/v2/", "/v2/health/live"],
)
def test_head_is_answered_as_get(deployment: Deployment, path: str) -> None:
    got, head = (deployment.call(method, path) for method in ("GET", "HEAD"))
    assert got.status == 200
    assert head == got  # the server in front leaves out the body


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("HEAD", "/inference", "POST, OPTIONS"),
        ("PUT", "/models", "GET, HEAD, OPTIONS"),
        ("POST", "/v1/models/iris", "GET, HEAD, OPTIONS"),
    ],
)
def test_another_method_is_told_those_there_are(
    deployment: Deployment, method: str, path: str, allow: str
) -> None:
    response = deployment.call(method, path)
    assert (response.status, response.headers["allow"]) == (405, allow)


@pytest.mark.parametrize(
    "path", ["/inference/", "/inferenc%65", "/%69nference", "/inference%2", "/inference%2F"]
)
def test_a_path_is_the_same_however_it_is_encoded(deployment: Deployment, path: str) -> None:
    response = deployment.call("POST", path, b"{}")
    assert response.status == (404 if "%2" in path else 400)


def test_a_name_with_an_encoded_slash_or_percent_stays_one(deployment: Deployment) -> None:
    for path, name in (("iris%2F1", "iris/1"), ("a%2541", "a%41"), ("a%3Ab", "a:b")):
        message = json.loads(deployment.call("GET", f"/models/{path}").body)["error"]["message"]
        assert f"'{name}'" in message


PACKED: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "GZip": gzip.compress,
}


@pytest.mark.parametrize("coding", PACKED)
def test_a_packed_body_is_unpacked(deployment: Deployment, coding: str) -> None:
    deployment.upload("iris/1/m.joblib", dumped(classifier()))
    body = PACKED[coding](b'\xef\xbb\xbf{"model": "iris", "instances": [[1, 1]]}')
    request = Request("POST", "/inference", {"Content-Encoding": coding}, body)
    response = deployment.application.respond(request)
    assert json.loads(response.body)["predictions"] == [1]


@pytest.mark.parametrize(
    ("coding", "body", "status", "code"),
    [
        ("br", b"x", 415, "UNSUPPORTED_CODING"),
        ("gzip", b"{}", 400, "BAD_REQUEST"),
        ("gzip", gzip.compress(bytes(2**27)), 413, "REQUEST_TOO_LARGE"),
    ],
)
def test_what_cannot_be_unpacked_is_refused(
    deployment: Deployment, coding: str, body: bytes, status: int, code: str
) -> None:
    for path in ("/inference", "/v1/models/m:predict", "/v2/models/m/infer"):
        request = Request("POST", path, {"Content-Encoding": coding}, body)
        response = deployment.application.respond(request)
        error = json.loads(response.body)["error"]
        assert response.status == status
        assert (response.headers.get("accept-encoding") == "gzip, deflate") == (status == 415)
        assert path != "/inference" or (error["code"], error["field"]) == (code, "Content-Encoding")


def test_only_large_answers_are_packed(deployment: Deployment) -> None:
    deployment.upload("iris/1/m.joblib", dumped(classifier()))
    plain: dict[int, bytes] = {}
    for rows in (10, 3000):
        for accepted in (None, "gzip, deflate"):
            body = json.dumps({"model": "iris", "instances": [[1, 1]] * rows}).encode()
            headers = {"accept-encoding": accepted} if accepted else {}
            response = deployment.application.respond(Request("POST", "/inference", headers, body))
            is_packed = bool(accepted) and rows == 3000
            assert response.headers.get("content-encoding") == ("gzip" if is_packed else None)
            assert response.headers.get("vary") == ("accept-encoding" if rows == 3000 else None)
            told = gzip.decompress(response.body) if is_packed else response.body
            assert plain.setdefault(rows, told) == told


def test_an_answer_that_fits_once_it_is_packed_is_carried(deployment: Deployment) -> None:
    deployment.upload("iris/1/m.joblib", dumped(classifier()))
    body = {"model": "iris", "instances": [[1, 1]] * 40_000, "params": {"method": "predict_proba"}}
    headers = {"Accept-Encoding": "gzip"}
    request = Request("POST", "/inference", headers, json.dumps(body).encode())
    response = deployment.application.respond(request)
    assert response.status == 200
    assert len(json.loads(gzip.decompress(response.body))["predictions"]) == 40_000


@pytest.mark.parametrize("path", ["/inference", "/v1/models/m:predict", "/endpoints/m/invocations"])
def test_an_answer_in_another_form_than_json_is_refused(deployment: Deployment, path: str) -> None:
    for accept, status in (("text/csv", 406), ("text/csv, */*;q=0.1", 400), ("", 400)):
        response = deployment.application.respond(Request("POST", path, {"Accept": accept}, b"["))
        assert response.status == status
    request = Request("POST", path, {"Accept": "text/csv"}, b"[")
    assert b"accept application/json" in deployment.application.respond(request).body


def test_while_a_model_is_prepared_callers_are_told_to_come_back(deployment: Deployment) -> None:
    deployment.stager.judge(deployment.put("iris.joblib", dumped(classifier())))
    response = deployment.call("POST", "/inference", b'{"model": "iris", "instances": [[1, 1]]}')
    assert response.status == 503
    assert response.headers["retry-after"].isdecimal()


def test_an_answer_that_cannot_be_carried_is_told_so(deployment: Deployment) -> None:
    deployment.upload("iris/1/m.joblib", dumped(classifier()))
    body = {
        "model": "iris",
        "instances": [[1, 1]] * 40_000,
        "parameters": {"method": "predict_proba"},
    }
    status, answer = post(deployment, body)
    assert (status, answer["error"]["code"]) == (413, "ANSWER_TOO_LARGE")


class Broken(Service):
    def __init__(self) -> None:
        """Has nothing."""


def test_a_bug_is_a_500_with_an_id_that_the_log_has(caplog: pytest.LogCaptureFixture) -> None:
    application = Application(Broken(), allowed_origins=(), max_answer_bytes=1000)
    response = application.respond(Request("GET", "/models"))
    error = json.loads(response.body)["error"]
    assert (response.status, error["code"]) == (500, "INTERNAL_ERROR")
    assert error["id"] in caplog.text
    assert "AttributeError" in caplog.text
    assert "AttributeError" not in response.body.decode()


@pytest.mark.parametrize(
    ("allowed", "origin", "answered"),
    [
        (("*",), "https://a.example", "*"),
        (("https://a.example", "https://b.example"), "https://b.example", "https://b.example"),
        (("https://a.example",), "https://evil.example", None),
        ((), "https://a.example", None),
    ],
)
def test_cors_allows_the_origins_of_the_settings(
    allowed: tuple[str, ...], origin: str, answered: str | None
) -> None:
    application = Application(Broken(), allowed_origins=allowed, max_answer_bytes=1000)
    response = application.respond(Request("GET", "/nowhere", {"Origin": origin}))
    assert response.headers.get("access-control-allow-origin") == answered
