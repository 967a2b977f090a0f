"""Reads one write of an object from S3 in parallel ranges, straight into a file."""

import logging
import os
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import TYPE_CHECKING, Any

from botocore.exceptions import HTTPClientError, IncompleteReadError
from botocore.response import StreamingBody
from urllib3.exceptions import HTTPError

from serving.errors import TransferError, UploadRejected
from serving.records.manifest import Source

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

RANGE_BYTES = 16 * 1024 * 1024
CHUNK_BYTES = 1024 * 1024
# S3 gives a connection some 80 MB/s. boto3's connection pool holds 10.
STREAMS = 8
# Before each attempt to read on.
PAUSES_SECONDS = (0.0, 0.1, 0.2, 0.4, 0.8)
# botocore retries until an answer begins, and leaves a body that breaks off to its caller.
BROKEN = (HTTPClientError, IncompleteReadError, HTTPError, ConnectionError, TimeoutError)

logger = logging.getLogger(__name__)


class RemoteObject:
    """One write of an object; S3 answers 404 or 412 when the key holds another by now."""

    def __init__(self, s3: "S3Client", source: Source) -> None:
        self._s3 = s3
        self.source = source
        self._address: dict[str, Any] = {"Bucket": source.bucket, "Key": source.key}
        if source.version_id != source.etag:
            self._address["VersionId"] = source.version_id
        # A version id alone isn't enough, because the version `null` can be overwritten.
        self._pinned = {**self._address, "IfMatch": f'"{source.etag}"'}

    def head(self) -> Mapping[str, Any]:
        """Ask for the object's metadata with its checksums."""
        return self._s3.head_object(**self._pinned, ChecksumMode="ENABLED")

    def part_sizes(self, count: int) -> list[int]:
        """Ask for the sizes of the parts that it was uploaded in."""
        with ThreadPoolExecutor(STREAMS) as pool:
            return list(pool.map(self._part_size, range(1, count + 1)))

    def _part_size(self, number: int) -> int:
        # Not pinned by ETag: some servers compare it with the part's own.
        return self._s3.head_object(**self._address, PartNumber=number)["ContentLength"]

    def open(self, start: int, end: int) -> StreamingBody:
        """Begin to read the bytes from `start` to `end`.

        Raises:
            UploadRejected: S3 has fewer bytes than it said.
        """
        answer = self._s3.get_object(**self._pinned, Range=f"bytes={start}-{end - 1}")
        given, asked = answer.get("ContentRange"), f"bytes {start}-{end - 1}/{self.source.size}"
        if given != asked:
            answer["Body"].close()
            raise UploadRejected(
                "TRUNCATED",
                f"{self.source.key!r}: asked for {asked}, S3 gave {given}. Upload it again.",
            )
        return answer["Body"]


def fetch(
    remote: RemoteObject,
    descriptor: int,
    arrived: Callable[[int, int], None],
    range_bytes: int = RANGE_BYTES,
) -> None:
    """Write the object's bytes to the same places of the file.

    Args:
        arrived: called for each range in order, with its start and its end.

    Raises:
        TransferError: the connection broke again and again.
        OSError: the file system failed.
    """
    size = remote.source.size
    ranges = [(at, min(at + range_bytes, size)) for at in range(0, size, range_bytes)]
    pool = ThreadPoolExecutor(STREAMS, thread_name_prefix="range")
    try:
        futures = [pool.submit(_fetch_range, remote, descriptor, *each) for each in ranges]
        for (start, end), future in zip(ranges, futures, strict=True):
            future.result()
            arrived(start, end)
    finally:
        # This waits for running threads. None may write to a descriptor that was closed, since
        # its number can be another file's by then.
        pool.shutdown(cancel_futures=True)


def _fetch_range(remote: RemoteObject, descriptor: int, start: int, end: int) -> None:
    position = start
    for pause in PAUSES_SECONDS:
        time.sleep(pause)
        with closing(remote.open(position, end)) as body:
            try:
                while position < end:
                    chunk = body.read(min(CHUNK_BYTES, end - position))
                    if not chunk:
                        raise IncompleteReadError(actual_bytes=position, expected_bytes=end)
                    _write(descriptor, chunk, position)
                    position += len(chunk)
            except BROKEN as error:
                broken = error
            else:
                return
        logger.warning("%r broke off at byte %d: %r", remote.source.key, position, broken)
    raise TransferError(
        f"Reading {remote.source.key!r} from S3 broke off {len(PAUSES_SECONDS)} times between "
        f"bytes {start} and {end}, the last time at {position}: {broken}"
    ) from broken


def _write(descriptor: int, chunk: bytes, position: int) -> None:
    # A write can be short without an error, on a disk about to be full.
    while chunk:
        written = os.pwrite(descriptor, chunk, position)
        chunk, position = chunk[written:], position + written
