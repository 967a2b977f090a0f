"""An AWS in a process: MiniStack on loopback, and the CDK command line that deploys to it."""

import contextlib
import os
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest

from tests.image.emulator import free_address

ACCOUNT = "000000000000"
REGION = "us-east-1"
START_SECONDS = 60


class CdkFailed(Exception):
    """The command line ended with an error; the text is what it said."""


@dataclass(frozen=True)
class MiniStack:
    """A running one.

    Attributes:
        root: of the project, where the command line is.
        log: what it said.
    """

    url: str
    root: Path
    log: Path

    @property
    def credentials(self) -> dict[str, str]:
        """The environment of whoever speaks to it."""
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def client(self, service: Any) -> Any:
        """Return a boto3 client."""
        return boto3.client(
            service,
            endpoint_url=self.url,
            region_name=REGION,
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )

    def cdk(self, *arguments: str) -> str:
        """Run the CDK command line; return what it said. Raises CdkFailed."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "CDK_"))}
        done = subprocess.run(
            ["npx", "--no-install", "cdk", "--no-notices", "--ci", *arguments],
            cwd=self.root,
            env={**kept, **self.credentials, "CDK_DISABLE_CLI_TELEMETRY": "true"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if done.returncode:
            raise CdkFailed(done.stdout)
        return done.stdout


@contextlib.contextmanager
def running(root: Path, folder: Path) -> Iterator[MiniStack]:
    """Start one that keeps what it keeps in `folder`, and stop it at the end."""
    python = root / ".venv-deploy" / "bin" / "python"
    if not python.exists():
        pytest.skip("MiniStack is missing; install it with: make .venv-deploy/.ready")
    address = free_address()
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": address.split(":")[1],
    }
    log = folder / "ministack.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [str(python), "-m", "ministack"],
            env=environment,
            cwd=folder,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        ministack = MiniStack(f"http://{address}", root, log)
        _wait(ministack, process)
        yield ministack
    finally:
        process.terminate()
        process.wait()


def _wait(ministack: MiniStack, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError):
            urllib.request.urlopen(f"{ministack.url}/_ministack/health", timeout=5).close()
            return
        time.sleep(0.1)
    raise TimeoutError(f"MiniStack is not ready; it said: {ministack.log.read_text()}")
