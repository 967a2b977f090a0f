"""An S3 server with one object, that fails over real sockets in the ways that it is told to."""

import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

from serving.records.manifest import Source

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

ETAG = "0123456789abcdef0123456789abcdef"


@dataclass
class FaultyS3:
    """Set a field and the server does it, from the next request on.

    Attributes:
        stated: further headers of the answer to HEAD, such as a checksum.
        break_at: offsets at which the connection breaks, once for each time an offset is listed.
        refusal: status and code of the answer to each GET that begins at `refuse_from` or later.
        wrong_range: what the answer says in Content-Range.
        requests: method, Range and If-Match of all that were served.
    """

    content: bytes
    stated: Mapping[str, str] = field(default_factory=dict)
    break_at: list[int] = field(default_factory=list)
    refusal: tuple[int, str] | None = None
    refuse_from: int = 0
    wrong_range: str | None = None
    requests: list[tuple[str, str | None, str | None]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def source(self, size: int | None = None) -> Source:
        moment = "2026-11-21T01:02:03Z"
        there = len(self.content) if size is None else size
        return Source("models", "m.joblib", "v1", moment, ETAG, there)

    def breaks_between(self, start: int, end: int) -> int | None:
        with self.lock:
            for offset in self.break_at:
                if start <= offset < end:
                    self.break_at.remove(offset)
                    return offset
        return None


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    s3: FaultyS3

    def do_HEAD(self) -> None:
        self._begin(200, len(self.s3.content), {"ETag": f'"{ETAG}"', **self.s3.stated})

    def do_GET(self) -> None:
        span = re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers["Range"])
        assert span is not None
        start, end = int(span[1]), int(span[2]) + 1
        if self.s3.refusal is not None and start >= self.s3.refuse_from:
            status, code = self.s3.refusal
            body = f"<Error><Code>{code}</Code><Message>why</Message></Error>".encode()
            self._begin(status, len(body), {})
            self.wfile.write(body)
            return
        total = len(self.s3.content)
        given = self.s3.wrong_range or f"bytes {start}-{end - 1}/{total}"
        self._begin(206, end - start, {"Content-Range": given})
        broken = self.s3.breaks_between(start, end)
        self.wfile.write(memoryview(self.s3.content)[start : end if broken is None else broken])
        self.close_connection = self.close_connection or broken is not None

    def _begin(self, status: int, length: int, headers: Mapping[str, str]) -> None:
        record = (self.command, self.headers.get("Range"), self.headers.get("If-Match"))
        self.s3.requests.append(record)
        self.send_response(status)
        self.send_header("Content-Length", str(length))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the parent's signature)
        pass


@contextmanager
def serving(s3: FaultyS3) -> Iterator[str]:
    """Serve it on a free port; give the endpoint."""
    handler = type("BoundHandler", (Handler,), {"s3": s3})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def client(endpoint: str) -> "S3Client":
    """Return a client for it that, unlike the loader's, doesn't try requests again."""
    return boto3.client(
        "s3",
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
        config=Config(retries={"total_max_attempts": 1}),
    )
