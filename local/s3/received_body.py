"""The body of an upload, received whole and verified before the S3 server gets it."""

import base64
import binascii
import tempfile
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import IO

from aiohttp import web
from multidict import CIMultiDict

from local.s3.aws_chunked import AwsChunked, is_aws_chunked
from local.s3.checksums import ALGORITHMS, Checksum
from local.s3.errors import S3Error, bad_digest, invalid_header
from local.s3.forwarding import CHUNK_BYTES, end_to_end_headers, stream_body

IN_MEMORY_BYTES = 8 << 20
PREFIX = "x-amz-checksum-"
ALGORITHM = "x-amz-sdk-checksum-algorithm"
NO_CHECKSUMS = (f"{PREFIX}mode", f"{PREFIX}type", f"{PREFIX}algorithm")
# What describes the body as it came, which isn't how it goes on.
_ENCODING = ("Content-Encoding", "Content-Length", "Transfer-Encoding", "x-amz-trailer")


@dataclass(frozen=True)
class ReceivedBody:
    """A body without the encodings of its transfer.

    Attributes:
        file: the content, from its start.
        digests: the checksums that were verified or asked for, by algorithm.
    """

    file: IO[bytes]
    size: int
    digests: dict[str, bytes]

    def headers(self, request: web.BaseRequest) -> CIMultiDict[str]:
        """Returns the request's headers as they fit this body."""
        headers = end_to_end_headers(request.headers)
        kept = [e.strip() for e in headers.get("Content-Encoding", "").split(",")]
        kept = [each for each in kept if each and each.lower() != "aws-chunked"]
        for name in (*_ENCODING, "x-amz-decoded-content-length"):
            headers.popall(name, None)
        if kept:
            headers["Content-Encoding"] = ",".join(kept)
        if "x-amz-content-sha256" in headers:
            headers["x-amz-content-sha256"] = "UNSIGNED-PAYLOAD"
        headers["Content-Length"] = str(self.size)
        for algorithm, digest in self.digests.items():
            headers[ALGORITHM] = algorithm
            headers[PREFIX + algorithm.lower()] = base64.b64encode(digest).decode()
        return headers


async def receive(request: web.BaseRequest) -> ReceivedBody:
    """Receives the body of a PUT; raises `S3Error` where it isn't what the request says."""
    headers = request.headers
    algorithm = _algorithm(headers)
    body: AsyncIterator[bytes] = stream_body(request)
    decoder = AwsChunked(body) if is_aws_chunked(headers) else None
    if decoder is not None:
        body = decoder.chunks()
    sums = {
        name: ALGORITHMS[name]() for name in ("MD5", "SHA256", *([algorithm] if algorithm else []))
    }
    file: IO[bytes] = tempfile.SpooledTemporaryFile(IN_MEMORY_BYTES)  # noqa: SIM115 the caller closes it
    try:
        size = 0
        async for chunk in body:
            size += file.write(chunk)
            for each in sums.values():
                each.update(chunk)
        _verify_size(headers, size)
        _verify(headers, {} if decoder is None else decoder.trailers, algorithm, sums)
    except BaseException:
        file.close()
        raise
    file.seek(0)
    return ReceivedBody(file, size, {algorithm: sums[algorithm].digest()} if algorithm else {})


def _algorithm(headers: Mapping[str, str]) -> str | None:
    """Returns the algorithm of the checksum that comes with the body, before it or after it."""
    names = [name.lower() for name in headers if name.lower().startswith(PREFIX)]
    names = [name for name in names if name not in NO_CHECKSUMS]
    trailing = headers.get("x-amz-trailer", "").lower().replace(" ", "").split(",")
    names += [name for name in trailing if name.startswith(PREFIX)]
    if len(names) > 1:
        raise S3Error(
            "InvalidRequest",
            f"Expecting a single {PREFIX} header. Multiple checksum Types are not allowed.",
        )
    stated = headers.get(ALGORITHM, "").upper()
    if not names and stated:
        raise S3Error(
            "InvalidRequest",
            f"{ALGORITHM} specified, but no corresponding {PREFIX}* or x-amz-trailer headers "
            "were found.",
        )
    found = names[0].removeprefix(PREFIX).upper() if names else None
    if found is not None and (found not in ALGORITHMS or stated not in ("", found)):
        raise invalid_header(ALGORITHM if stated else names[0])
    return found


def _verify_size(headers: Mapping[str, str], size: int) -> None:
    decoded = headers.get("x-amz-decoded-content-length")
    if decoded is not None and decoded != str(size):
        raise S3Error(
            "IncompleteBody",
            "You did not provide the number of bytes specified by the "
            "x-amz-decoded-content-length HTTP header.",
        )


def _verify(
    headers: Mapping[str, str],
    trailers: Mapping[str, str],
    algorithm: str | None,
    sums: Mapping[str, Checksum],
) -> None:
    md5 = headers.get("Content-MD5")
    if md5 is not None:
        try:
            given = base64.b64decode(md5, validate=True)
        except binascii.Error:
            given = b""
        if len(given) != 16:
            raise S3Error("InvalidDigest", "The Content-MD5 you specified was invalid.")
        if given != sums["MD5"].digest():
            raise S3Error(
                "BadDigest", "The Content-MD5 you specified did not match what we received."
            )
    signed = headers.get("x-amz-content-sha256", "")
    if len(signed) == 64 and signed.lower() != sums["SHA256"].digest().hex():
        raise S3Error(
            "XAmzContentSHA256Mismatch",
            "The provided 'x-amz-content-sha256' header does not match what was computed.",
        )
    if algorithm is not None:
        name = PREFIX + algorithm.lower()
        value = headers.get(name) or trailers.get(name)
        if value is None:
            raise S3Error("MalformedTrailerError", f"The trailing header {name} is missing.")
        verify_value(name, value, sums[algorithm].digest())


def verify_value(name: str, value: str, *digests: bytes) -> None:
    """Checks a checksum's text; raises `S3Error` where it is none, or none of these."""
    try:
        given = base64.b64decode(value, validate=True)
    except binascii.Error:
        raise invalid_header(name) from None
    if len(given) != len(digests[0]):
        raise invalid_header(name)
    if given not in digests:
        raise bad_digest(name.removeprefix(PREFIX).upper())


async def pieces(file: IO[bytes]) -> AsyncIterator[bytes]:
    """Yields the content from where it is."""
    while chunk := file.read(CHUNK_BYTES):
        yield chunk
