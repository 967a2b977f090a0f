"""From upload to answer on the synthesized assembly, as a user would do it."""

import hashlib
import io
import json
import threading
import time
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
import requests
from sklearn.base import BaseEstimator
from sklearn.linear_model import LogisticRegression

from tests.e2e.client import ARRIVE_SECONDS, Client

FEATURES = np.array([[0.0, 0.0], [1.0, 1.0], [0.0, 0.1], [1.0, 0.9]])
QUESTION = [[1.0, 1.0], [0.0, 0.0]]


def classifier(shift: int = 0) -> BaseEstimator:
    """Return a model that answers QUESTION with [1 + shift, shift]."""
    return LogisticRegression().fit(FEATURES, np.array([0, 1, 0, 1]) + shift)


def dumped(model: Any) -> bytes:
    buffer = io.BytesIO()
    joblib.dump(model, buffer)
    return buffer.getvalue()


def predictions(client: Client, model: str) -> Any:
    answer = client.infer({"model": model, "instances": QUESTION})
    assert answer.status_code == 200, answer.text
    return answer.json()["predictions"]


def test_the_aws_command_line_uploads(client: Client, tmp_path: Path) -> None:
    file = tmp_path / "model.joblib"
    file.write_bytes(dumped(classifier()))
    client.aws("s3", "cp", str(file), f"s3://{client.endpoints.bucket}/from-cli.joblib")
    entry = client.arrive("from-cli")
    assert entry["estimator"].endswith("LogisticRegression")
    assert entry["files"][0]["size"] == file.stat().st_size
    assert predictions(client, "from-cli") == [1, 0]


@pytest.mark.parametrize("name", ["with space", "a+b", "modèle Ünïcode 模型", "50% off & more"])
def test_any_letters_make_a_name(client: Client, tmp_path: Path, name: str) -> None:
    file = tmp_path / "model.joblib"
    file.write_bytes(dumped(classifier()))
    client.aws("s3", "cp", str(file), f"s3://{client.endpoints.bucket}/{name}.joblib")
    assert client.arrive(name)["source"]["key"] == f"{name}.joblib"
    assert predictions(client, name) == [1, 0]


def test_a_large_file_goes_up_in_parts(client: Client, tmp_path: Path) -> None:
    model = classifier()
    model.n_iter_ = np.random.default_rng(0).integers(0, 2**31, 5_000_000)  # predicts without it
    file = tmp_path / "model.joblib"
    joblib.dump(model, file)
    client.aws("s3", "cp", str(file), f"s3://{client.endpoints.bucket}/large/model.joblib")
    entry = client.arrive("large")
    assert "-" in entry["source"]["etag"], "it was not a multipart upload"
    assert entry["files"][0]["size"] == file.stat().st_size
    assert predictions(client, "large") == [1, 0]


def test_two_uploads_at_once_both_arrive(client: Client) -> None:
    first = client.put("twin-a.joblib", dumped(classifier()))
    second = client.put("twin-b.joblib", dumped(classifier(10)))
    client.arrive("twin-a", first)
    client.arrive("twin-b", second)
    assert predictions(client, "twin-a") == [1, 0]
    assert predictions(client, "twin-b") == [11, 10]


def test_an_explicit_version_can_be_asked_for(client: Client) -> None:
    client.put("pinned/1/model.joblib", dumped(classifier()))
    client.arrive("pinned")
    second = client.put("pinned/2/model.joblib", dumped(classifier(10)))
    client.arrive("pinned", second)
    old = client.infer({"model": "pinned", "version": "1", "instances": QUESTION}).json()
    assert (old["version"], old["predictions"]) == ("1", [1, 0])


def test_a_version_of_many_files_waits_until_it_is_complete(client: Client, tmp_path: Path) -> None:
    (tmp_path / "code").mkdir()
    (tmp_path / "model.joblib").write_bytes(dumped(classifier()))
    (tmp_path / "code" / "words.txt").write_text("one two")
    digests = {
        path: hashlib.sha256((tmp_path / path).read_bytes()).hexdigest()
        for path in ("model.joblib", "code/words.txt")
    }
    examples = [{"instances": QUESTION, "predictions": [1, 0]}]
    client.put("many/1/model.json", json.dumps({"files": digests, "examples": examples}).encode())
    waiting = client.version("many")
    assert (waiting["state"], set(waiting["missing"])) == ("waiting", set(digests))
    assert "'code/words.txt'" in client.infer({"model": "many", "instances": QUESTION}).text
    folder = f"s3://{client.endpoints.bucket}/many/1/"
    client.aws("s3", "sync", str(tmp_path), folder)
    deadline = time.monotonic() + ARRIVE_SECONDS
    while client.version("many")["state"] == "waiting" and time.monotonic() < deadline:
        time.sleep(0.1)
    entry = client.arrive("many")
    assert {file["name"] for file in entry["files"]} == {*digests, "model.json"}
    assert predictions(client, "many") == [1, 0]


def test_overwriting_under_load_fails_nobody(client: Client) -> None:
    client.arrive("busy", client.put("busy.joblib", dumped(classifier())))
    stop = threading.Event()
    answers: list[tuple[int, Any]] = []

    def ask() -> None:
        session = requests.Session()
        url = f"{client.endpoints.api}/inference"
        while not stop.is_set():
            answer = session.post(url, json={"model": "busy", "instances": QUESTION}, timeout=35)
            answers.append((answer.status_code, answer.json().get("predictions")))

    callers = [threading.Thread(target=ask) for _ in range(8)]
    for caller in callers:
        caller.start()
    for shift in (10, 20):
        client.arrive("busy", client.put("busy.joblib", dumped(classifier(shift))))
    deadline_answer = None
    for _ in range(100):
        deadline_answer = predictions(client, "busy")
        if deadline_answer == [21, 20]:
            break
    stop.set()
    for caller in callers:
        caller.join()
    assert deadline_answer == [21, 20]
    assert {status for status, _ in answers} == {200}
    assert {tuple(p) for _, p in answers} <= {(1, 0), (11, 10), (21, 20)}
    assert len(answers) > 50


def test_deleting_the_object_withdraws_the_model(client: Client) -> None:
    client.arrive("gone", client.put("gone.joblib", dumped(classifier())))
    client.aws("s3", "rm", f"s3://{client.endpoints.bucket}/gone.joblib")
    assert client.version("gone")["state"] in ("current", "withdrawn")
    for _ in range(300):
        if client.version("gone")["state"] == "withdrawn":
            break
    answer = client.infer({"model": "gone", "instances": QUESTION})
    assert answer.status_code == 404
    assert "withdrawn" in answer.json()["error"]["message"]


@pytest.mark.parametrize(
    ("key", "data", "code", "text"),
    [
        ("refused-a/2/model.joblib", b"just some text", "CORRUPT_FILE", "joblib.dump"),
        ("refused-b/model.csv", b"text", "UNSUPPORTED_FORMAT", ".joblib"),
        ("refused-c/2/model.joblib", dumped(classifier())[:300], "CORRUPT_FILE", "couldn't"),
        ("refused-d/2/model.joblib", dumped({"not": "a model"}), "NOT_A_MODEL", "dict"),
        ("refused-e/2/model.pkl", b"", "EMPTY_FILE", "empty"),
    ],
)
def test_a_bad_upload_is_told_and_what_served_still_serves(
    client: Client, key: str, data: bytes, code: str, text: str
) -> None:
    model = key.split("/", maxsplit=1)[0]
    client.arrive(model, client.put(f"{model}/1/model.joblib", dumped(classifier())))
    entry = client.version(model, client.put(key, data))
    assert (entry["state"], entry["code"]) == ("rejected", code)
    assert text in entry["reason"]
    assert predictions(client, model) == [1, 0]


def test_a_key_too_deep_is_told_in_the_list(client: Client) -> None:
    key = "much/too/" + "deep/" * 8 + "model.joblib"
    client.put(key, dumped(classifier()))
    refused: list[dict[str, Any]] = []
    for _ in range(300):
        refused = requests.get(f"{client.endpoints.api}/models", timeout=35).json()["refused"]
        if refused:
            break
    assert [(r["key"], r["code"]) for r in refused] == [(key, "INVALID_KEY")]


def test_bad_requests_each_have_their_status(client: Client) -> None:
    client.arrive("strict", client.put("strict.joblib", dumped(classifier())))
    cases: list[tuple[Any, int, str]] = [
        (b"{", 400, "BAD_REQUEST"),
        (b"", 400, "BAD_REQUEST"),
        (b'{"model": "strict", "instances": [[NaN, 1]]}', 400, "BAD_REQUEST"),
        ({"model": "strict", "instances": []}, 400, "BAD_REQUEST"),
        ({"instances": QUESTION}, 400, "BAD_REQUEST"),
        ({"model": "nobody", "instances": QUESTION}, 404, "MODEL_NOT_FOUND"),
        ({"model": "../strict", "instances": QUESTION}, 404, "MODEL_NOT_FOUND"),
        ({"model": "strict", "version": "9", "instances": QUESTION}, 404, "VERSION_NOT_FOUND"),
        ({"model": "strict", "instances": [[1.0]]}, 422, "SIGNATURE_MISMATCH"),
        ({"model": "strict", "instances": [["a", "b"]]}, 422, "SIGNATURE_MISMATCH"),
        ({"model": "strict", "instances": [[None, 1.0]]}, 422, "SIGNATURE_MISMATCH"),
    ]
    for body, status, code in cases:
        answer = client.infer(body)
        assert (answer.status_code, answer.json()["error"]["code"]) == (status, code), body
        assert answer.json()["error"]["message"]


def test_the_gateway_speaks_our_errors(client: Client) -> None:
    unknown = requests.get(f"{client.endpoints.api}/nowhere", timeout=35)
    assert unknown.status_code == 403
    assert "GET /openapi.json" in unknown.json()["error"]["message"]
    assert unknown.headers["access-control-allow-origin"] == "*"
    large = client.infer(b"x" * (11 * 2**20))
    assert large.status_code == 413
    assert large.json()["error"]["code"] == "REQUEST_TOO_LARGE"


def test_browsers_may_ask(client: Client) -> None:
    preflight = requests.options(
        f"{client.endpoints.api}/inference",
        headers={"Origin": "https://app.example.com", "Access-Control-Request-Method": "POST"},
        timeout=35,
    )
    assert preflight.status_code == 204
    assert preflight.headers["access-control-allow-origin"] == "*"
    assert "POST" in preflight.headers["access-control-allow-methods"]
    assert preflight.headers["access-control-allow-headers"] == "*,Authorization"
    answer = client.infer({"model": "nobody", "instances": QUESTION})
    assert answer.headers["access-control-allow-origin"] == "*"
