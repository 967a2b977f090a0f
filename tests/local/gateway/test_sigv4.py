from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
from multidict import CIMultiDict

from local.gateway import sigv4
from local.gateway.caller_credentials import CallerCredentials
from local.gateway.gateway_responses import Fault
from local.gateway.http_messages import ApiRequest
from tests.local.gateway.signing import signed_headers

CREDENTIALS = CallerCredentials("LOCALKEY", "its secret", "an API key")
HOST = "127.0.0.1:8000"


def _verify(
    url: str = "/dev/models",
    *,
    verb: str = "GET",
    body: bytes = b"",
    changed: dict[str, str] | None = None,
    sent_body: bytes | None = None,
    sent_url: str | None = None,
    later: timedelta = timedelta(),
    **signer: str,
) -> Fault | None:
    given = {"access_key": "LOCALKEY", "secret_key": "its secret", **signer}
    headers = CIMultiDict(signed_headers(verb, f"http://{HOST}{url}", body, **given))
    headers["Host"] = HOST
    headers.update(changed or {})
    sent = body if sent_body is None else sent_body
    target = sent_url or url
    path = urlsplit(target).path.removeprefix("/dev")
    request = ApiRequest(verb, path, urlsplit(target).query, headers, sent, "127.0.0.1")
    return sigv4.verify(request, target, CREDENTIALS, "us-east-1", datetime.now(UTC) + later)


@pytest.mark.parametrize(
    ("verb", "url", "body"),
    [
        ("GET", "/dev/models", b""),
        ("POST", "/dev/inference", b'{"model": "iris"}'),
        ("POST", "/dev/inference", bytes(range(256))),
        ("GET", "/dev/models/my%20mod%C3%A8l%2Fx", b""),
        ("GET", "/dev/models?b=2&a=1&a=%20x", b""),
    ],
)
def test_what_botocore_signs_is_let_in(verb: str, url: str, body: bytes) -> None:
    assert _verify(url, verb=verb, body=body) is None


def test_a_header_more_is_no_fault_and_a_signed_one_that_differs_is() -> None:
    assert _verify(changed={"X-Other": "1", "User-Agent": "x"}) is None
    assert _verify(changed={"Host": "elsewhere"}) is sigv4.WRONG_SIGNATURE


def test_unsigned() -> None:
    request = ApiRequest("GET", "/models", "", CIMultiDict(Host=HOST), b"", "127.0.0.1")
    fault = sigv4.verify(request, "/dev/models", CREDENTIALS, "us-east-1", datetime.now(UTC))
    assert fault is sigv4.UNSIGNED


@pytest.mark.parametrize(
    ("arguments", "fault"),
    [
        ({"secret_key": "another"}, sigv4.WRONG_SIGNATURE),
        ({"access_key": "ANOTHER"}, sigv4.UNKNOWN_KEY),
        ({"region": "eu-west-1"}, sigv4.WRONG_SCOPE),
        ({"service": "s3"}, sigv4.WRONG_SCOPE),
        ({"body": b"signed", "sent_body": b"sent"}, sigv4.WRONG_SIGNATURE),
        ({"sent_url": "/dev/models/x"}, sigv4.WRONG_SIGNATURE),
        ({"sent_url": "/dev/models?x=1"}, sigv4.WRONG_SIGNATURE),
        ({"later": timedelta(minutes=6)}, sigv4.OUT_OF_TIME),
        ({"later": timedelta(minutes=-6)}, sigv4.OUT_OF_TIME),
        ({"changed": {"X-Amz-Date": "yesterday"}}, sigv4.OUT_OF_TIME),
        ({"changed": {"Authorization": "Bearer x"}}, sigv4.INCOMPLETE),
        ({"changed": {"Authorization": "AWS4-HMAC-SHA256 Credential=a"}}, sigv4.INCOMPLETE),
    ],
)
def test_each_way_to_be_refused(arguments: dict[str, object], fault: Fault) -> None:
    assert _verify(**arguments) is fault  # type: ignore[arg-type]  # a table of keywords


def test_a_body_hash_that_the_caller_claims_counts_for_nothing() -> None:
    claimed = "0" * 64
    fault = _verify(body=b"signed", sent_body=b"sent", changed={"X-Amz-Content-SHA256": claimed})
    assert fault is sigv4.WRONG_SIGNATURE


def test_signatures_without_a_host_are_incomplete() -> None:
    digest, day = "0" * 64, f"{datetime.now(UTC):%Y%m%d}"
    header = (
        f"AWS4-HMAC-SHA256 Credential=LOCALKEY/{day}/us-east-1/execute-api/aws4_request, "
        f"SignedHeaders=x-amz-date, Signature={digest}"
    )
    assert _verify(changed={"Authorization": header}) is sigv4.INCOMPLETE
