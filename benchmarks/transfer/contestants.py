"""The ways to get an object into a file, ours among them.

`bare` ones leave it at that. `verified` ones do what the loader must: they return the SHA-256 of
the content, and the file is synced.
"""

import hashlib
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
from boto3.s3.transfer import TransferConfig
from botocore.config import Config

from loader.transfer import object_copy, ranges
from loader.transfer.ranges import RemoteObject
from serving.records.manifest import Source

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

BUCKET, KEY = "bucket", "object"
MIB = 2**20
# The best for both time and memory of those that were tried: 4, 8 and 16 threads, parts of 8 to
# 32 MiB, I/O chunks of 256 KiB and 1 MiB, queues of 4 to 1,000.
TUNED = TransferConfig(
    max_concurrency=8, multipart_chunksize=32 * MIB, io_chunksize=MIB, max_io_queue=8
)


def client(endpoint: str) -> "S3Client":
    """Return a client for the local server."""
    return boto3.client(
        "s3",
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id="none",
        aws_secret_access_key="none",  # noqa: S106 (nginx asks for none)
        config=Config(s3={"addressing_style": "path"}),
    )


def source(s3: "S3Client") -> Source:
    """Return what the loader knows of the object before it copies."""
    head = s3.head_object(Bucket=BUCKET, Key=KEY)
    etag, moment = head["ETag"].strip('"'), head["LastModified"].isoformat()
    return Source(BUCKET, KEY, etag, moment, etag, head["ContentLength"])


def read_all(s3: "S3Client", target: Path) -> None:
    """The naive way: read() and write()."""
    target.write_bytes(s3.get_object(Bucket=BUCKET, Key=KEY)["Body"].read())


def download_file(s3: "S3Client", target: Path) -> None:
    """boto3's transfer manager as it comes."""
    s3.download_file(BUCKET, KEY, str(target))


def download_file_tuned(s3: "S3Client", target: Path) -> None:
    """boto3's transfer manager, tuned."""
    s3.download_file(BUCKET, KEY, str(target), Config=TUNED)


def one_stream(s3: "S3Client", target: Path) -> None:
    """One request, in chunks of 1 MiB."""
    with target.open("wb") as file:
        for chunk in s3.get_object(Bucket=BUCKET, Key=KEY)["Body"].iter_chunks(MIB):
            file.write(chunk)


def s5cmd(s3: "S3Client", target: Path) -> None:
    """The s5cmd program, a process of its own (its memory isn't counted)."""
    command = ["s5cmd", "--endpoint-url", s3.meta.endpoint_url, "--no-sign-request", "cp"]
    subprocess.run([*command, f"s3://{BUCKET}/{KEY}", str(target)], check=True, capture_output=True)  # noqa: S603 (our own arguments)


def our_ranges(s3: "S3Client", target: Path) -> None:
    """The loader's ranges alone."""
    wanted = source(s3)
    with target.open("xb", buffering=0) as file:
        os.ftruncate(file.fileno(), wanted.size)
        ranges.fetch(RemoteObject(s3, wanted), file.fileno(), lambda _start, _end: None)


def one_stream_verified(s3: "S3Client", target: Path) -> str:
    """One request in chunks of 1 MiB, each hashed while it is in memory."""
    digest = hashlib.sha256()
    with target.open("wb") as file:
        for chunk in s3.get_object(Bucket=BUCKET, Key=KEY)["Body"].iter_chunks(MIB):
            digest.update(chunk)
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    return digest.hexdigest()


def download_file_verified(s3: "S3Client", target: Path) -> str:
    """boto3's transfer manager, tuned, and a second read."""
    download_file_tuned(s3, target)
    with target.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        os.fsync(file.fileno())
    return digest


def our_copy(s3: "S3Client", target: Path) -> str:
    """Copies as the loader does, by `object_copy.copy`."""
    return object_copy.copy(s3, source(s3), target).sha256


BARE: dict[str, Callable[["S3Client", Path], str | None]] = {
    "read() + write()": read_all,
    "download_file": download_file,
    "download_file, tuned": download_file_tuned,
    "one stream": one_stream,
    **({"s5cmd": s5cmd} if shutil.which("s5cmd") else {}),
    "ours, ranges alone": our_ranges,
}
VERIFIED: dict[str, Callable[["S3Client", Path], str | None]] = {
    "one stream + SHA-256 + fsync": one_stream_verified,
    "download_file, tuned + SHA-256 + fsync": download_file_verified,
    "ours, transfer.copy": our_copy,
}
ALL = {**BARE, **VERIFIED}
