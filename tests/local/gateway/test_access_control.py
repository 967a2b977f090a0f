"""Who is let in under API_AUTH=template: read from the template, and asked over HTTP."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from multidict import CIMultiDict

from local.assembly.reader import read_assembly
from local.assembly.resources.rest_api import Method, RestApi, ThrottleLimit
from local.errors import AssemblyError
from local.gateway.access_control import AccessControl
from local.gateway.caller_credentials import CallerCredentials
from local.gateway.gateway_responses import INVALID_API_KEY, THROTTLED
from local.gateway.http_messages import ApiRequest
from tests.local.gateway.signing import call, signed_headers
from tests.local.sample.assembly_folder import write_assembly
from tests.local.sample.resources import Template
from tests.local.sample.template import sample_template
from tests.local.sample_run import Run, start

pytestmark = pytest.mark.slow

CREDENTIALS = CallerCredentials("LOCALKEY", "its secret", "an API key")


def guarded() -> Template:
    """Return the sample, with one method for signatures and one for keys."""
    template = sample_template()
    template["Post"]["Properties"]["AuthorizationType"] = "AWS_IAM"
    template["Get"]["Properties"]["ApiKeyRequired"] = True
    template["Stg"]["Properties"]["MethodSettings"] = [
        {
            "HttpMethod": "*",
            "ResourcePath": "/*",
            "ThrottlingRateLimit": 50,
            "ThrottlingBurstLimit": 60,
        }
    ]
    stage = {"ApiId": {"Ref": "Api"}, "Stage": {"Ref": "Stg"}}
    template |= {
        "Key": {"Type": "AWS::ApiGateway::ApiKey", "Properties": {"Enabled": True}},
        "Plan": {
            "Type": "AWS::ApiGateway::UsagePlan",
            # Slower than any test: what is taken doesn't come back.
            "Properties": {
                "ApiStages": [stage],
                "Throttle": {"RateLimit": 0.001, "BurstLimit": 2},
            },
        },
        "Member": {
            "Type": "AWS::ApiGateway::UsagePlanKey",
            "Properties": {
                "KeyId": {"Ref": "Key"},
                "KeyType": "API_KEY",
                "UsagePlanId": {"Ref": "Plan"},
            },
        },
    }
    return template


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    folder = tmp_path_factory.mktemp("guarded")
    assembly = write_assembly(folder / "out", guarded())
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("API_AUTH", "template")
        run = start(assembly, folder / "state")
    yield run
    run.stop()


def _pair(run: Run) -> dict[str, str]:
    return {name: run.endpoints[name] for name in ("access_key", "secret_key")}


def _api(*methods: Method, **limits: Any) -> RestApi:
    return RestApi("api1", "arn:api", "dev", (), methods, {}, **limits)


def _request() -> ApiRequest:
    return ApiRequest("GET", "/x", "", CIMultiDict(), b"", "127.0.0.1")


def _method(**asked: Any) -> Method:
    return Method("GET", "id", "/x", "AWS_PROXY", "arn", 29.0, {}, None, (), **asked)


def test_limits_and_keys_are_read_from_the_template(tmp_path: Path) -> None:
    (api,) = read_assembly(write_assembly(tmp_path / "out", guarded())).apis
    asked = {(m.verb, m.authorization, m.key_required) for m in api.methods}

    assert api.limit == ThrottleLimit(50, 60)
    assert [(key.value, key.limit) for key in api.keys] == [(None, ThrottleLimit(0.001, 2))]
    assert {("POST", "AWS_IAM", False), ("GET", "NONE", True)} <= asked


def test_a_key_that_is_disabled_or_of_another_stage_opens_nothing(tmp_path: Path) -> None:
    disabled, other = guarded(), guarded()
    disabled["Key"]["Properties"]["Enabled"] = False
    other["Plan"]["Properties"]["ApiStages"][0]["Stage"] = "prod"
    for number, template in enumerate((disabled, other)):
        (api,) = read_assembly(write_assembly(tmp_path / str(number), template)).apis
        control = AccessControl(api, "1", "us-east-1", CREDENTIALS)
        request = ApiRequest(
            "GET", "/x", "", CIMultiDict({"X-Api-Key": "an API key"}), b"", "127.0.0.1"
        )
        assert control.admit(_method(key_required=True), request) is INVALID_API_KEY


def test_the_limit_of_the_stage_is_for_all_callers() -> None:
    method = _method()
    control = AccessControl(
        _api(method, limit=ThrottleLimit(0.001, 1)), "1", "us-east-1", CREDENTIALS
    )

    assert isinstance(control.admit(method, _request()), ApiRequest)
    assert control.admit(method, _request()) is THROTTLED


@pytest.mark.parametrize("authorization", ["COGNITO_USER_POOLS", "CUSTOM"])
def test_what_only_aws_can_check_stops_the_start(authorization: str) -> None:
    with pytest.raises(AssemblyError, match=f"GET /x asks for {authorization}, .*API_AUTH=none"):
        AccessControl(_api(_method(authorization=authorization)), "1", "us-east-1", CREDENTIALS)


def test_unsigned_and_wrongly_signed_requests_are_refused(run: Run) -> None:
    url = f"{run.endpoints['api']}/things"
    pair = _pair(run)
    unsigned = requests.post(url, data=b"x", timeout=20)
    wrong = call("POST", url, {**pair, "secret_key": "guessed"}, b"x")
    headers = signed_headers("POST", url, b"x", **pair)
    tampered = requests.post(url, data=b"y", headers=headers, timeout=20)

    assert (unsigned.status_code, unsigned.json()) == (
        403,
        {"code": "MISSING_AUTHENTICATION_TOKEN", "message": "Missing Authentication Token"},
    )
    for answer in (wrong, tampered):
        assert (answer.status_code, answer.json()["code"]) == (403, "INVALID_SIGNATURE")
        assert "does not match the signature you provided" in answer.json()["message"]


def test_signed_requests_are_let_in_and_the_function_is_told_by_whom(run: Run) -> None:
    answer = call("POST", f"{run.endpoints['api']}/things?b=2&a=%20", _pair(run), b'{"a": 1}')
    identity = answer.json()["event"]["requestContext"]["identity"]

    assert answer.status_code == 201
    assert identity["accessKey"] == run.endpoints["access_key"]
    assert identity["userArn"] == "arn:aws:iam::123456789012:user/local"


@pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed")
def test_curl_signs_so_too(run: Run) -> None:
    user = f"{run.endpoints['access_key']}:{run.endpoints['secret_key']}"
    scope = f"aws:amz:{run.endpoints['region']}:execute-api"
    done = subprocess.run(
        [
            *("curl", "--silent", "--aws-sigv4", scope, "--user", user),
            *("--data", '{"a": 1}', f"{run.endpoints['api']}/things"),
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout)["event"]["body"] == '{"a": 1}'


def test_keys_open_until_their_limit(run: Run) -> None:
    url = f"{run.endpoints['api']}/things/fine"
    keys = [None, "guessed", *[run.endpoints["api_key"]] * 3]
    answers = [requests.get(url, headers={"x-api-key": key}, timeout=20) for key in keys]

    assert [a.status_code for a in answers] == [403, 403, 201, 201, 429]
    assert [a.json().get("code") for a in answers] == [
        *("INVALID_API_KEY", "INVALID_API_KEY", None, None, "THROTTLED"),
    ]
    assert answers[0].json()["message"] == "Forbidden"
    assert answers[-1].json()["message"] == "Too Many Requests"
    identity = answers[2].json()["event"]["requestContext"]["identity"]
    assert identity["apiKey"] == run.endpoints["api_key"]


def test_preflights_and_routes_that_are_not_there_ask_for_nothing_more(run: Run) -> None:
    api = run.endpoints["api"]
    assert requests.options(f"{api}/things", timeout=20).status_code == 204
    lost = call("GET", f"{api}/nothing", _pair(run))
    assert (lost.status_code, lost.json()["code"]) == (403, "MISSING_AUTHENTICATION_TOKEN")


def test_over_sized_requests_are_refused_signed_or_not(run: Run) -> None:
    url, body = f"{run.endpoints['api']}/things", b"x" * 10_500_000
    for answer in (call("POST", url, _pair(run), body), requests.post(url, body, timeout=20)):
        assert (answer.status_code, answer.json()["code"]) == (413, "REQUEST_TOO_LARGE")


def test_credentials_are_made_up_at_each_start(run: Run) -> None:
    made = [CallerCredentials.generate() for _ in range(2)]
    assert made[0] != made[1]
    assert run.endpoints["access_key"] not in ("local", made[0].access_key)
    assert run.endpoints["api_auth"] == "template"
