"""Bodies and checksums of every kind that clients send to the local S3, by their own code."""

import base64
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from botocore.exceptions import ClientError

from tests.local.sample_run import ROOT, Run

pytestmark = pytest.mark.slow

SIZES = {"CRC32": 4, "CRC32C": 4, "CRC64NVME": 8, "SHA1": 20, "SHA256": 32}
HELLO = {
    "CRC32": "DUoRhQ==",
    "CRC32C": "yZRlqg==",
    "CRC64NVME": "jSnVw/bqjr4=",
    "SHA1": "Kq5sNclPz7QV2+lfQIuc6R7oRu0=",
    "SHA256": "uU0nuZNNPgilLlLX2n2r+sSE7+N6U4DukIj3rOLvzek=",
}
WORLD = b"hello world"
TRAILING = b"b\r\nhello world\r\n0\r\nx-amz-checksum-crc32:DUoRhQ==\r\n\r\n"
AS_CHUNKS = {
    "Content-Encoding": "aws-chunked",
    "x-amz-content-sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
    "x-amz-trailer": "x-amz-checksum-crc32",
    "x-amz-decoded-content-length": "11",
}


def put(run: Run, key: str, body: Any, headers: dict[str, str] | None = None) -> requests.Response:
    url = f"{run.endpoints['s3']}/{run.endpoints['bucket']}/{key}"
    return requests.put(url, body, headers=headers, timeout=20)


def stored(run: Run, key: str) -> bytes:
    return run.s3().get_object(Bucket=run.endpoints["bucket"], Key=key)["Body"].read()


@pytest.mark.parametrize("headers", [{}, {"Content-Type": "application/x-any"}])
def test_a_body_in_http_chunks_is_taken(run: Run, headers: dict[str, str]) -> None:
    key = f"plain-{len(headers)}.bin"
    assert put(run, key, iter([b"hello ", b"world"]), headers).ok
    assert stored(run, key) == WORLD


@pytest.mark.parametrize("chunked", [False, True])
def test_aws_chunks_are_decoded_within_http_chunks_too(run: Run, chunked: bool) -> None:
    body: Any = iter([TRAILING[:9], TRAILING[9:]]) if chunked else TRAILING
    key = f"chunks-{chunked}.bin"
    assert put(run, key, body, AS_CHUNKS).ok
    head = run.s3().head_object(Bucket=run.endpoints["bucket"], Key=key, ChecksumMode="ENABLED")
    assert (head["ContentLength"], head["ChecksumCRC32"]) == (11, HELLO["CRC32"])
    assert "aws-chunked" not in head.get("ContentEncoding", "")


@pytest.mark.parametrize(
    ("body", "headers", "code"),
    [
        (TRAILING.replace(b"DUoR", b"DUoS"), AS_CHUNKS, "BadDigest"),
        (TRAILING, {**AS_CHUNKS, "x-amz-decoded-content-length": "12"}, "IncompleteBody"),
        (TRAILING[:10], AS_CHUNKS, "IncompleteBody"),
        (b"b\r\nhello world\r\n0\r\n\r\n", AS_CHUNKS, "MalformedTrailerError"),
        (WORLD, {"x-amz-checksum-crc32": "abc"}, "InvalidRequest"),
        (WORLD, {"x-amz-checksum-crc32": "AAAAAA=="}, "BadDigest"),
        (WORLD, {"x-amz-checksum-crc9": "AAAAAA=="}, "InvalidRequest"),
        (WORLD, {"x-amz-sdk-checksum-algorithm": "SHA1"}, "InvalidRequest"),
        (
            WORLD,
            {"x-amz-sdk-checksum-algorithm": "SHA1", "x-amz-checksum-crc32": HELLO["CRC32"]},
            "InvalidRequest",
        ),
        (
            WORLD,
            {"x-amz-checksum-sha1": HELLO["SHA1"], "x-amz-checksum-crc32": HELLO["CRC32"]},
            "InvalidRequest",
        ),
        (WORLD, {"Content-MD5": "zz"}, "InvalidDigest"),
        (WORLD, {"Content-MD5": base64.b64encode(bytes(16)).decode()}, "BadDigest"),
        (WORLD, {"x-amz-content-sha256": "0" * 64}, "XAmzContentSHA256Mismatch"),
    ],
)
def test_what_does_not_match_is_refused_and_not_stored(
    run: Run, body: bytes, headers: dict[str, str], code: str
) -> None:
    answer = put(run, "refused.bin", body, headers)
    assert answer.status_code == 400
    assert f"<Code>{code}</Code>" in answer.text
    listed = run.s3().list_objects_v2(Bucket=run.endpoints["bucket"], Prefix="refused.bin")
    assert listed["KeyCount"] == 0


@pytest.mark.parametrize("algorithm", SIZES)
def test_boto3_sends_each_algorithm(run: Run, algorithm: Any) -> None:
    s3, place = run.s3(), {"Bucket": run.endpoints["bucket"], "Key": f"{algorithm}.bin"}
    given: dict[str, Any] = {f"Checksum{algorithm}": HELLO[algorithm]}
    s3.put_object(**place, Body=WORLD, **given)
    found: Any = s3.head_object(**place, ChecksumMode="ENABLED")
    assert found[f"Checksum{algorithm}"] == HELLO[algorithm]
    s3.put_object(**place, Body=WORLD, ChecksumAlgorithm=algorithm)
    wrong: dict[str, Any] = {f"Checksum{algorithm}": _wrong(algorithm)}
    with pytest.raises(ClientError, match="BadDigest"):
        s3.put_object(**place, Body=b"other", **wrong)
    assert stored(run, f"{algorithm}.bin") == WORLD


def _wrong(algorithm: str) -> str:
    return base64.b64encode(bytes(SIZES[algorithm])).decode()


@pytest.mark.parametrize(
    ("algorithm", "kind"),
    [
        *((name, "COMPOSITE") for name in SIZES if name != "CRC64NVME"),
        *((name, "FULL_OBJECT") for name in SIZES if name.startswith("CRC")),
    ],
)
def test_an_upload_in_parts_is_held_to_its_checksums(run: Run, algorithm: Any, kind: Any) -> None:
    s3: Any = run.s3()
    place = {"Bucket": run.endpoints["bucket"], "Key": f"parts-{algorithm}-{kind}.bin"}
    begun = s3.create_multipart_upload(**place, ChecksumAlgorithm=algorithm, ChecksumType=kind)
    field, parts = f"Checksum{algorithm}", []
    content = [os.urandom(5 << 20), b"the end"]
    for number, body in enumerate(content, 1):
        sent = s3.upload_part(
            **place,
            UploadId=begun["UploadId"],
            PartNumber=number,
            Body=body,
            ChecksumAlgorithm=algorithm,
        )
        parts.append({"PartNumber": number, "ETag": sent["ETag"], field: sent[field]})
    place |= {"UploadId": begun["UploadId"]}
    for listed, also, code in (
        (parts, {field: _wrong(algorithm)}, "BadDigest"),
        ([parts[0], {**parts[1], field: _wrong(algorithm)}], {}, "InvalidPart"),
        (parts, {"MpuObjectSize": 7}, "InvalidRequest"),
    ):
        with pytest.raises(ClientError, match=code):
            s3.complete_multipart_upload(**place, MultipartUpload={"Parts": listed}, **also)
    done = s3.complete_multipart_upload(
        **place, MultipartUpload={"Parts": parts}, MpuObjectSize=(5 << 20) + 7
    )
    assert done["ETag"].endswith('-2"')
    assert stored(run, place["Key"]) == b"".join(content)


@pytest.mark.parametrize(
    ("algorithm", "kind"), [("SHA1", "FULL_OBJECT"), ("CRC64NVME", "COMPOSITE")]
)
def test_a_kind_that_an_algorithm_has_not_is_refused(run: Run, algorithm: Any, kind: Any) -> None:
    with pytest.raises(ClientError, match=r"InvalidRequest.*cannot be used"):
        run.s3().create_multipart_upload(
            Bucket=run.endpoints["bucket"], Key="k", ChecksumAlgorithm=algorithm, ChecksumType=kind
        )


def test_the_aws_command_line_sends_files_and_streams(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "file.bin"
    file.write_bytes(os.urandom(9 << 20))
    target = f"s3://{run.endpoints['bucket']}/cli.bin"
    command = [str(Path(sys.executable).with_name("aws")), "--endpoint-url", run.endpoints["s3"]]
    for options in ([], ["--checksum-algorithm", "SHA256"]):
        copy = [*command, "s3", "cp", *options, str(file), target]
        subprocess.run(copy, check=True, env=_environment(run), capture_output=True)
        assert stored(run, "cli.bin") == file.read_bytes()
    with file.open("rb") as stream:
        copy = [*command, "s3", "cp", "-", target]
        subprocess.run(copy, check=True, env=_environment(run), stdin=stream, capture_output=True)
    assert stored(run, "cli.bin") == file.read_bytes()


def _environment(run: Run) -> dict[str, str]:
    return {
        "PATH": os.defpath,
        "AWS_ACCESS_KEY_ID": run.endpoints["access_key"],
        "AWS_SECRET_ACCESS_KEY": run.endpoints["secret_key"],
        "AWS_DEFAULT_REGION": run.endpoints["region"],
    }


def test_pyarrow_s3fs_and_pandas_write_unmodified(run: Run) -> None:
    python = ROOT / ".venv-peers" / "bin" / "python"
    if not python.exists():
        pytest.skip("the clients are missing; install them with: make .venv-peers/.ready")
    script = Path(__file__).with_name("arrow_clients.py")
    place = urlsplit(run.endpoints["s3"]).netloc
    done = subprocess.run(
        [str(python), str(script), place, run.endpoints["bucket"]],
        capture_output=True,
        text=True,
        check=False,
        env=_environment(run),
    )
    assert done.returncode == 0, done.stderr
    assert stored(run, "arrow-small.bin") == WORLD
    assert len(stored(run, "arrow-large.bin")) == 12 << 20
    assert stored(run, "s3fs.bin") == WORLD
    assert stored(run, "pandas.csv") == b"a\n1\n"


def test_rclone_writes_unmodified(run: Run, tmp_path: Path) -> None:
    rclone = shutil.which("rclone")
    if rclone is None:
        pytest.skip("rclone isn't on this machine; Debian's package has that name")
    (tmp_path / "rclone.bin").write_bytes(os.urandom(9 << 20))
    host = urlsplit(run.endpoints["s3"]).netloc
    remote = f":s3,provider=Other,env_auth,endpoint='http://{host}':{run.endpoints['bucket']}"
    cut = ["--s3-upload-cutoff", "5M", "--s3-no-check-bucket"]
    command = [rclone, "copy", *cut, str(tmp_path / "rclone.bin"), remote]
    environment = {**_environment(run), "HOME": str(tmp_path)}
    subprocess.run(command, check=True, env=environment, capture_output=True)
    assert stored(run, "rclone.bin") == (tmp_path / "rclone.bin").read_bytes()
