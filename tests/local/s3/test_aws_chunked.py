"""The encoding aws-chunked, however the connection cuts it."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from local.s3.aws_chunked import AwsChunked, is_aws_chunked
from local.s3.errors import S3Error

UNSIGNED = b"5\r\nhello\r\n6\r\n world\r\n0\r\nx-amz-checksum-crc32:DUoRhQ==\r\n\r\n"
SIGNED = (
    b"5;chunk-signature=ab\r\nhello\r\n6;chunk-signature=cd\r\n world\r\n0;chunk-signature=ef\r\n"
    b"x-amz-checksum-crc32: DUoRhQ==\r\nx-amz-trailer-signature:aa\r\n\r\n"
)


def decoded(encoded: bytes, step: int) -> tuple[bytes, dict[str, str]]:
    async def pieces() -> AsyncIterator[bytes]:
        for start in range(0, len(encoded), step):
            yield encoded[start : start + step]

    async def read() -> tuple[bytes, dict[str, str]]:
        body = AwsChunked(pieces())
        content = b"".join([chunk async for chunk in body.chunks()])
        return content, body.trailers

    return asyncio.run(read())


@pytest.mark.parametrize("encoded", [UNSIGNED, SIGNED])
@pytest.mark.parametrize("step", [1, 2, 3, 7, 1000])
def test_content_and_trailers_come_out(encoded: bytes, step: int) -> None:
    content, trailers = decoded(encoded, step)
    assert content == b"hello world"
    assert trailers["x-amz-checksum-crc32"] == "DUoRhQ=="


def test_there_may_be_no_content_and_no_trailer() -> None:
    assert decoded(b"0\r\n\r\n", 2) == (b"", {})


@pytest.mark.parametrize(
    ("encoded", "code"),
    [
        (b"", "IncompleteBody"),
        (b"5\r\nhel", "IncompleteBody"),
        (b"5\r\nhello\r\n", "IncompleteBody"),
        (b"5\r\nhello world\r\n0\r\n\r\n", "InvalidRequest"),
        (b"hello world\r\n", "InvalidRequest"),
        (b"0\r\nno colon\r\n\r\n", "MalformedTrailerError"),
        (b"1" * 20_000, "InvalidRequest"),
    ],
)
def test_a_wrong_encoding_is_refused_with_s3s_code(encoded: bytes, code: str) -> None:
    with pytest.raises(S3Error) as refused:
        decoded(encoded, 100)
    assert refused.value.code == code


def test_which_requests_are_encoded_so() -> None:
    assert is_aws_chunked({"Content-Encoding": "gzip, aws-chunked"})
    assert is_aws_chunked({"x-amz-content-sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER"})
    assert not is_aws_chunked({"Content-Encoding": "gzip", "x-amz-content-sha256": "ab"})
