import gzip
import random
import time
import zlib

import pytest

from serving.api.headers.content_codings import MIB, pack, unpack
from serving.api.routing import Response
from serving.errors import BadRequest, NotAcceptable, RequestTooLarge, UnsupportedCoding

BODY = b'{"instances": [[5.1, 3.5, 1.4, 0.2]]}'
LIMIT = 25 * MIB


def bare(body: bytes) -> bytes:
    stream = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return stream.compress(body) + stream.flush()


@pytest.mark.parametrize(
    ("coding", "packed"),
    [
        ("gzip", gzip.compress(BODY)),
        ("GZIP", gzip.compress(BODY)),
        ("x-gzip", gzip.compress(BODY)),
        ("gzip", gzip.compress(BODY[:9]) + gzip.compress(BODY[9:])),
        ("gzip", gzip.compress(BODY) + b"\0" * 512),
        ("deflate", zlib.compress(BODY)),
        ("deflate", bare(BODY)),
        ("deflate, gzip", gzip.compress(zlib.compress(BODY))),
        ("gzip, identity", gzip.compress(BODY)),
        ("identity", BODY),
        ("", BODY),
    ],
)
def test_every_coding_is_undone(coding: str, packed: bytes) -> None:
    assert unpack(packed, coding, LIMIT) == BODY


def test_a_body_of_pieces_is_undone_whole() -> None:
    body = random.Random(0).randbytes(3 * MIB)
    assert unpack(gzip.compress(body), "gzip", LIMIT) == body
    assert unpack(b"", "gzip", LIMIT) == b""


@pytest.mark.parametrize("coding", ["br", "zstd", "compress", "gzip, br", "chunked"])
def test_an_unknown_coding_is_refused(coding: str) -> None:
    with pytest.raises(UnsupportedCoding, match="send gzip, deflate or no coding"):
        unpack(BODY, coding, LIMIT)


def test_a_body_that_is_packed_too_often_is_refused() -> None:
    with pytest.raises(UnsupportedCoding, match="too often"):
        unpack(BODY, "gzip, gzip, gzip, gzip", LIMIT)


@pytest.mark.parametrize(
    ("coding", "packed", "text"),
    [
        ("gzip", BODY, "isn't gzip"),
        ("deflate", BODY, "isn't deflate"),
        ("gzip", zlib.compress(BODY), "isn't gzip"),
        ("gzip", gzip.compress(BODY)[:-3], "too early"),
        ("gzip", gzip.compress(BODY)[:12], "too early"),
        ("gzip", gzip.compress(BODY) + b"more", "isn't gzip"),
        ("deflate", zlib.compress(BODY) + b"more", "more follows"),
        ("gzip", gzip.compress(BODY)[:-8] + bytes(8), "isn't gzip"),
        ("gzip", gzip.compress(b"") * 5000, "members"),
    ],
)
def test_a_body_that_is_something_else_is_refused(coding: str, packed: bytes, text: str) -> None:
    with pytest.raises(BadRequest, match=text) as refused:
        unpack(packed, coding, LIMIT)
    assert refused.value.field == "Content-Encoding"


@pytest.mark.parametrize(
    ("coding", "bomb"),
    [
        ("gzip", gzip.compress(bytes(200 * MIB), 9)),
        ("gzip, gzip", gzip.compress(gzip.compress(bytes(200 * MIB), 9), 9)),
        ("gzip", gzip.compress(bytes(MIB), 9) * 30),
        ("deflate", bare(bytes(6 * MIB))),
    ],
)
def test_a_bomb_is_refused_in_time(coding: str, bomb: bytes) -> None:
    begun = time.perf_counter()
    with pytest.raises(RequestTooLarge, match="once it is unpacked"):
        unpack(bomb, coding, LIMIT)
    assert time.perf_counter() - begun < 1


def test_a_table_of_zeros_is_no_bomb() -> None:
    zeros = bytes(4 * MIB)
    assert unpack(gzip.compress(zeros), "gzip", LIMIT) == zeros


def answer(size: int = 5000, kind: str = "application/json") -> Response:
    return Response(200, (b"[0.25,0.75]," * size)[:size], {"content-type": kind})


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        ("gzip", "gzip"),
        ("gzip, deflate, br, zstd", "gzip"),
        ("deflate", "deflate"),
        ("deflate;q=1.0, gzip;q=0.5", "deflate"),
        ("x-gzip", "gzip"),
        ("*", "gzip"),
        ("gzip;q=0, *", "deflate"),
        ("br", None),
        ("br, *;q=0.1", "gzip"),
        ("gzip;q=0", None),
        ("*;q=0, identity", None),
        ("identity, gzip;q=0.5", None),
        ("identity;q=0.5, gzip;q=0.5", "gzip"),
        ("", None),
    ],
)
def test_answers_are_packed_as_is_preferred(accepted: str, coding: str | None) -> None:
    response, plain = answer(), answer().body
    pack(response, accepted, is_small=False)
    assert response.headers.get("content-encoding") == coding
    assert response.is_text is (coding is None)
    assert unpack(response.body, coding or "identity", LIMIT) == plain


def test_what_gains_nothing_is_packed_where_nothing_else_is_allowed() -> None:
    for is_small, kind in ((True, "application/json"), (False, "image/png")):
        response = answer(kind=kind)
        pack(response, "gzip", is_small=is_small)
        assert "content-encoding" not in response.headers
        pack(response, "gzip, identity;q=0", is_small=is_small)
        assert response.headers["content-encoding"] == "gzip"


def test_what_would_grow_is_sent_as_it_is() -> None:
    response = Response(200, random.Random(0).randbytes(5000), {})
    pack(response, "gzip", is_small=False)
    assert "content-encoding" not in response.headers


@pytest.mark.parametrize("accepted", ["br, identity;q=0", "*;q=0", "identity;q=0"])
def test_an_answer_in_no_coding_that_is_allowed_is_refused(accepted: str) -> None:
    with pytest.raises(NotAcceptable, match="accept gzip, deflate or identity"):
        pack(answer(), accepted, is_small=False)
