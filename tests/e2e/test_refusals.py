"""Requests that API Gateway refuses, of the deployment that the settings give: the real stacks."""

import contextlib
import http.client
import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from local.endpoints import Endpoints
from local.launcher import running_system
from tests.e2e.conftest import synthesize
from tests.local.gateway.signing import call, signed_headers


@pytest.fixture(scope="module")
def signed(assembly: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoints]:
    """Run what is deployed by default: requests have to be signed."""
    with running_system(assembly, tmp_path_factory.mktemp("signed"), auth="template") as found:
        yield found


@pytest.fixture(scope="module")
def keyed(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoints]:
    """Run what is deployed with keys and a burst of five."""
    folder = tmp_path_factory.mktemp("keyed")
    assembly = synthesize(
        root, folder / "cdk.out", auth="api_key", throttle_rate="1", throttle_burst="5"
    )
    with running_system(assembly, folder, auth="template") as found:
        yield found


def _pair(endpoints: Endpoints) -> dict[str, str]:
    return {"access_key": endpoints.access_key, "secret_key": endpoints.secret_key}


def _refused(answer: requests.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


def test_signed_requests_are_answered(signed: Endpoints) -> None:
    answer = call("GET", f"{signed.api}/models", _pair(signed))
    assert (answer.status_code, answer.json()["models"]) == (200, [])


def test_unsigned_request(signed: Endpoints) -> None:
    answer = requests.get(f"{signed.api}/models", timeout=35)
    assert _refused(answer) == (403, "MISSING_AUTHENTICATION_TOKEN")
    assert "must be signed (SigV4)" in answer.json()["error"]["message"]


def test_wrongly_signed_requests(signed: Endpoints) -> None:
    url, body = f"{signed.api}/inference", b'{"model": "iris", "instances": [[1]]}'
    guessed = call("POST", url, {**_pair(signed), "secret_key": "guessed"}, body)
    headers = signed_headers("POST", url, body, **_pair(signed))
    changed = requests.post(url, data=body.replace(b"iris", b"wine"), headers=headers, timeout=35)

    assert _refused(guessed) == (403, "INVALID_SIGNATURE")
    assert _refused(changed) == (403, "INVALID_SIGNATURE")


def test_over_sized_request(signed: Endpoints) -> None:
    for size in (6_500_000, 10_500_000):
        answer = call("POST", f"{signed.api}/inference", _pair(signed), b"x" * size)
        assert _refused(answer) == (413, "REQUEST_TOO_LARGE")


@pytest.mark.parametrize(
    "name", ["../../candidates", "/etc/passwd", "..", "..\\models", "a\0b", ".hidden"]
)
def test_names_that_lead_elsewhere_are_no_models(signed: Endpoints, name: str) -> None:
    body = json.dumps({"model": name, "instances": [[1]]}).encode()
    answer = call("POST", f"{signed.api}/inference", _pair(signed), body)
    assert _refused(answer) == (404, "MODEL_NOT_FOUND")


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/models/..%2F..%2Fetc%2Fpasswd", 404),
        ("/v2/models/..%2F..%2Fcandidates", 404),
        ("/v2/../../../etc/passwd", 404),
        ("/models/../../etc/passwd", 403),
        ("/../../etc/passwd", 403),
    ],
)
def test_paths_that_lead_elsewhere_lead_nowhere(signed: Endpoints, path: str, status: int) -> None:
    """Sent as they stand: clients resolve the dots by themselves, and attackers don't."""
    url = urlsplit(signed.api)
    headers = signed_headers("GET", f"{signed.api}{path}", b"", **_pair(signed))
    connection = http.client.HTTPConnection(str(url.hostname), url.port, timeout=35)
    with contextlib.closing(connection):
        connection.request("GET", f"{url.path}{path}", headers=headers)
        answer = connection.getresponse()
        assert (answer.status, b"root:" in answer.read()) == (status, False)


def test_requests_without_a_valid_key(keyed: Endpoints) -> None:
    for headers in ({}, {"x-api-key": "guessed"}):
        answer = requests.get(f"{keyed.api}/models", headers=headers, timeout=35)
        assert _refused(answer) == (403, "INVALID_API_KEY")


def test_over_limit_request(keyed: Endpoints) -> None:
    headers = {"x-api-key": str(keyed.api_key)}
    url = f"{keyed.api}/openapi.json"
    answers = [requests.get(url, headers=headers, timeout=35) for _ in range(40)]
    refused = [answer for answer in answers if answer.status_code != 200]

    assert [a.status_code for a in answers[:5]] == [200] * 5
    assert refused
    assert {_refused(answer) for answer in refused} == {(429, "THROTTLED")}
