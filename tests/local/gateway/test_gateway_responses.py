import json
from dataclasses import replace

from multidict import CIMultiDict

from local.assembly.resources.rest_api import GatewayResponse, RestApi
from local.gateway.gateway_responses import (
    BAD_GATEWAY,
    NOT_FOUND,
    TIMEOUT,
    Fault,
    render_fault,
)
from local.gateway.http_messages import ApiRequest

API = RestApi("api1", "arn:api", "dev", (), (), {})


def _request(verb: str = "GET", **headers: str) -> ApiRequest:
    return ApiRequest(verb, "/x", "", CIMultiDict(headers), b"", "127.0.0.1", "id-1")


def _customised(*responses: GatewayResponse) -> RestApi:
    return replace(API, gateway_responses={r.kind: r for r in responses})


def test_the_default_is_that_of_aws() -> None:
    response = render_fault(API, NOT_FOUND, _request())
    assert (response.status, json.loads(response.body)) == (
        403,
        {"message": "Missing Authentication Token"},
    )
    assert response.headers["x-amzn-ErrorType"] == "MISSING_AUTHENTICATION_TOKEN"


def test_a_template_puts_in_the_error() -> None:
    template = '{"code":"$context.error.responseType","message":$context.error.messageString}'
    fault = Fault("BAD_REQUEST_BODY", 400, 'say "what"')
    api = _customised(GatewayResponse("DEFAULT_4XX", None, {}, {"application/json": template}))
    response = render_fault(api, fault, _request())
    assert json.loads(response.body) == {"code": "BAD_REQUEST_BODY", "message": 'say "what"'}
    assert response.status == 400


def test_the_type_itself_goes_before_its_default() -> None:
    api = _customised(
        GatewayResponse("DEFAULT_5XX", 599, {}, {}),
        GatewayResponse("INTEGRATION_TIMEOUT", 508, {}, {"text/plain": "late ${context.stage}"}),
    )
    timeout, other = (
        render_fault(api, TIMEOUT, _request()),
        render_fault(api, BAD_GATEWAY, _request()),
    )
    assert (timeout.status, timeout.body, timeout.headers["Content-Type"]) == (
        508,
        b"late dev",
        "text/plain",
    )
    assert other.status == 599


def test_headers_are_static_or_taken_from_the_request() -> None:
    headers = {
        "Access-Control-Allow-Origin": "'*'",
        "X-Origin": "method.request.header.Origin",
        "X-Id": "context.requestId",
        "X-None": "method.request.header.Absent",
    }
    api = _customised(GatewayResponse("DEFAULT_4XX", None, headers, {}))
    response = render_fault(api, NOT_FOUND, _request(Origin="https://a.example"))
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert response.headers["X-Origin"] == "https://a.example"
    assert response.headers["X-Id"] == "id-1"
    assert "X-None" not in response.headers
