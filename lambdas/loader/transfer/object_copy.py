"""Copies an object from S3 into a file: whole, verified and durable.

An error that no other try can mend is raised as `UploadRejected`. Any other is raised as it comes,
so that Lambda tries again. Either way nothing is left of the file.
"""

import contextlib
import dataclasses
import errno
import hashlib
import logging
import os
from collections.abc import Iterator
from datetime import UTC
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from loader.bucket.error_codes import CHANGED, GONE
from loader.bucket.events import ObjectEvent
from loader.transfer import checksums, ranges
from loader.transfer.checksums import Checksum, StatedChecksum
from loader.transfer.ranges import RemoteObject
from loader.transfer.tree import Tree, new_file
from serving.errors import TransferError, UploadRejected
from serving.records.manifest import ModelFile, Source

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)

logger = logging.getLogger(__name__)


def inspect(s3: "S3Client", event: ObjectEvent) -> Source:
    """Ask S3 about the very version of the object that the event names.

    Raises:
        UploadRejected: it was deleted meanwhile.
    """
    version = {"VersionId": event.version_id} if event.version_id else {}
    with _rejecting_permanent_errors(event.key.text):
        head = s3.head_object(Bucket=event.bucket, Key=event.key.text, **version)  # type: ignore[arg-type]  # a TypedDict can't be built by condition
    etag = head["ETag"].strip('"')
    return dataclasses.replace(
        event.source,
        version_id=event.version_id or etag,
        last_modified=head["LastModified"].astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        etag=etag,
        size=head["ContentLength"],
    )


def copy(
    s3: "S3Client", source: Source, target: Path, *, range_bytes: int = ranges.RANGE_BYTES
) -> ModelFile:
    """Copy the object to `target`, durably; memory stays at some MiB whatever the size.

    The SHA-256, and S3's own checksum where it can be computed here, are computed from the file:
    each range is read back from the page cache after it was written. The entry in the folder
    is not made durable.

    Raises:
        UploadRejected: no space for it, or the object was deleted, overwritten or archived.
        TransferError: the connection broke again and again, or the checksum is wrong.
        OSError: the file system failed, with EIO or ESTALE for example.
    """
    with Tree(target.parent) as tree, tree.folder(PurePosixPath()) as folder:
        return copy_within(s3, source, target.name, folder, range_bytes=range_bytes)


def copy_within(
    s3: "S3Client",
    source: Source,
    name: str,
    folder: int,
    *,
    range_bytes: int = ranges.RANGE_BYTES,
) -> ModelFile:
    """Copy the object to the file `name` in an open folder, as `copy` does."""
    check_space(source.key, source.size, folder)
    with _rejecting_permanent_errors(source.key), new_file(name, folder) as descriptor:
        remote = RemoteObject(s3, source)
        stated = checksums.stated_checksum(remote.head())
        computed = stated.compute(remote.part_sizes(stated.parts)) if stated else None
        sha256 = hashlib.sha256()
        hashes: list[Checksum] = [sha256, computed] if computed else [sha256]
        buffer = memoryview(bytearray(ranges.CHUNK_BYTES))
        # Not posix_fallocate: where NFS has none, glibc writes to each block instead.
        os.ftruncate(descriptor, source.size)
        ranges.fetch(
            remote,
            descriptor,
            lambda start, end: _read_into(hashes, buffer, descriptor, start, end),
            range_bytes,
        )
        _verify(source, stated, computed)
        os.fsync(descriptor)
    return ModelFile(name, source.size, sha256.hexdigest())


def head(s3: "S3Client", source: Source, count: int) -> bytes:
    """Read the first bytes of an object; raises as `copy` does."""
    start = min(count, source.size)
    with _rejecting_permanent_errors(source.key), RemoteObject(s3, source).open(0, start) as body:
        return body.read()


def check_space(key: str, size: int, folder: Path | int) -> None:
    """Check that the folder's file system has room for so many bytes.

    Args:
        folder: its path, or its descriptor.

    Raises:
        UploadRejected: there is less space.
    """
    system = os.statvfs(folder)
    free = system.f_bavail * system.f_frsize
    if size > free:
        raise _no_space(key, f"has {size} bytes; the file system has {free} left")


@contextlib.contextmanager
def _rejecting_permanent_errors(key: str) -> Iterator[None]:
    """Turn errors that no other try can mend into `UploadRejected`."""
    try:
        yield
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code in GONE:
            raise UploadRejected(
                "OBJECT_GONE", f"{key!r} was deleted before it could be copied."
            ) from error
        if code in CHANGED:
            raise UploadRejected(
                "OBJECT_CHANGED", f"{key!r} was overwritten before it could be copied."
            ) from error
        if code == "InvalidObjectState":
            raise UploadRejected(
                "OBJECT_ARCHIVED", f"{key!r} is archived: restore it, then upload it again."
            ) from error
        raise
    except OSError as error:
        if error.errno in FULL:
            raise _no_space(key, f"doesn't fit on the file system ({error.strerror})") from error
        raise


def _no_space(key: str, why: str) -> UploadRejected:
    return UploadRejected("NO_SPACE", f"{key!r} {why}. Make room, then upload it again.")


def _read_into(
    hashes: list[Checksum], buffer: memoryview, descriptor: int, start: int, end: int
) -> None:
    while start < end:
        count = os.preadv(descriptor, [buffer[: end - start]], start)
        if not count:
            raise TransferError(f"The file ends at byte {start}, after {end} were written.")
        for each in hashes:
            each.update(buffer[:count])
        start += count


def _verify(source: Source, stated: StatedChecksum | None, computed: Checksum | None) -> None:
    if stated is None or computed is None:
        logger.warning("%r: S3 states no checksum known here, verified its size", source.key)
        return
    if computed.digest() != stated.digest:
        raise TransferError(
            f"What was copied of {source.key!r} has not the {stated.algorithm} checksum that S3 "
            f"states: {computed.digest().hex()} and not {stated.digest.hex()}."
        )
    logger.info("%r: verified its size and %s", source.key, stated.algorithm)
