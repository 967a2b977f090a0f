"""Decodes bodies in the encoding `aws-chunked`, signed or not, with trailing headers or without.

Amazon S3 API Reference, "Signature calculations: transfer a payload in chunks". Signatures aren't
verified: the local system knows no secrets.
"""

from collections.abc import AsyncIterator, Mapping

from local.s3.errors import S3Error

MAX_LINE_BYTES = 16 * 1024


def is_aws_chunked(headers: Mapping[str, str]) -> bool:
    """Whether a request's body is in this encoding."""
    encodings = headers.get("Content-Encoding", "").lower().replace(" ", "").split(",")
    signed_as = headers.get("x-amz-content-sha256", "")
    return "aws-chunked" in encodings or signed_as.startswith("STREAMING-")


class AwsChunked:
    """The decoded body.

    Attributes:
        trailers: the headers that follow the last chunk, by lower-case name, once all was read.
    """

    def __init__(self, encoded: AsyncIterator[bytes]) -> None:
        self._encoded = encoded
        self._buffer = bytearray()
        self.trailers: dict[str, str] = {}

    async def chunks(self) -> AsyncIterator[bytes]:
        """Yields the content; raises `S3Error` where the encoding is wrong or ends too early."""
        while left := _size(await self._line()):
            while left:
                if not self._buffer:
                    await self._fill()
                data = bytes(self._buffer[:left])
                del self._buffer[: len(data)]
                left -= len(data)
                yield data
            if await self._line():
                raise _malformed()
        async for line in self._rest():
            name, colon, value = line.partition(b":")
            if not colon:
                raise S3Error("MalformedTrailerError", "The trailing headers are malformed.")
            self.trailers[name.decode("latin-1").strip().lower()] = value.decode("latin-1").strip()

    async def _line(self) -> bytes:
        while b"\n" not in self._buffer:
            if len(self._buffer) > MAX_LINE_BYTES:
                raise _malformed()
            await self._fill()
        line, _, rest = bytes(self._buffer).partition(b"\n")
        self._buffer = bytearray(rest)
        return line.rstrip(b"\r")

    async def _rest(self) -> AsyncIterator[bytes]:
        async for data in self._encoded:
            self._buffer += data
            if len(self._buffer) > MAX_LINE_BYTES:
                raise _malformed()
        for line in bytes(self._buffer).splitlines():
            if line:
                yield line

    async def _fill(self) -> None:
        async for data in self._encoded:
            self._buffer += data
            return
        raise S3Error("IncompleteBody", "The request body terminated unexpectedly.")


def _size(line: bytes) -> int:
    try:
        return int(line.partition(b";")[0], 16)
    except ValueError:
        raise _malformed() from None


def _malformed() -> S3Error:
    return S3Error("InvalidRequest", "The body is not in the encoding aws-chunked.")
