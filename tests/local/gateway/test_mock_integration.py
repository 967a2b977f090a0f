from dataclasses import replace

import pytest
from multidict import CIMultiDict

from local.assembly.resources.rest_api import Method, MockResponse, RestApi
from local.gateway import mock_integration
from local.gateway.gateway_responses import CONFIGURATION, UNSUPPORTED_TYPE
from local.gateway.http_messages import ApiRequest, ApiResponse

API = RestApi("api1", "arn:api", "dev", (), (), {})


def _request(verb: str = "GET", **headers: str) -> ApiRequest:
    return ApiRequest(verb, "/x", "", CIMultiDict(headers), b"", "127.0.0.1", "id-1")


PREFLIGHT = MockResponse(
    204,
    None,
    {"Access-Control-Allow-Origin": "'https://a.example'"},
    {
        "application/json": '#set($origin = $input.params().header.get("Origin"))\n'
        '#if($origin == "")\n'
        '  #set($origin = $input.params().header.get("origin"))\n'
        "#end\n"
        '#if($origin == "https://b.example")\n'
        "  #set($context.responseOverride.header.Access-Control-Allow-Origin = $origin)\n"
        "#end"
    },
)
OPTIONS = Method(
    "OPTIONS", "id", "/x", "MOCK", None, 29.0,
    {"application/json": "{ statusCode: 200 }"}, None, (PREFLIGHT,),
)  # fmt: skip


@pytest.mark.parametrize(
    ("headers", "allowed"),
    [
        ({}, "https://a.example"),
        ({"Origin": "https://b.example"}, "https://b.example"),
        ({"origin": "https://b.example"}, "https://b.example"),
        ({"Origin": "https://evil.example"}, "https://a.example"),
    ],
)
def test_the_preflight_of_cdk_answers_per_origin(headers: dict[str, str], allowed: str) -> None:
    response = mock_integration.respond(API, OPTIONS, _request("OPTIONS", **headers))
    assert isinstance(response, ApiResponse)
    assert (response.status, response.body) == (204, b"")
    assert response.headers["Access-Control-Allow-Origin"] == allowed


def test_a_preflight_of_a_binary_api_fails_unless_it_converts_to_text() -> None:
    api = replace(API, binary_types=("*/*",))
    assert mock_integration.respond(api, OPTIONS, _request("OPTIONS")) == CONFIGURATION
    converting = replace(OPTIONS, content_handling="CONVERT_TO_TEXT")
    response = mock_integration.respond(api, converting, _request("OPTIONS"))
    assert isinstance(response, ApiResponse)


def test_the_pattern_selects_the_response() -> None:
    teapot = MockResponse(418, "4\\d\\d", {}, {"text/plain": "tea"})
    method = replace(
        OPTIONS,
        responses=(PREFLIGHT, teapot),
        request_templates={"application/json": '{"statusCode":400}'},
    )
    response = mock_integration.respond(API, method, _request())
    assert isinstance(response, ApiResponse)
    assert (response.status, response.body) == (418, b"tea")


def test_a_mock_without_a_template_for_the_type() -> None:
    request = _request(**{"Content-Type": "text/csv"})
    assert mock_integration.respond(API, OPTIONS, request) == CONFIGURATION
    bare = replace(OPTIONS, request_templates={})
    assert mock_integration.respond(API, bare, request) == UNSUPPORTED_TYPE
