"""The S3 server is killed, and starts again with all that it had acknowledged."""

import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from types_boto3_s3 import S3Client

from local.processes import IMPORT_ROOT

pytestmark = pytest.mark.slow

BUCKET = "models"
PART_BYTES = 5 * 1024 * 1024
KILLS = 5


class Server:
    """A running server with its state in `folder`."""

    def __init__(self, folder: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "local.s3.moto_server", str(folder)],
            cwd=IMPORT_ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self.process.stdout
        self.url = f"http://127.0.0.1:{int(self.process.stdout.readline())}"
        self.s3: S3Client = self.client("s3")

    def client(self, service: Any) -> Any:
        return boto3.client(
            service,
            endpoint_url=self.url,
            region_name="us-east-1",
            aws_access_key_id="local",
            aws_secret_access_key="local",
            config=Config(retries={"total_max_attempts": 1}, read_timeout=20),
        )

    def end(self, number: int = signal.SIGKILL) -> None:
        self.process.send_signal(number)
        self.process.communicate(timeout=20)


@contextmanager
def serving(folder: Path, end: int = signal.SIGKILL) -> Iterator[Server]:
    server = Server(folder)
    try:
        yield server
    finally:
        server.end(end)


def contents(s3: S3Client) -> dict[str, Any]:
    """Returns all that S3 tells of the bucket: each version with its body, and each marker."""
    listed = s3.list_object_versions(Bucket=BUCKET)
    found: dict[str, Any] = {
        f"{entry['Key']} {entry['VersionId']}": (
            entry["ETag"],
            entry["IsLatest"],
            entry["LastModified"],
            s3.get_object(Bucket=BUCKET, Key=entry["Key"], VersionId=entry["VersionId"])[
                "Body"
            ].read(),
        )
        for entry in listed.get("Versions", [])
    }
    for marker in listed.get("DeleteMarkers", []):
        found[f"{marker['Key']} {marker['VersionId']}"] = marker["IsLatest"]
    return found


def create_bucket(s3: S3Client) -> None:
    s3.create_bucket(Bucket=BUCKET)
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})


def change_in_every_way(s3: S3Client) -> None:
    """Writes, overwrites, copies, tags and deletes as S3's operations allow."""
    for key in ("kept", "ünï cödé+%/ö", "overwritten", "marked", "gone", "batch/1", "batch/2"):
        s3.put_object(Bucket=BUCKET, Key=key, Body=key.encode(), Metadata={"for": "test"})
    s3.put_object(Bucket=BUCKET, Key="overwritten", Body=b"new")
    s3.copy_object(Bucket=BUCKET, Key="copy", CopySource={"Bucket": BUCKET, "Key": "kept"})
    s3.delete_object(Bucket=BUCKET, Key="marked")
    version = s3.head_object(Bucket=BUCKET, Key="gone")["VersionId"]
    s3.delete_object(Bucket=BUCKET, Key="gone", VersionId=version)
    s3.delete_objects(Bucket=BUCKET, Delete={"Objects": [{"Key": "batch/1"}, {"Key": "batch/2"}]})
    upload = s3.create_multipart_upload(Bucket=BUCKET, Key="large")["UploadId"]
    named: Any = {"Bucket": BUCKET, "Key": "large", "UploadId": upload}
    bodies = (b"a" * PART_BYTES, b"b")
    tags = [
        s3.upload_part(**named, PartNumber=number, Body=body)["ETag"]
        for number, body in enumerate(bodies, 1)
    ]
    parts: Any = [{"ETag": tag, "PartNumber": number} for number, tag in enumerate(tags, 1)]
    s3.complete_multipart_upload(**named, MultipartUpload={"Parts": parts})


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM])
def test_every_change_outlives_the_server(tmp_path: Path, end: int) -> None:
    with serving(tmp_path, end) as server:
        create_bucket(server.s3)
        change_in_every_way(server.s3)
        before = contents(server.s3)
    assert len(before) == 12
    with serving(tmp_path) as server:
        assert contents(server.s3) == before
        kept = server.s3.head_object(Bucket=BUCKET, Key="kept")
        assert kept["Metadata"] == {"for": "test"}
        status = server.s3.get_bucket_versioning(Bucket=BUCKET)["Status"]
        assert status == "Enabled"


def test_content_that_no_version_has_is_deleted(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        create_bucket(server.s3)
        version = server.s3.put_object(Bucket=BUCKET, Key="a", Body=b"a")["VersionId"]
        server.s3.put_object(Bucket=BUCKET, Key="b", Body=b"b")
        server.s3.delete_object(Bucket=BUCKET, Key="a", VersionId=version)
        (body,) = (tmp_path / "bodies").iterdir()
    (tmp_path / "bodies" / "half-written").write_bytes(b"?")
    with serving(tmp_path):
        assert list((tmp_path / "bodies").iterdir()) == [body]


def test_queues_outlive_the_server(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        sqs = server.client("sqs")
        url = sqs.create_queue(QueueName="failures")["QueueUrl"]
        sqs.send_message(QueueUrl=url, MessageBody="kept")
    with serving(tmp_path) as server:
        url = server.client("sqs").get_queue_url(QueueName="failures")["QueueUrl"]
        messages = server.client("sqs").receive_message(QueueUrl=url)["Messages"]
        assert [message["Body"] for message in messages] == ["kept"]


def test_no_acknowledged_write_is_lost_by_a_kill(tmp_path: Path) -> None:
    """Writes go on until the server is killed, again and again.

    The one write of each key that got no answer may be there or not.
    """
    seed = random.SystemRandom().randrange(10**6)
    print("seed:", seed)
    chance = random.Random(seed)
    acknowledged: dict[str, bytes | None] = {}
    for _ in range(KILLS):
        with serving(tmp_path) as server:
            if not acknowledged:
                create_bucket(server.s3)
            unanswered = _write_until_killed(server, acknowledged, chance)
        with serving(tmp_path) as server:
            for key, body in acknowledged.items():
                assert _body(server.s3, key) in (body, *unanswered.get(key, ()))
                acknowledged[key] = _body(server.s3, key)
    assert len(acknowledged) >= 4


def _write_until_killed(
    server: Server, acknowledged: dict[str, bytes | None], chance: random.Random
) -> dict[str, tuple[bytes | None]]:
    """Returns what was asked for last and got no answer, by key."""
    unanswered: dict[str, tuple[bytes | None]] = {}

    def write(key: str, chance: random.Random) -> None:
        while True:
            body = None if chance.random() < 0.3 else chance.randbytes(chance.randrange(100_000))
            unanswered[key] = (body,)
            try:
                if body is None:
                    server.s3.delete_object(Bucket=BUCKET, Key=key)
                else:
                    server.s3.put_object(Bucket=BUCKET, Key=key, Body=body)
            except (BotoCoreError, ClientError):
                return
            acknowledged[key] = body
            del unanswered[key]

    seeds = [chance.randrange(10**6) for _ in range(4)]
    writers = [
        threading.Thread(target=write, args=(f"key-{number}", random.Random(seed)))
        for number, seed in enumerate(seeds)
    ]
    for writer in writers:
        writer.start()
    time.sleep(chance.uniform(0.3, 1.0))
    server.process.kill()
    for writer in writers:
        writer.join(timeout=30)
    return unanswered


def _body(s3: S3Client, key: str) -> bytes | None:
    try:
        return s3.get_object(Bucket=BUCKET, Key=key)["Body"].read()
    except s3.exceptions.NoSuchKey:
        return None
