import base64
from dataclasses import replace

import pytest
from multidict import CIMultiDict

from local.assembly.resources.rest_api import Method, RestApi
from local.gateway.http_messages import ApiRequest
from local.gateway.proxy_event import build_proxy_event

METHOD = Method(
    "POST", "res1", "/models/{model}", "AWS_PROXY", "arn", 29.0, {}, None, ()
)  # fmt: skip
API = RestApi("api1", "arn:api", "dev", (), (METHOD,), {})


def request(**changes: object) -> ApiRequest:
    base = ApiRequest(
        verb="POST",
        path="/models/my%20model",
        query="",
        headers=CIMultiDict({"Host": "127.0.0.1:8000", "User-Agent": "test"}),
        body=b"",
        source_ip="127.0.0.1",
        request_id="id-1",
    )
    return replace(base, **changes)  # type: ignore[arg-type]  # names are checked by replace


def test_the_event_has_every_field_of_version_1() -> None:
    event = build_proxy_event(API, "1234", METHOD, request(), {"model": "my model"})
    assert set(event) == {
        "resource", "path", "httpMethod", "headers", "multiValueHeaders", "queryStringParameters",
        "multiValueQueryStringParameters", "pathParameters", "stageVariables", "requestContext",
        "body", "isBase64Encoded",
    }  # fmt: skip
    assert (event["resource"], event["path"]) == ("/models/{model}", "/models/my%20model")
    assert event["pathParameters"] == {"model": "my model"}
    assert event["queryStringParameters"] is event["multiValueQueryStringParameters"] is None
    assert (event["body"], event["isBase64Encoded"]) == (None, False)
    context = event["requestContext"]
    assert isinstance(context, dict)
    expected = {
        "stage": "dev", "path": "/dev/models/my%20model", "requestId": "id-1", "apiId": "api1",
        "resourceId": "res1", "resourcePath": "/models/{model}", "accountId": "1234",
    }  # fmt: skip
    assert expected.items() <= context.items()
    assert isinstance(context["identity"], dict)
    assert context["identity"]["sourceIp"] == "127.0.0.1"
    assert context["identity"]["userArn"] is None


def test_repeated_values_are_kept_in_the_multi_value_maps() -> None:
    headers = CIMultiDict([("X-A", "1"), ("X-A", "2")])
    event = build_proxy_event(
        API, "1", METHOD, request(query="a=1&a=%C3%A9+b&c=", headers=headers), {}
    )
    assert event["queryStringParameters"] == {"a": "é b", "c": ""}
    assert event["multiValueQueryStringParameters"] == {"a": ["1", "é b"], "c": [""]}
    assert event["headers"] == {"X-A": "2"}
    assert event["multiValueHeaders"] == {"X-A": ["1", "2"]}
    assert event["pathParameters"] is None


def test_text_that_is_not_utf8_is_mangled_as_on_aws() -> None:
    event = build_proxy_event(API, "1", METHOD, request(body=b"a\xff\xc3\xa9"), {})
    assert (event["body"], event["isBase64Encoded"]) == ("a\ufffdé", False)


@pytest.mark.parametrize(
    ("types", "content_type", "binary"),
    [
        (("*/*",), None, True),
        (("application/octet-stream",), "application/octet-stream; x=1", True),
        (("image/*",), "image/png", True),
        (("application/octet-stream",), "application/json", False),
        ((), "application/octet-stream", False),
    ],
)
def test_binary_media_types_decide_on_base64(
    types: tuple[str, ...], content_type: str | None, binary: bool
) -> None:
    headers = CIMultiDict({"Content-Type": content_type} if content_type else {})
    api = replace(API, binary_types=types)
    event = build_proxy_event(api, "1", METHOD, request(body=b"\x00a", headers=headers), {})
    expected = base64.b64encode(b"\x00a").decode() if binary else "\x00a"
    assert (event["body"], event["isBase64Encoded"]) == (expected, binary)
