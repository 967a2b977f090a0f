"""From S3 to a candidate's file, in chunks, hashed on the way and verified at the end."""

import dataclasses
import hashlib
import os
from datetime import UTC
from pathlib import Path
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from loader.records import ObjectEvent
from serving.errors import UploadRejected
from serving.manifest import ModelFile, Source

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

CHUNK_BYTES = 1024 * 1024
GONE = ("404", "NoSuchKey", "NoSuchVersion", "405", "MethodNotAllowed")


def inspect(s3: "S3Client", event: ObjectEvent) -> Source:
    """Ask S3 about the very version of the object that the event names.

    Raises:
        UploadRejected: it was deleted meanwhile.
    """
    version = {"VersionId": event.version_id} if event.version_id else {}
    try:
        head = s3.head_object(Bucket=event.bucket, Key=event.key, **version)  # type: ignore[arg-type]  # a TypedDict can't be built by condition
    except ClientError as error:
        if error.response["Error"]["Code"] in GONE:
            raise _vanished(event.key) from error
        raise
    etag = head["ETag"].strip('"')
    return dataclasses.replace(
        event.source,
        version_id=event.version_id or etag,
        last_modified=head["LastModified"].astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        etag=etag,
        size=head["ContentLength"],
    )


def copy(s3: "S3Client", source: Source, target: Path) -> ModelFile:
    """Copy the object to `target`, durably; memory stays at one chunk whatever the size.

    S3's own checksum, where the object has one, is verified by botocore while the body is read.

    Raises:
        UploadRejected: the object vanished, or S3 gave less than it said.
    """
    version = {} if source.version_id == source.etag else {"VersionId": source.version_id}
    try:
        answer = s3.get_object(Bucket=source.bucket, Key=source.key, **version)  # type: ignore[arg-type]  # as above
    except ClientError as error:
        if error.response["Error"]["Code"] in GONE:
            raise _vanished(source.key) from error
        raise
    digest, size = hashlib.sha256(), 0
    with target.open("xb") as file:
        for chunk in answer["Body"].iter_chunks(CHUNK_BYTES):
            digest.update(chunk)
            size += file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    if size != source.size:
        raise UploadRejected(
            "TRUNCATED", f"S3 gave {size} of {source.size} bytes of {source.key!r}. Upload again."
        )
    return ModelFile(target.name, size, digest.hexdigest())


def _vanished(key: str) -> UploadRejected:
    return UploadRejected("OBJECT_GONE", f"{key!r} was deleted before it could be copied.")
