"""Calls of the running sample's API."""

import gzip
import json
import socket
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest

from tests.local.sample_run import Run

pytestmark = pytest.mark.slow


def test_the_api_forms_the_event_and_returns_the_answer(run: Run) -> None:
    answer = run.call("GET", "/things/a%20b%2Fc?x=1")
    assert (answer.status_code, answer.headers["X-Own"]) == (201, "yes")
    event = answer.json()["event"]
    assert event["pathParameters"] == {"thing": "a b/c"}
    assert (event["path"], event["requestContext"]["stage"]) == ("/things/a%20b%2Fc", "test")
    assert event["queryStringParameters"] == {"x": "1"}
    environment = answer.json()["environment"]
    assert environment["GREETING"] == "hello"
    assert "AWS_ACCESS_KEY_ID" not in environment


def test_a_request_as_proxies_and_old_clients_write_it(run: Run) -> None:
    api = urlsplit(run.endpoints["api"])
    target = f"http://anything{api.path}/things/fine"
    head = f"GET {target} HTTP/1.1\r\nHost: x\r\nX-Name: \xfc\r\nConnection: close\r\n\r\n"
    with socket.create_connection((api.hostname, api.port), timeout=20) as connection:
        connection.sendall(head.encode("latin-1"))
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    assert answer.startswith(b"HTTP/1.1 201")
    event = json.loads(answer.partition(b"\r\n\r\n")[2])["event"]
    assert event["headers"]["X-Name"] == "ü"


def test_a_packed_body_comes_unpacked_with_its_header(run: Run) -> None:
    headers = {"Content-Encoding": "gzip", "Content-Type": "application/json"}
    answer = run.call("POST", "/things", data=gzip.compress(b'{"a": 1}'), headers=headers)
    event = answer.json()["event"]
    assert (event["body"], event["headers"]["Content-Encoding"]) == ('{"a": 1}', "gzip")
    refused = run.call("POST", "/things", data=b"{}", headers=headers)
    assert (refused.status_code, refused.json()["code"]) == (415, "UNSUPPORTED_MEDIA_TYPE")


@pytest.mark.parametrize(
    ("verb", "path", "status"),
    [
        ("GET", "/things/crash", 502),
        ("GET", "/things/raise", 502),
        ("GET", "/things/text", 502),
        ("GET", "/things/big", 502),
        ("GET", "/things/sleep", 504),
        ("DELETE", "/things/x", 500),
    ],
)
def test_what_goes_wrong_behind_the_api(run: Run, verb: str, path: str, status: int) -> None:
    answer = run.call(verb, path)
    expected = "Endpoint request timed out" if status == 504 else "Internal server error"
    assert (answer.status_code, answer.json()) == (status, {"message": expected})
    assert run.call("GET", "/things/fine").status_code == 201


def test_gateway_responses_are_those_of_the_template(run: Run) -> None:
    answer = run.call("GET", "/nothing")
    assert (answer.status_code, answer.headers["Access-Control-Allow-Origin"]) == (403, "*")
    assert answer.json()["code"] == "MISSING_AUTHENTICATION_TOKEN"


@pytest.mark.parametrize("size", [6_500_000, 10_500_000])
def test_requests_too_large_for_lambda_or_api_gateway(run: Run, size: int) -> None:
    answer = run.call("POST", "/things", data=b"x" * size)
    assert (answer.status_code, answer.json()["code"]) == (413, "REQUEST_TOO_LARGE")


def test_the_preflight_of_the_template_answers(run: Run) -> None:
    answer = run.call("OPTIONS", "/things", headers={"Origin": "https://b.example"})
    assert answer.status_code == 204
    assert answer.headers["Access-Control-Allow-Origin"] == "https://b.example"


@pytest.mark.parametrize("server", ["api", "s3"])
def test_a_client_that_waits_for_a_continue_gets_it(run: Run, server: str) -> None:
    url = urlsplit(run.endpoints[server])
    path = "/test/things" if server == "api" else f"/{run.endpoints['bucket']}/waits.txt"
    verb = "POST" if server == "api" else "PUT"
    with socket.create_connection((url.hostname, url.port), timeout=20) as connection:
        head = f"{verb} {path} HTTP/1.1\r\nHost: {url.netloc}\r\nContent-Length: 3\r\n"
        connection.sendall(f"{head}Expect: 100-continue\r\n\r\n".encode())
        assert connection.recv(1024) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(b"abc")
        assert connection.recv(1024).startswith(b"HTTP/1.1 20")


def test_load_brings_processes_up_to_the_limit(run: Run) -> None:
    with ThreadPoolExecutor(6) as clients:
        # Each call waits until a second process has been called.
        answers = list(clients.map(lambda _: run.call("POST", "/things?step=pair"), range(6)))
    assert {a.status_code for a in answers} == {201}
    assert len({a.json()["pid"] for a in answers}) == 2
