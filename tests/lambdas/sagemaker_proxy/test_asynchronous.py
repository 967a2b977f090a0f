"""Requests that wait: handed in, uploaded, looked for."""

import io
import json
import re
import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from botocore.response import StreamingBody
from botocore.stub import ANY

from tests.lambdas.sagemaker_proxy.conftest import BUCKET, Caller

ID = "0123456789abcdef" * 2
OUTPUT, FAILURE = "outputs/mm-text/1.out", "failures/mm-text/1-error.out"
QUEUED = {
    "OutputLocation": f"s3://{BUCKET}/{OUTPUT}",
    "FailureLocation": f"s3://{BUCKET}/{FAILURE}",
}


def stream(body: bytes) -> dict[str, Any]:
    return {"Body": StreamingBody(io.BytesIO(body), len(body))}


def note(at: float | None = None) -> bytes:
    fields = {"endpoint": "text", "output": OUTPUT, "failure": FAILURE, "at": at or time.time()}
    return json.dumps(fields).encode()


def at(key: str) -> dict[str, str]:
    return {"Bucket": BUCKET, "Key": key}


def noted(caller: Caller, body: bytes) -> None:
    caller.s3.add_response("get_object", stream(body), at(f"requests/{ID}"))


def missing(caller: Caller, method: str, key: str) -> None:
    code = "404" if method == "head_object" else "NoSuchKey"
    caller.s3.add_client_error(method, code, http_status_code=404, expected_params=at(key))


def result(caller: Caller) -> Any:
    return caller.call("GET", "/async/{id}", ID)


def test_a_request_is_stored_queued_and_noted(caller: Caller) -> None:
    caller.s3.add_response(
        "put_object", {}, {"Bucket": BUCKET, "Key": ANY, "Body": b"hi", "ContentType": "text/plain"}
    )
    caller.runtime.add_response(
        "invoke_endpoint_async",
        QUEUED,
        {
            "EndpointName": "mm-text",
            "InputLocation": ANY,
            "ContentType": "text/plain",
            "Accept": "application/json",
            "RequestTTLSeconds": 21_600,
            "InvocationTimeoutSeconds": 3600,
        },
    )
    caller.s3.add_response("put_object", {}, {"Bucket": BUCKET, "Key": ANY, "Body": ANY})
    headers = {"content-type": "text/plain", "Accept": "application/json"}

    found = caller.call("POST", "/async/{id}", "text", body=b"hi", headers=headers)

    assert found.status == 202
    assert re.fullmatch("[0-9a-f]{32}", found.json["id"])
    assert found.headers["Location"] == found.json["id"]
    assert found.headers["Retry-After"] == "2"


@pytest.mark.parametrize("name", ["vision", "nobody", ID])
def test_only_asynchronous_endpoints_take_requests(caller: Caller, name: str) -> None:
    for route in ("/async/{id}", "/async/{id}/uploads"):
        found = caller.call("POST", route, name, body=b"hi")
        assert (found.status, found.json["error"]["code"]) == (404, "UNKNOWN_ENDPOINT")
        assert found.json["error"]["message"].endswith("is async: text.")


def test_an_upload_gets_a_url_for_its_own_key_alone(caller: Caller) -> None:
    found = caller.call("POST", "/async/{id}/uploads", "text")

    upload = found.json["upload"]
    url = urlsplit(found.json["url"])
    assert (found.status, found.json["method"]) == (201, "PUT")
    assert url.path.endswith(f"inputs/mm-text/{upload}")
    assert found.json["max_bytes"] == 1024**3
    assert found.json["then"] == f"POST /async/text?upload={upload}"
    signed = parse_qs(url.query)
    assert "Signature" in signed or "X-Amz-Signature" in signed


def test_what_was_uploaded_is_queued_with_its_type(caller: Caller) -> None:
    key = f"inputs/mm-text/{ID}"
    found_there = {"ContentLength": 1024**3, "ContentType": "text/csv"}
    caller.s3.add_response("head_object", found_there, at(key))
    caller.runtime.add_response(
        "invoke_endpoint_async",
        QUEUED,
        {
            "EndpointName": "mm-text",
            "InputLocation": f"s3://{BUCKET}/{key}",
            "ContentType": "text/csv",
            "RequestTTLSeconds": 21_600,
            "InvocationTimeoutSeconds": 3600,
        },
    )
    caller.s3.add_response("put_object", {}, {"Bucket": BUCKET, "Key": ANY, "Body": ANY})

    found = caller.call("POST", "/async/{id}", "text", query={"upload": ID})

    assert found.status == 202
    assert found.json["id"] != ID


def test_an_upload_that_is_not_there_or_too_large_is_refused(caller: Caller) -> None:
    key = f"inputs/mm-text/{ID}"
    missing(caller, "head_object", key)
    caller.s3.add_response("head_object", {"ContentLength": 1024**3 + 1}, at(key))

    found = [caller.call("POST", "/async/{id}", "text", query={"upload": ID}) for _ in range(2)]

    assert [(answer.status, answer.json["error"]["code"]) for answer in found] == [
        (404, "UNKNOWN_UPLOAD"),
        (413, "INPUT_TOO_LARGE"),
    ]


@pytest.mark.parametrize("other", ["../outputs/x", f"{ID}/..", "", "%2e%2e", ID.upper(), f"{ID}\n"])
def test_no_name_leads_to_another_object(caller: Caller, other: str) -> None:
    # The stubs would fail at any call.
    assert caller.call("POST", "/async/{id}", "text", query={"upload": other}).status == 404
    assert caller.call("GET", "/async/{id}", other or " ").status == 404


def test_an_unknown_id_is_not_found(caller: Caller) -> None:
    missing(caller, "get_object", f"requests/{ID}")

    found = result(caller)

    assert (found.status, found.json["error"]["code"]) == (404, "UNKNOWN_REQUEST")


def test_what_is_not_finished_is_pending(caller: Caller) -> None:
    noted(caller, note())
    missing(caller, "head_object", OUTPUT)
    missing(caller, "get_object", FAILURE)

    found = result(caller)

    assert (found.status, found.json) == (202, {"id": ID, "state": "pending"})
    assert found.headers["Retry-After"] == "2"


def test_what_is_finished_is_answered_as_it_is(caller: Caller) -> None:
    noted(caller, note())
    head = {"ContentLength": 3, "ContentType": "text/csv"}
    caller.s3.add_response("head_object", head, at(OUTPUT))
    caller.s3.add_response("get_object", stream(b"1,2"), at(OUTPUT))

    found = result(caller)

    assert (found.status, found.body, found.headers["Content-Type"]) == (200, b"1,2", "text/csv")


def test_a_large_answer_is_somewhere_else(caller: Caller) -> None:
    noted(caller, note())
    caller.s3.add_response("head_object", {"ContentLength": 5_000_000}, at(OUTPUT))

    found = result(caller)

    assert found.status == 303
    assert found.json["bytes"] == 5_000_000
    assert urlsplit(found.headers["Location"]).path.endswith(OUTPUT)


@pytest.mark.parametrize(
    ("reason", "status", "code"),
    [
        ("ClientError: Received client error (422) from model with …", 422, "MODEL_REFUSED"),
        ("InternalServerError: Received server error (500) from model", 502, "MODEL_FAILED"),
        ("Data download failed.", 502, "MODEL_FAILED"),
    ],
)
def test_a_failure_is_told_with_its_reason(
    caller: Caller, reason: str, status: int, code: str
) -> None:
    noted(caller, note())
    missing(caller, "head_object", OUTPUT)
    caller.s3.add_response("get_object", stream(reason.encode()), at(FAILURE))

    found = result(caller)

    assert (found.status, found.json["error"]["code"]) == (status, code)
    assert reason in found.json["error"]["message"]


def test_what_waited_for_too_long_is_given_up(caller: Caller) -> None:
    noted(caller, note(time.time() - 7 * 3600 - 1))
    missing(caller, "head_object", OUTPUT)
    missing(caller, "get_object", FAILURE)

    found = result(caller)

    assert (found.status, found.json["error"]["code"]) == (504, "EXPIRED")


def test_a_queue_that_is_not_there_is_told_before_anything_is_noted(caller: Caller) -> None:
    caller.s3.add_response("put_object", {})
    message = "Endpoint mm-text of account 1 not found."
    caller.runtime.add_client_error("invoke_endpoint_async", "ValidationError", message)

    assert caller.call("POST", "/async/{id}", "text", body=b"hi").status == 503


def test_a_bucket_that_fails_is_no_crash(caller: Caller) -> None:
    caller.s3.add_client_error("get_object", "AccessDenied", http_status_code=403)

    found = result(caller)

    assert (found.status, found.json["error"]["code"]) == (502, "STORAGE_FAILED")
