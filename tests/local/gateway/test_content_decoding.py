import gzip
import zlib

import pytest
from multidict import CIMultiDict

from local.gateway.content_decoding import unpack
from local.gateway.gateway_responses import TOO_LARGE, UNSUPPORTED_CODING
from local.gateway.http_messages import ApiRequest

BODY = b'{"model": "iris"}'


def request(coding: str, body: bytes) -> ApiRequest:
    headers = CIMultiDict({"content-encoding": coding})
    return ApiRequest("POST", "/inference", "", headers, body, "127.0.0.1")


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("gzip", gzip.compress(BODY)),
        ("GZIP", gzip.compress(BODY[:5]) + gzip.compress(BODY[5:])),
        ("deflate", zlib.compress(BODY)),
        ("identity", BODY),
    ],
)
def test_a_body_is_unpacked_and_the_header_stays(coding: str, body: bytes) -> None:
    unpacked = unpack(request(coding, body), 100)
    assert isinstance(unpacked, ApiRequest)
    assert (unpacked.body, unpacked.headers["Content-Encoding"]) == (BODY, coding)


@pytest.mark.parametrize(
    ("coding", "body"),
    [
        ("br", BODY),
        ("gzip, gzip", gzip.compress(gzip.compress(BODY))),
        ("gzip", BODY),
        ("gzip", gzip.compress(BODY)[:-2]),
        ("deflate", gzip.compress(BODY)),
    ],
)
def test_what_cannot_be_unpacked_is_refused(coding: str, body: bytes) -> None:
    assert unpack(request(coding, body), 100) == UNSUPPORTED_CODING


@pytest.mark.parametrize("body", [gzip.compress(bytes(101)), gzip.compress(bytes(60)) * 2])
def test_what_is_too_large_once_unpacked_is_refused(body: bytes) -> None:
    assert unpack(request("gzip", body), 100) == TOO_LARGE
