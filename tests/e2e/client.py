"""What a user does to a running system, with the clients a user has."""

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import requests

from local.endpoints import Endpoints

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

ARRIVE_SECONDS = 90


@dataclass(frozen=True)
class Client:
    endpoints: Endpoints
    s3: "S3Client"

    def put(self, key: str, data: bytes) -> str:
        """Upload with boto3; return the object's version id."""
        answer = self.s3.put_object(Bucket=self.endpoints.bucket, Key=key, Body=data)
        return answer["VersionId"]

    def aws(self, *arguments: str) -> str:
        """Run the aws command line against the system's S3; return what it prints."""
        environment = {
            **os.environ,
            "AWS_ACCESS_KEY_ID": self.endpoints.access_key,
            "AWS_SECRET_ACCESS_KEY": self.endpoints.secret_key,
            "AWS_DEFAULT_REGION": self.endpoints.region,
        }
        aws = Path(sys.executable).with_name("aws")
        done = subprocess.run(
            [str(aws), "--endpoint-url", self.endpoints.s3, *arguments],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout

    def status(self, model: str) -> requests.Response:
        return requests.get(f"{self.endpoints.api}/models/{quote(model)}", timeout=35)

    def infer(self, body: Any) -> requests.Response:
        url = f"{self.endpoints.api}/inference"
        if isinstance(body, bytes):
            return requests.post(url, data=body, timeout=35)
        return requests.post(url, json=body, timeout=35)

    def version(self, model: str, version_id: str | None = None) -> dict[str, Any]:
        """Wait until the upload (the newest without `version_id`) is decided; return its entry."""
        deadline = time.monotonic() + ARRIVE_SECONDS
        seen: Any = None
        while time.monotonic() < deadline:
            answer = self.status(model)
            seen = answer.json()
            for entry in reversed(seen.get("versions", [])):
                is_it = version_id in (None, entry.get("source", {}).get("version_id"))
                if is_it and entry["state"] not in ("staged", "preparing"):
                    return dict(entry)
            time.sleep(0.1)
        raise AssertionError(f"{model} was not decided in {ARRIVE_SECONDS} s: {seen}")

    def arrive(self, model: str, version_id: str | None = None) -> dict[str, Any]:
        """Wait likewise, and insist that it is the current version."""
        entry = self.version(model, version_id)
        assert entry["state"] == "current", entry
        return entry
