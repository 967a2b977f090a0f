"""Requests that are answered while the caller waits."""

import io
import json
from typing import Any
from unittest.mock import Mock

import pytest
from botocore.exceptions import (
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    ReadTimeoutError,
)
from botocore.response import StreamingBody

from sagemaker_proxy.messages import MAX_ANSWER_BYTES
from tests.lambdas.sagemaker_proxy.conftest import Caller, endpoint

ROW = b'{"instances": [[1, 2]]}'
MANY = endpoint("many", "tenants", multi_model=True)


def answer(body: bytes, variant: str = "resnet", kind: str = "application/json") -> dict[str, Any]:
    stream = StreamingBody(io.BytesIO(body), len(body))
    return {"Body": stream, "ContentType": kind, "InvokedProductionVariant": variant}


def asked(**more: str | bytes) -> dict[str, Any]:
    return {"EndpointName": "mm-vision", "ContentType": "application/json", "Body": ROW, **more}


def test_a_variant_is_asked_by_its_name(caller: Caller) -> None:
    expected = asked(TargetVariant="vggnet")
    caller.runtime.add_response("invoke_endpoint", answer(b"[3]", "vggnet"), expected)

    found = caller.call("POST", "/api/v1/{variant}", "vggnet", body=ROW)

    assert found.status == 200
    assert found.json == {"invoked_variant": "vggnet", "predictions": [3]}
    assert found.headers["X-Invoked-Variant"] == "vggnet"
    assert found.headers["Access-Control-Allow-Origin"] == "*"


def test_a_variant_of_another_endpoint_is_found(caller: Caller) -> None:
    expected = asked(EndpointName="mm-trial", TargetVariant="old")
    caller.runtime.add_response("invoke_endpoint", answer(b"[3]", "old"), expected)

    found = caller.call("POST", "/api/v1/{variant}", "old", body=ROW)

    assert found.json["invoked_variant"] == "old"


def test_without_a_name_the_first_endpoints_weights_choose(caller: Caller) -> None:
    told = {"model": "m", "version": "1", "predictions": [1.5]}
    caller.runtime.add_response("invoke_endpoint", answer(json.dumps(told).encode()), asked())

    found = caller.call("POST", "/api/v1", body=ROW)

    assert found.json == {"invoked_variant": "resnet", **told}


def test_parameters_of_the_url_become_attributes(caller: Caller) -> None:
    expected = asked(CustomAttributes="trace=7;method=predict_proba")
    caller.runtime.add_response("invoke_endpoint", answer(b"[[0, 1]]"), expected)
    headers = {"X-Amzn-SageMaker-Custom-Attributes": "trace=7"}
    query = {"method": "predict_proba"}
    found = caller.call("POST", "/api/v1", body=ROW, headers=headers, query=query)
    assert found.json["predictions"] == [[0, 1]]
    refused = caller.call("POST", "/api/v1", body=ROW, query={"method": "é"})
    assert (refused.status, refused.json["error"]["code"]) == (400, "BAD_PARAMETERS")


def test_types_are_passed_through_both_ways(caller: Caller) -> None:
    expected = asked(Body=b"1,2", ContentType="text/csv", Accept="application/x-npy")
    caller.runtime.add_response(
        "invoke_endpoint", answer(b"\x93NUMPY", kind="application/x-npy"), expected
    )
    headers = {"Content-Type": "text/csv", "accept": "application/x-npy"}

    found = caller.call("POST", "/api/v1", body=b"1,2", headers=headers)

    assert (found.status, found.body) == (200, b"\x93NUMPY")
    assert found.headers["Content-Type"] == "application/x-npy"
    assert found.headers["X-Invoked-Variant"] == "resnet"


def test_bytes_of_any_kind_are_passed_through_both_ways(caller: Caller) -> None:
    every = bytes(range(256))
    octets = "application/octet-stream"
    expected = asked(Body=every, ContentType=octets, Accept="image/png")
    caller.runtime.add_response("invoke_endpoint", answer(every[::-1], kind="image/png"), expected)

    found = caller.call(
        "POST", "/api/v1", body=every, headers={"Content-Type": octets, "Accept": "image/png"}
    )

    assert (found.status, found.body) == (200, every[::-1])
    assert found.headers["Content-Type"] == "image/png"


@pytest.mark.parametrize("body", [b"not JSON", b"\xff\xfe"])
def test_what_only_claims_to_be_json_is_passed_back_as_it_is(caller: Caller, body: bytes) -> None:
    caller.runtime.add_response("invoke_endpoint", answer(body), asked())

    found = caller.call("POST", "/api/v1", body=ROW)

    assert (found.status, found.body) == (200, body)


def test_an_endpoint_with_a_shadow_is_asked_as_any_other(caller: Caller) -> None:
    """SageMaker copies to the shadow by itself; it may not be told which variant to ask."""
    shadowed = endpoint("trial", "old")
    expected = asked(EndpointName="mm-trial")
    caller.runtime.add_response("invoke_endpoint", answer(b"[3]", "old"), expected)

    found = caller.call("POST", "/api/v1", body=ROW, endpoints=(shadowed,))

    assert found.json == {"invoked_variant": "old", "predictions": [3]}


@pytest.mark.parametrize("name", ["team a/iris", "team a/iris.tar.gz"])
@pytest.mark.parametrize("variant", ["tenants", None])
def test_one_of_many_models_is_asked_by_its_archive(
    caller: Caller, name: str, variant: str | None
) -> None:
    target = {"TargetVariant": variant} if variant else {}
    expected = asked(EndpointName="mm-many", TargetModel="team a/iris.tar.gz", **target)
    caller.runtime.add_response("invoke_endpoint", answer(b"[3]", "tenants"), expected)
    route = "/api/v1/{variant}" if variant else "/api/v1"

    found = caller.call("POST", route, variant, body=ROW, query={"model": name}, endpoints=(MANY,))

    assert found.json == {"invoked_variant": "tenants", "predictions": [3]}


@pytest.mark.parametrize(
    ("variant", "query", "told"),
    [
        ("tenants", None, "say which with ?model=NAME"),
        ("resnet", {"model": "iris"}, "has one model: leave out ?model="),
        ("tenants", {"model": ""}, "names no model"),
        ("tenants", {"model": " iris"}, "names no model"),
        ("tenants", {"model": "modèle"}, "names no model"),
        ("tenants", {"model": "a\nb"}, "names no model"),
        ("tenants", {"model": "../other/iris"}, "names no model"),
        ("tenants", {"model": "m" * 1018}, "names no model"),
    ],
)
def test_a_model_that_can_not_be_one_is_not_asked_for(
    caller: Caller, variant: str, query: dict[str, str] | None, told: str
) -> None:
    found = caller.call("POST", "/api/v1/{variant}", variant, body=ROW, query=query)

    assert (found.status, found.json["error"]["code"]) == (400, "BAD_MODEL")
    assert told in found.json["error"]["message"]


def test_an_unknown_model_is_told_without_the_place_it_was_looked_for(caller: Caller) -> None:
    message = (
        "Failed to download model data(bucket: models, key: tenants/iris.tar.gz). Please ensure "
        "that there is an object located at the URL and that it was not found."
    )
    caller.runtime.add_client_error("invoke_endpoint", "ValidationError", message)

    found = caller.call("POST", "/api/v1/{variant}", "tenants", body=ROW, query={"model": "iris"})

    assert (found.status, found.json["error"]["code"]) == (404, "UNKNOWN_MODEL")
    assert "tenants" not in found.json["error"]["message"]


def test_an_unknown_variant_is_answered_with_the_known_ones(caller: Caller) -> None:
    found = caller.call("POST", "/api/v1/{variant}", "alexnet", body=ROW)

    assert found.status == 404
    assert found.json["error"]["code"] == "UNKNOWN_VARIANT"
    assert found.json["error"]["message"].endswith("'alexnet': resnet, vggnet, old, tenants.")


@pytest.mark.parametrize("shadow_or_queued", ["new", "gpt", "../vision", ""])
def test_what_no_caller_may_name_is_unknown(caller: Caller, shadow_or_queued: str) -> None:
    found = caller.call("POST", "/api/v1/{variant}", shadow_or_queued or " ", body=ROW)

    assert found.status == 404


def test_where_all_wait_in_queues_the_way_there_is_told(caller: Caller) -> None:
    found = caller.call("POST", "/api/v1", body=ROW, endpoints=())

    assert (found.status, found.json["error"]["code"]) == (404, "NO_ENDPOINT")


@pytest.mark.parametrize(
    ("code", "fields", "status", "told", "wait"),
    [
        ("ModelError", {"OriginalStatusCode": 422}, 422, "MODEL_REFUSED", None),
        ("ModelError", {"OriginalStatusCode": 500}, 502, "MODEL_FAILED", None),
        ("ModelError", {"OriginalStatusCode": 0}, 502, "MODEL_FAILED", None),
        ("ModelNotReadyException", {}, 503, "UNAVAILABLE", "5"),
        ("ServiceUnavailable", {}, 503, "UNAVAILABLE", "5"),
        ("ThrottlingException", {}, 429, "TOO_MANY_REQUESTS", "1"),
        ("Throttling", {}, 429, "TOO_MANY_REQUESTS", "1"),
        ("TooManyRequestsException", {}, 429, "TOO_MANY_REQUESTS", "1"),
        ("InternalFailure", {}, 502, "SAGEMAKER_FAILED", "1"),
        ("InternalDependencyException", {}, 502, "SAGEMAKER_FAILED", "1"),
        ("AccessDeniedException", {}, 500, "INTERNAL", None),
    ],
)
def test_each_failure_has_its_status(
    caller: Caller, code: str, fields: dict[str, Any], status: int, told: str, wait: str | None
) -> None:
    caller.runtime.add_client_error(
        "invoke_endpoint",
        code,
        "the role may not",
        modeled_fields={"Message": "m", "OriginalMessage": "two columns", **fields}
        if fields
        else None,
    )

    found = caller.call("POST", "/api/v1", body=ROW)

    assert (found.status, found.json["error"]["code"]) == (status, told)
    assert found.headers.get("Retry-After") == wait
    assert ("two columns" in found.json["error"]["message"]) == bool(fields)
    # Of permissions callers hear nothing.
    assert ("may not" in found.json["error"]["message"]) == (told == "UNAVAILABLE")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"error": {"code": "SIGNATURE_MISMATCH", "message": "takes 4"}}', "takes 4"),
        ('{"error": "takes 4"}', "takes 4"),
        ('{"error": {}}', '{"error": {}}'),
        ("[4]", "[4]"),
        ("x" * 3000, "x" * 2000),
    ],
)
def test_what_a_container_says_is_passed_on(caller: Caller, text: str, message: str) -> None:
    fields = {"Message": "m", "OriginalStatusCode": 400, "OriginalMessage": text}
    caller.runtime.add_client_error("invoke_endpoint", "ModelError", modeled_fields=fields)

    assert caller.call("POST", "/api/v1", body=ROW).json["error"]["message"] == message


@pytest.mark.parametrize(
    ("message", "status", "code"),
    [
        ("Endpoint mm-vision of account 1 not found.", 503, "UNAVAILABLE"),
        ("Variant vggnet not found in endpoint.", 503, "UNAVAILABLE"),
        ("1 validation error detected: Value at 'contentType'", 400, "BAD_REQUEST"),
    ],
)
def test_a_request_that_sagemaker_refuses(
    caller: Caller, message: str, status: int, code: str
) -> None:
    caller.runtime.add_client_error("invoke_endpoint", "ValidationError", message)

    found = caller.call("POST", "/api/v1", body=ROW)

    assert (found.status, found.json["error"]["code"]) == (status, code)


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (ReadTimeoutError(endpoint_url="https://x"), 504, "MODEL_TIMEOUT"),
        (ConnectTimeoutError(endpoint_url="https://x"), 503, "UNAVAILABLE"),
        (EndpointConnectionError(endpoint_url="https://x"), 503, "UNAVAILABLE"),
        (NoCredentialsError(), 500, "INTERNAL"),
    ],
)
def test_what_never_reached_the_model_or_took_too_long_has_its_status(
    caller: Caller, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int, code: str
) -> None:
    monkeypatch.setattr(caller.runtime_client, "invoke_endpoint", Mock(side_effect=error))

    found = caller.call("POST", "/api/v1", body=ROW)

    assert (found.status, found.json["error"]["code"]) == (status, code)


@pytest.mark.parametrize(
    ("variant", "query", "way_out"),
    [
        ("resnet", None, "POST /async/ENDPOINT"),
        ("tenants", {"model": "iris"}, "may still be loading: try again"),
    ],
)
def test_a_time_out_tells_the_way_out(
    caller: Caller,
    monkeypatch: pytest.MonkeyPatch,
    variant: str,
    query: dict[str, str] | None,
    way_out: str,
) -> None:
    error = ReadTimeoutError(endpoint_url="https://x")
    monkeypatch.setattr(caller.runtime_client, "invoke_endpoint", Mock(side_effect=error))

    found = caller.call("POST", "/api/v1/{variant}", variant, body=ROW, query=query)

    assert way_out in found.json["error"]["message"]


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"x" * (MAX_ANSWER_BYTES + 1), "text/plain"),
        # What is parsed and written again may grow: 1e9 becomes 1000000000.0.
        (b"[" + b"1e9," * (MAX_ANSWER_BYTES // 8) + b"1]", "application/json"),
    ],
)
def test_an_answer_that_lambda_can_not_carry_is_refused_with_the_way_out(
    caller: Caller, body: bytes, kind: str
) -> None:
    caller.runtime.add_response("invoke_endpoint", answer(body, kind=kind), asked())

    found = caller.call("POST", "/api/v1", body=ROW)

    assert found.status == 413
    assert "POST /async/" in found.json["error"]["message"]


@pytest.mark.parametrize(
    ("origin", "expected"),
    [("https://a.example", "https://a.example"), ("https://b.example", None), (None, None)],
)
def test_only_allowed_origins_may_read(
    caller: Caller, origin: str | None, expected: str | None
) -> None:
    headers = {"Origin": origin} if origin else None
    found = caller.call(
        "POST", "/api/v1/{variant}", "x", headers=headers, allowed_origins=("https://a.example",)
    )

    assert found.headers.get("Access-Control-Allow-Origin") == expected
    assert found.headers["Vary"] == "Origin"
