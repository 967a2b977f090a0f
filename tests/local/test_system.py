"""The whole of it over the sample assembly: real children, real S3 clients, real HTTP."""

import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlsplit

import boto3
import pytest
import requests
from botocore.config import Config
from types_boto3_s3 import S3Client

from local.processes import descendants, parents
from tests.local import sample

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parent.parent.parent
Found = TypeVar("Found")


def until(look: Callable[[], Found | None], seconds: float = 20) -> Found:
    """What `look` finds, as soon as it finds something."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := look():
            return found
        time.sleep(0.05)
    raise AssertionError(f"nothing after {seconds} s")


@dataclass
class Run:
    """A running `python -m local`."""

    process: subprocess.Popen[str]
    state: Path
    endpoints: dict[str, Any] = field(default_factory=dict)

    def s3(self) -> S3Client:
        return boto3.client("s3", endpoint_url=self.endpoints["s3"], **self._account())

    def queue(self) -> tuple[Any, str]:
        sqs = boto3.client("sqs", endpoint_url=self.endpoints["s3"], **self._account())
        return sqs, self.endpoints["queues"]["Sample-Queue"]

    def _account(self) -> dict[str, Any]:
        return {
            "region_name": self.endpoints["region"],
            "aws_access_key_id": self.endpoints["access_key"],
            "aws_secret_access_key": self.endpoints["secret_key"],
            "config": Config(retries={"total_max_attempts": 1}, read_timeout=20),
        }

    def call(self, verb: str, path: str, **arguments: Any) -> requests.Response:
        return requests.request(verb, self.endpoints["api"] + path, timeout=20, **arguments)

    def records(self, key: str) -> list[dict[str, Any]]:
        """The destination records about a key that reached the sink."""
        found = []
        for path in (self.state / "efs/Files/sink").glob("*.json"):
            record = json.loads(path.read_text() or "{}")
            if record and _key(record) == key:
                found.append(record)
        return found

    def record(self, key: str) -> dict[str, Any]:
        return until(lambda: self.records(key))[0]

    def processes(self) -> list[int]:
        """All that the run started, and what that started."""
        return descendants(self.process.pid, parents())

    def stop(self, number: int = signal.SIGTERM) -> tuple[int, str]:
        """Exit code and what was said."""
        self.process.send_signal(number)
        output = self.process.communicate(timeout=20)[0]
        return self.process.returncode, output


def _key(record: dict[str, Any]) -> str:
    return str(record["requestPayload"]["Records"][0]["s3"]["object"]["key"])


def launch(assembly: Path, state: Path, *arguments: str) -> subprocess.Popen[str]:
    command = [
        sys.executable, "-m", "local", "--assembly", str(assembly), "--state", str(state),
        "--api-port", "0", "--s3-port", "0", "--retry-delay", "0.05", "--max-processes", "2",
        *arguments,
    ]  # fmt: skip
    return subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def start(assembly: Path, state: Path) -> Run:
    run = Run(launch(assembly, state), state)
    path = state / "endpoints.json"

    def ready() -> bool:
        if run.process.poll() is not None:
            raise AssertionError(run.process.communicate()[0])
        return path.exists()

    until(ready)
    run.endpoints = json.loads(path.read_text())
    return run


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    folder = tmp_path_factory.mktemp("run")
    run = start(sample.write(folder / "out", sample.template()), folder / "state")
    yield run
    run.stop()


def put(run: Run, key: str) -> str:
    return run.s3().put_object(Bucket=run.endpoints["bucket"], Key=key, Body=b"abc")["VersionId"]


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
    assert _key(record["requestPayload"]) == "poison.bin"


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


def test_the_api_forms_the_event_and_returns_the_answer(run: Run) -> None:
    answer = run.call("GET", "/things/a%20b%2Fc?x=1")
    assert (answer.status_code, answer.headers["X-Own"]) == (201, "yes")
    event = answer.json()["event"]
    assert event["pathParameters"] == {"thing": "a b/c"}
    assert (event["path"], event["requestContext"]["stage"]) == ("/things/a%20b%2Fc", "test")
    assert event["queryStringParameters"] == {"x": "1"}
    environment = answer.json()["environment"]
    assert environment["GREETING"] == "hello"
    assert "AWS_ACCESS_KEY_ID" not in environment


@pytest.mark.parametrize(
    ("verb", "path", "status"),
    [
        ("GET", "/things/crash", 502),
        ("GET", "/things/raise", 502),
        ("GET", "/things/text", 502),
        ("GET", "/things/big", 502),
        ("GET", "/things/sleep", 504),
        ("DELETE", "/things/x", 500),
    ],
)
def test_what_goes_wrong_behind_the_api(run: Run, verb: str, path: str, status: int) -> None:
    answer = run.call(verb, path)
    expected = "Endpoint request timed out" if status == 504 else "Internal server error"
    assert (answer.status_code, answer.json()) == (status, {"message": expected})
    assert run.call("GET", "/things/fine").status_code == 201


@pytest.mark.parametrize("server", ["api", "s3"])
def test_a_client_that_waits_for_a_continue_gets_it(run: Run, server: str) -> None:
    url = urlsplit(run.endpoints[server])
    path = "/test/things" if server == "api" else f"/{run.endpoints['bucket']}/waits.txt"
    verb = "POST" if server == "api" else "PUT"
    with socket.create_connection((url.hostname, url.port), timeout=20) as connection:
        head = f"{verb} {path} HTTP/1.1\r\nHost: {url.netloc}\r\nContent-Length: 3\r\n"
        connection.sendall(f"{head}Expect: 100-continue\r\n\r\n".encode())
        assert connection.recv(1024) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(b"abc")
        assert connection.recv(1024).startswith(b"HTTP/1.1 20")


def test_gateway_responses_are_those_of_the_template(run: Run) -> None:
    answer = run.call("GET", "/nothing")
    assert (answer.status_code, answer.headers["Access-Control-Allow-Origin"]) == (403, "*")
    assert answer.json()["code"] == "MISSING_AUTHENTICATION_TOKEN"


@pytest.mark.parametrize("size", [6_500_000, 10_500_000])
def test_requests_too_large_for_lambda_or_api_gateway(run: Run, size: int) -> None:
    answer = run.call("POST", "/things", data=b"x" * size)
    assert (answer.status_code, answer.json()["code"]) == (413, "REQUEST_TOO_LARGE")


def test_the_preflight_of_the_template_answers(run: Run) -> None:
    answer = run.call("OPTIONS", "/things", headers={"Origin": "https://b.example"})
    assert answer.status_code == 204
    assert answer.headers["Access-Control-Allow-Origin"] == "https://b.example"


def test_load_brings_processes_up_to_the_limit(run: Run) -> None:
    with ThreadPoolExecutor(6) as clients:
        # Each call waits until a second process has been called.
        answers = list(clients.map(lambda _: run.call("POST", "/things?step=pair"), range(6)))
    assert {a.status_code for a in answers} == {201}
    assert len({a.json()["pid"] for a in answers}) == 2


def test_a_second_start_says_who_runs(run: Run) -> None:
    second = launch(run.state / "unread", run.state)
    output = second.communicate(timeout=20)[0]
    assert second.returncode == 1
    assert f"already running (pid {run.process.pid})" in output
    assert (run.state / "endpoints.json").exists()


def test_a_chosen_port_that_is_taken_stops_the_start(run: Run, tmp_path: Path) -> None:
    assembly = sample.write(tmp_path / "out", sample.template())
    port = run.endpoints["api"].rsplit(":", 1)[1].partition("/")[0]
    process = launch(assembly, tmp_path / "state", "--api-port", port)
    output = process.communicate(timeout=20)[0]
    assert process.returncode == 1
    assert f"port {port} (--api-port) is in use" in output


def test_a_handler_that_does_not_start_stops_the_start(tmp_path: Path) -> None:
    resources = sample.template()
    resources["Sink"]["Properties"]["Handler"] = "app.absent"
    process = launch(sample.write(tmp_path / "out", resources), tmp_path / "state")
    output = process.communicate(timeout=30)[0]
    assert process.returncode == 1
    assert "Sample/Sink (AWS::Lambda::Function): its handler app.absent does not start" in output
    assert "Handler 'absent' missing on module 'app'" in output
    assert "Traceback" not in output
    assert not (tmp_path / "state" / "endpoints.json").exists()


def test_a_stop_leaves_no_process_and_a_restart_keeps_everything(tmp_path: Path) -> None:
    assembly = sample.write(tmp_path / "out", sample.template())
    first = start(assembly, tmp_path / "state")
    version, _ = put(first, "kept.bin"), put(first, "kept.bin")
    put(first, "gone.bin")
    first.s3().delete_object(Bucket=first.endpoints["bucket"], Key="gone.bin")
    first.record("kept.bin")
    answer = first.call("POST", "/things?step=start")
    assert answer.status_code == 201
    started = first.processes()
    # Three functions, what one of them started in a session of its own, S3 server, watchdog.
    assert len(started) == 6
    code, output = first.stop(signal.SIGINT)
    assert (code, output.splitlines()[-1]) == (0, "stopped")
    assert not [pid for pid in started if _alive(pid)]
    assert not (tmp_path / "state" / "endpoints.json").exists()

    second = start(assembly, tmp_path / "state")
    s3, bucket = second.s3(), second.endpoints["bucket"]
    assert [o["Key"] for o in s3.list_objects_v2(Bucket=bucket)["Contents"]] == ["kept.bin"]
    old = s3.get_object(Bucket=bucket, Key="kept.bin", VersionId=version)
    assert old["Body"].read() == b"abc"
    assert second.record("kept.bin")
    second.stop()


def test_a_killed_run_leaves_no_process(tmp_path: Path) -> None:
    assembly = sample.write(tmp_path / "out", sample.template())
    run = start(assembly, tmp_path / "state")
    with ThreadPoolExecutor(1) as client:
        call = client.submit(run.call, "POST", "/things?step=hold")
        # Three functions, what the called one started and waits for, S3 server, watchdog.
        started = until(lambda: found if len(found := run.processes()) == 6 else None)
        run.process.kill()
        assert isinstance(call.exception(), requests.ConnectionError)
    run.process.communicate()
    until(lambda: not [pid for pid in started if _alive(pid)])


def _alive(pid: int) -> bool:
    return pid in parents()
