"""Copying an object: what comes whole, and what each fault on the way ends in."""

import base64
import errno
import hashlib
import io
import logging
import os
import random
import subprocess
import sys
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from boto3.s3.transfer import TransferConfig
from botocore.exceptions import ClientError

from loader.bucket.events import ObjectEvent
from loader.transfer import object_copy
from loader.transfer.ranges import PAUSES_SECONDS
from serving.errors import TransferError, UploadRejected
from serving.records.manifest import Source
from serving.records.object_keys import read_key
from tests.lambdas.deployment import BUCKET
from tests.lambdas.loader.transfer.faulty_s3 import ETAG, FaultyS3, client, serving

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

pytestmark = pytest.mark.slow

RANGE = 400_000
CONTENT = random.Random(7).randbytes(5 * RANGE + 123)


def crc32(data: bytes) -> dict[str, str]:
    digest = zlib.crc32(data).to_bytes(4, "big")
    return {"x-amz-checksum-crc32": base64.b64encode(digest).decode()}


@pytest.fixture
def remote() -> FaultyS3:
    return FaultyS3(CONTENT, crc32(CONTENT))


@pytest.fixture
def copy(remote: FaultyS3, target: Path) -> Iterator[Callable[[], Any]]:
    with serving(remote) as endpoint:
        s3 = client(endpoint)
        yield lambda: object_copy.copy(s3, remote.source(), target, range_bytes=RANGE)
        s3.close()


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "m.joblib"


def put(s3: "S3Client", data: bytes, **options: Any) -> Source:
    s3.put_object(Bucket=BUCKET, Key="m.joblib", Body=data, **options)
    return newest(s3)


def newest(s3: "S3Client") -> Source:
    version = s3.head_object(Bucket=BUCKET, Key="m.joblib").get("VersionId", "")
    moment = "2026-11-21T01:02:03Z"
    event = ObjectEvent("ObjectCreated:Put", BUCKET, read_key("m.joblib"), version, "01", moment)
    return object_copy.inspect(s3, event)


def test_ranges_become_the_file_again(copy: Callable[[], Any], target: Path) -> None:
    copied = copy()
    assert target.read_bytes() == CONTENT
    assert copied.name == "m.joblib"
    assert copied.size == len(CONTENT)
    assert copied.sha256 == hashlib.sha256(CONTENT).hexdigest()


def test_every_request_is_for_the_same_write(copy: Callable[[], Any], remote: FaultyS3) -> None:
    copy()
    assert {if_match for _, _, if_match in remote.requests} == {f'"{ETAG}"'}
    spans = {span for method, span, _ in remote.requests if method == "GET"}
    assert len(spans) == 6


def test_an_older_version_is_copied_though_a_newer_one_is_there(
    s3: "S3Client", target: Path
) -> None:
    older = put(s3, b"older")
    put(s3, b"newer")
    object_copy.copy(s3, older, target)
    assert target.read_bytes() == b"older"


def test_without_versions_an_overwritten_object_is_refused(s3: "S3Client", target: Path) -> None:
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Suspended"})
    older = put(s3, b"older")
    put(s3, b"newer")
    with pytest.raises(UploadRejected, match="overwritten"):
        object_copy.copy(s3, older, target)


@pytest.mark.parametrize("algorithm", ["CRC32", "SHA1", "SHA256"])
def test_the_checksum_of_s3_is_verified(
    s3: "S3Client", target: Path, algorithm: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    object_copy.copy(s3, put(s3, CONTENT, ChecksumAlgorithm=algorithm), target, range_bytes=RANGE)
    assert f"verified its size and {algorithm}" in caplog.text


def test_an_upload_in_parts_is_verified_by_the_checksum_of_its_parts(
    s3: "S3Client", target: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    data = random.Random(8).randbytes(11 * 2**20)
    parts = TransferConfig(multipart_threshold=2**20, multipart_chunksize=5 * 2**20)
    s3.upload_fileobj(io.BytesIO(data), BUCKET, "m.joblib", Config=parts)
    assert object_copy.copy(s3, newest(s3), target).sha256 == hashlib.sha256(data).hexdigest()
    assert "verified its size and MD5" in caplog.text


def test_where_s3_states_nothing_the_log_says_so(
    copy: Callable[[], Any], remote: FaultyS3, caplog: pytest.LogCaptureFixture
) -> None:
    remote.stated = {"x-amz-server-side-encryption": "aws:kms"}
    copy()
    assert "no checksum known here" in caplog.text


def test_a_wrong_checksum_is_tried_again(
    copy: Callable[[], Any], remote: FaultyS3, target: Path
) -> None:
    remote.stated = crc32(CONTENT[:-1])
    with pytest.raises(TransferError, match="CRC32"):
        copy()
    assert not target.exists()


def test_a_broken_body_is_taken_up_where_it_broke(
    copy: Callable[[], Any], remote: FaultyS3, target: Path
) -> None:
    remote.break_at = [RANGE + 10, RANGE + 300_000, len(CONTENT) - 1]
    copy()
    assert target.read_bytes() == CONTENT
    assert ("GET", f"bytes={RANGE + 10}-{2 * RANGE - 1}", f'"{ETAG}"') in remote.requests


def test_a_body_that_always_breaks_is_tried_again_later(
    copy: Callable[[], Any], remote: FaultyS3, target: Path
) -> None:
    remote.break_at = [RANGE + 10] * len(PAUSES_SECONDS)
    with pytest.raises(TransferError, match="broke off 5 times"):
        copy()
    assert not target.exists()


@pytest.mark.parametrize(
    ("refusal", "code"),
    [
        ((404, "NoSuchVersion"), "OBJECT_GONE"),
        ((404, "NoSuchKey"), "OBJECT_GONE"),
        ((405, "MethodNotAllowed"), "OBJECT_GONE"),
        ((412, "PreconditionFailed"), "OBJECT_CHANGED"),
        ((403, "InvalidObjectState"), "OBJECT_ARCHIVED"),
    ],
)
def test_what_happens_to_the_object_midway_ends_in_a_refusal(
    copy: Callable[[], Any],
    remote: FaultyS3,
    target: Path,
    refusal: tuple[int, str],
    code: str,
) -> None:
    remote.refusal, remote.refuse_from = refusal, 3 * RANGE
    with pytest.raises(UploadRejected) as caught:
        copy()
    assert caught.value.rejection_code == code
    assert not target.exists()


@pytest.mark.parametrize("refusal", [(503, "SlowDown"), (403, "AccessDenied")])
def test_what_s3_may_do_better_next_time_is_raised(
    copy: Callable[[], Any], remote: FaultyS3, target: Path, refusal: tuple[int, str]
) -> None:
    remote.refusal, remote.refuse_from = refusal, 3 * RANGE
    with pytest.raises(ClientError, match=refusal[1]):
        copy()
    assert not target.exists()


@pytest.mark.parametrize("answer", ["bytes 0-99/100", "bytes 0-399999/400000"])
def test_an_object_of_another_size_than_it_said_is_refused(
    copy: Callable[[], Any], remote: FaultyS3, target: Path, answer: str
) -> None:
    remote.wrong_range = answer
    with pytest.raises(UploadRejected) as caught:
        copy()
    assert caught.value.rejection_code == "TRUNCATED"
    assert not target.exists()


def failing(call: Callable[..., Any], number: int, after: int) -> Callable[..., Any]:
    """Return the call as it is for some times, and with an error from then on."""
    done = []

    def wrapper(*args: Any) -> Any:
        done.append(args)
        if len(done) > after:
            raise OSError(number, os.strerror(number))
        return call(*args)

    return wrapper


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
@pytest.mark.parametrize("call", ["pwrite", "fsync", "ftruncate"])
def test_a_full_disk_refuses_the_upload(
    copy: Callable[[], Any],
    target: Path,
    monkeypatch: pytest.MonkeyPatch,
    call: str,
    number: int,
) -> None:
    monkeypatch.setattr(os, call, failing(getattr(os, call), number, 3 * (call == "pwrite")))
    with pytest.raises(UploadRejected) as caught:
        copy()
    assert caught.value.rejection_code == "NO_SPACE"
    assert not target.exists()


@pytest.mark.parametrize("number", [errno.EIO, errno.ESTALE, errno.EACCES])
@pytest.mark.parametrize("call", ["pwrite", "preadv", "fsync", "ftruncate"])
def test_a_fault_of_the_file_system_is_tried_again(
    copy: Callable[[], Any],
    target: Path,
    monkeypatch: pytest.MonkeyPatch,
    call: str,
    number: int,
) -> None:
    after = 3 * (call in ("pwrite", "preadv"))
    monkeypatch.setattr(os, call, failing(getattr(os, call), number, after))
    with pytest.raises(OSError, match=os.strerror(number)) as caught:
        copy()
    assert caught.value.errno == number
    assert not target.exists()


def test_short_writes_are_completed(
    copy: Callable[[], Any], target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = os.pwrite
    monkeypatch.setattr(os, "pwrite", lambda fd, data, at: whole(fd, data[:70_001], at))
    copy()
    assert target.read_bytes() == CONTENT


def test_a_write_that_went_elsewhere_is_noticed(
    copy: Callable[[], Any], target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "pwrite", lambda fd, data, at: len(data))
    with pytest.raises(TransferError, match="CRC32"):
        copy()


def test_the_file_is_synced_when_all_is_written(
    copy: Callable[[], Any], target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[bytes] = []
    monkeypatch.setattr(os, "fsync", lambda fd: seen.append(os.pread(fd, 2 * len(CONTENT), 0)))
    copy()
    assert seen == [CONTENT]


def test_a_file_that_is_there_is_left_alone(copy: Callable[[], Any], target: Path) -> None:
    target.write_bytes(b"somebody's")
    with pytest.raises(FileExistsError):
        copy()
    assert target.read_bytes() == b"somebody's"


def test_what_is_larger_than_the_free_space_is_not_even_asked_for(
    remote: FaultyS3, target: Path
) -> None:
    with serving(remote) as endpoint, pytest.raises(UploadRejected) as caught:
        object_copy.copy(client(endpoint), remote.source(2**62), target)
    assert caught.value.rejection_code == "NO_SPACE"
    assert remote.requests == []
    assert not target.exists()


GROWTH = """
import resource, sys
from pathlib import Path
from loader.transfer import object_copy
from tests.lambdas.loader.transfer.faulty_s3 import FaultyS3, client
s3 = client(sys.argv[1])
s3.head_object(Bucket="models", Key="m.joblib")
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
object_copy.copy(s3, FaultyS3(b"").source(int(sys.argv[3])), Path(sys.argv[2], "copy"))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


def test_memory_stays_flat(tmp_path: Path, root: Path) -> None:
    size = 256 * 2**20
    remote = FaultyS3(bytes(size), {"x-amz-server-side-encryption": "aws:kms"})
    with serving(remote) as endpoint:
        done = subprocess.run(
            [sys.executable, "-c", GROWTH, endpoint, str(tmp_path), str(size)],
            env={**os.environ, "PYTHONPATH": f"{root}:{root / 'lambdas'}"},
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "copy").stat().st_size == size
    assert int(done.stdout) < 32 * 1024  # KiB
