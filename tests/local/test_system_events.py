"""Events in the running sample: from an object to the functions, and to the queue."""

import json
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.local.sample_run import ROOT, Run, object_key, put, until

pytestmark = pytest.mark.slow


def test_an_upload_reaches_the_function_and_its_success_the_next(run: Run) -> None:
    version = put(run, "my modèl+1.bin")
    record = run.record("my+mod%C3%A8l%2B1.bin")
    assert record["requestContext"]["condition"] == "Success"
    assert record["requestContext"]["functionArn"].endswith(":function:Sample-Stage:$LATEST")
    described = record["responsePayload"]["object"]
    assert (described["versionId"], described["size"]) == (version, 3)
    assert described["eTag"] == "900150983cd24fb0d6963f7d28e17f72"


def test_a_function_sees_its_own_package_and_environment_alone(run: Run) -> None:
    put(run, "environment.bin")
    seen = run.record("environment.bin")["responsePayload"]
    assert Path(seen["cwd"]).name == "asset.code"
    assert seen["path"][0] == seen["cwd"]
    assert str(ROOT) not in seen["path"]
    assert seen["environment"]["AWS_LAMBDA_FUNCTION_NAME"] == "Sample-Stage"
    assert seen["environment"]["AWS_ENDPOINT_URL_S3"] == run.endpoints["s3"]
    assert "VIRTUAL_ENV" not in seen["environment"]


def test_a_failure_is_retried_and_then_told(run: Run) -> None:
    put(run, "fail.bin")
    record = run.record("fail.bin")
    context = record["requestContext"]
    assert (context["condition"], context["approximateInvokeCount"]) == ("RetriesExhausted", 2)
    assert record["responseContext"]["functionError"] == "Unhandled"
    assert record["responsePayload"]["errorMessage"] == "no good"
    assert record["responsePayload"]["errorType"] == "ValueError"


def test_a_killed_process_is_told_as_a_runtime_exit(run: Run) -> None:
    put(run, "crash.bin")
    payload = run.record("crash.bin")["responsePayload"]
    assert payload["errorType"] == "Runtime.ExitError"
    assert payload["errorMessage"].endswith("Runtime exited with error: signal: killed")


def test_a_function_is_killed_at_its_timeout(run: Run) -> None:
    put(run, "slow.bin")
    payload = run.record("slow.bin")["responsePayload"]
    assert payload["errorMessage"].endswith("Task timed out after 1.00 seconds")
    assert set(payload) == {"errorMessage"}


def test_what_nobody_can_take_ends_in_the_queue(run: Run) -> None:
    put(run, "poison.bin")
    sqs, url = run.queue()
    message = until(lambda: sqs.receive_message(QueueUrl=url, WaitTimeSeconds=1).get("Messages"))[0]
    record = json.loads(message["Body"])
    assert record["responsePayload"]["errorMessage"] == "sink refuses"
    assert object_key(record["requestPayload"]) == "poison.bin"


def test_every_way_to_write_or_delete_makes_its_event(run: Run) -> None:
    s3, bucket = run.s3(), run.endpoints["bucket"]
    put(run, "source.bin")
    s3.copy_object(
        Bucket=bucket, Key="copy.bin", CopySource={"Bucket": bucket, "Key": "source.bin"}
    )
    upload = s3.create_multipart_upload(Bucket=bucket, Key="parts.bin")["UploadId"]
    part = s3.upload_part(
        Bucket=bucket, Key="parts.bin", UploadId=upload, PartNumber=1, Body=b"part"
    )
    s3.complete_multipart_upload(
        Bucket=bucket, Key="parts.bin", UploadId=upload,
        MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]},
    )  # fmt: skip
    form = s3.generate_presigned_post(bucket, "form.bin")
    assert requests.post(form["url"], form["fields"], files={"file": b"x"}, timeout=20).ok
    marker = s3.delete_object(Bucket=bucket, Key="source.bin")["VersionId"]
    s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "copy.bin"}], "Quiet": True})

    def events(key: str, count: int) -> dict[str, Any]:
        records = until(lambda: found if len(found := run.records(key)) >= count else None)
        entries = [r["requestPayload"]["Records"][0] for r in records]
        return {e["eventName"]: e["s3"]["object"] for e in entries}

    assert set(events("parts.bin", 1)) == {"ObjectCreated:CompleteMultipartUpload"}
    assert set(events("form.bin", 1)) == {"ObjectCreated:Post"}
    created_and_deleted = {"ObjectCreated:Copy", "ObjectRemoved:DeleteMarkerCreated"}
    assert set(events("copy.bin", 2)) == created_and_deleted
    source = events("source.bin", 2)
    assert source["ObjectRemoved:DeleteMarkerCreated"]["versionId"] == marker
    sequencers = [source[name]["sequencer"] for name in sorted(source)]
    assert sequencers == sorted(sequencers)


def test_the_filter_of_the_template_holds(run: Run) -> None:
    put(run, "other.txt")
    put(run, "after.bin")
    run.record("after.bin")
    assert run.records("other.txt") == []
