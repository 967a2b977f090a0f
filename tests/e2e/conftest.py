"""One local system for all end-to-end tests, running what the CDK command line synthesized."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest

from local.endpoints import Endpoints
from local.launcher import running_system
from tests.e2e.client import Client

DEAD_END = "http://127.0.0.1:9"  # the discard port: whatever tries to leave fails at once


def synthesize(root: Path, output: Path, **settings: str) -> Path:
    """Synthesize with the real command line: no Docker, no credentials, no network."""
    command = ["npx", "--no-install", "cdk", "synth", "--quiet", "--no-notices"]
    for key, value in settings.items():
        command += ["-c", f"{key}={value}"]
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "CDK_", "DOCKER_"))}
    environment = {
        **kept,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",  # for python3
        "HTTP_PROXY": DEAD_END,
        "HTTPS_PROXY": DEAD_END,
        "DOCKER_HOST": DEAD_END.replace("http", "tcp"),
        "AWS_EC2_METADATA_DISABLED": "true",
        "CDK_DISABLE_CLI_TELEMETRY": "true",
    }
    done = subprocess.run(
        [*command, "--output", str(output)],
        cwd=root,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return output


@pytest.fixture(scope="session")
def assembly(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return synthesize(root, tmp_path_factory.mktemp("assembly") / "cdk.out")


@pytest.fixture(scope="session")
def parent(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("state")


@pytest.fixture(scope="session")
def endpoints(assembly: Path, parent: Path) -> Iterator[Endpoints]:
    with running_system(assembly, parent) as found:
        yield found


@pytest.fixture(scope="session")
def state(endpoints: Endpoints, parent: Path) -> Path:
    """Return the state folder of the running system."""
    (folder,) = parent.glob("demo-*")
    assert Endpoints.read(folder / "endpoints.json") == endpoints
    return folder


@pytest.fixture(scope="session")
def client(endpoints: Endpoints) -> Client:
    return connect(endpoints)


def connect(endpoints: Endpoints) -> Client:
    """Return a client of a running system."""
    s3 = boto3.client(
        "s3",
        endpoint_url=endpoints.s3,
        region_name=endpoints.region,
        aws_access_key_id=endpoints.access_key,
        aws_secret_access_key=endpoints.secret_key,
    )
    return Client(endpoints, s3)
