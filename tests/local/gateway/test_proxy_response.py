import json

import pytest
from multidict import CIMultiDict

from local.gateway.http_messages import ApiRequest
from local.gateway.proxy_response import MalformedResponse, parse_proxy_response


def _read(answer: object, types: tuple[str, ...] = (), **headers: str) -> tuple[int, object, bytes]:
    incoming = ApiRequest("GET", "/x", "", CIMultiDict(headers), b"", "127.0.0.1")
    response = parse_proxy_response(json.dumps(answer).encode(), incoming, types)
    return response.status, response.headers, response.body


def test_reads_an_answer() -> None:
    status, headers, body = _read({"statusCode": "201", "headers": {"X-A": 5}, "body": "é"})
    assert (status, body) == (201, "é".encode())
    assert headers == CIMultiDict({"X-A": "5", "Content-Type": "application/json"})


def test_multi_value_headers_win() -> None:
    answer = {"statusCode": 200, "headers": {"x-a": "0"}, "multiValueHeaders": {"X-A": ["1", "2"]}}
    _, headers, body = _read(answer)
    assert isinstance(headers, CIMultiDict)
    assert headers.getall("X-A") == ["1", "2"]
    assert body == b""


def test_base64_is_decoded_only_for_who_accepts_binary() -> None:
    answer = {"statusCode": 200, "body": "AAE=", "isBase64Encoded": True}
    assert _read(answer, ("*/*",))[2] == b"\x00\x01"
    assert _read(answer, ("image/png",), Accept="image/png, */*")[2] == b"\x00\x01"
    assert _read(answer, ("image/png",), Accept="*/*")[2] == b"AAE="


@pytest.mark.parametrize(
    "answer",
    [
        "text", None, [], {}, {"statusCode": "x"}, {"statusCode": 99},
        {"statusCode": 200, "body": {"a": 1}}, {"statusCode": 200, "headers": []},
        {"statusCode": 200, "headers": {"a": {}}}, {"statusCode": 200, "other": 1},
        {"statusCode": 200, "multiValueHeaders": {"a": "1"}},
    ],
)  # fmt: skip
def test_a_malformed_answer_is_refused(answer: object) -> None:
    with pytest.raises(MalformedResponse):
        _read(answer)


def test_bad_base64_is_malformed() -> None:
    with pytest.raises(MalformedResponse, match="Base64"):
        _read({"statusCode": 200, "body": "%", "isBase64Encoded": True}, ("*/*",))
