"""Starts `python -m local` with the sample, and calls it."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import boto3
import requests
from botocore.config import Config
from types_boto3_s3 import S3Client

from local.processes import descendants, parents

ROOT = Path(__file__).parent.parent.parent
START_SECONDS = 120.0  # beside whatever else the machine does
Found = TypeVar("Found")


def until(look: Callable[[], Found | None], seconds: float = 20) -> Found:
    """Calls `look` until it finds something, and returns that."""
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
        """Returns the destination records about a key that reached the sink."""
        found = []
        for path in (self.state / "efs/Files/sink").glob("*.json"):
            record = json.loads(path.read_text() or "{}")
            if record and object_key(record) == key:
                found.append(record)
        return found

    def record(self, key: str) -> dict[str, Any]:
        return until(lambda: self.records(key))[0]

    def processes(self) -> list[int]:
        """Returns the descendants of the run's process."""
        return descendants(self.process.pid, parents())

    def stop(self, number: int = signal.SIGTERM) -> tuple[int, str]:
        """Stops the run; returns its exit code and output."""
        self.process.send_signal(number)
        output = self.process.communicate(timeout=20)[0]
        return self.process.returncode, output


def object_key(record: dict[str, Any]) -> str:
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


def start(assembly: Path, state: Path, *arguments: str) -> Run:
    run = Run(launch(assembly, state, *arguments), state)
    path = state / "endpoints.json"

    def ready() -> bool:
        if run.process.poll() is not None:
            raise AssertionError(run.process.communicate()[0])
        # After a kill, the endpoints of the run before may still be there.
        return path.exists() and json.loads(path.read_text())["pid"] == run.process.pid

    until(ready, START_SECONDS)
    run.endpoints = json.loads(path.read_text())
    return run


def put(run: Run, key: str) -> str:
    return run.s3().put_object(Bucket=run.endpoints["bucket"], Key=key, Body=b"abc")["VersionId"]
