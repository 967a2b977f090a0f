"""The image, built as it would be for AWS on a stand-in for AWS's base, and a way to run it."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from tests.image.chroot import Chroot
from tests.image.emulator import USER, Function, Runner, Running, Stopwatch
from tests.image.podman import Podman
from tests.image.uploads import Uploads
from tests.lambdas.deployment import BUCKET, Deployment

TARGETS = ("lambda", "sagemaker")
CANNOT = 3  # the status of build.sh where this machine or user can't


@dataclass(frozen=True)
class Images:
    """What was built.

    Attributes:
        seconds: that it took, which is little where layers are cached.
    """

    seconds: float

    def name(self, target: str) -> str:
        return f"localhost/modelmount-{target}"

    def config(self, target: str) -> Any:
        """Return the image's configuration, as the OCI describes it."""
        return json.loads(_output("buildah", "inspect", "--type", "image", self.name(target)))[
            "OCIv1"
        ]["config"]

    def megabytes(self, name: str) -> float:
        """Return how large an image is, its base included."""
        listed = _output("podman", "image", "inspect", "--format", "{{.Size}}", name)
        return int(listed) / 1e6


@pytest.fixture(scope="session")
def images(root: Path) -> Images:
    state = root / ".image"
    os.environ["CONTAINERS_STORAGE_CONF"] = str(state / "storage.conf")
    with Stopwatch() as watch:
        done = subprocess.run(
            [str(root / "docker/standin/build.sh"), *TARGETS],
            env={**os.environ, "STATE": str(state)},
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    if done.returncode == CANNOT:
        pytest.skip(done.stderr.strip())
    assert done.returncode == 0, done.stderr
    return Images(watch.seconds)


@pytest.fixture(scope="session")
def runner(images: Images) -> Iterator[Runner]:
    """Podman; where it refuses, or `IMAGE_RUNNER=chroot`, the image's files by chroot."""
    runner = runner_of(images.name("lambda"))
    yield runner
    runner.close()


def runner_of(image: str) -> Runner:
    """Return a way to run an image that its user closes."""
    if os.environ.get("IMAGE_RUNNER") == "chroot":
        return Chroot(image, "as asked for")
    podman = Podman(image)
    if refusal := podman.refusal():
        podman.close()
        return Chroot(image, f"since podman refuses: {refusal}")
    return podman


@pytest.fixture(scope="module")
def uploads(runner: Runner, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Uploads]:
    """A file system whose uploads are prepared in the image.

    Not for the session: the S3 that it makes up takes the place of every other in this process.
    """
    with pytest.MonkeyPatch.context() as patch, mock_aws():
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            patch.setenv(name, "testing")
        s3 = boto3.client("s3", region_name="us-east-1")
        s3.create_bucket(Bucket=BUCKET)
        s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
        yield Uploads(runner, Deployment(s3, tmp_path_factory.mktemp("efs")))


@pytest.fixture(scope="session")
def probe_code(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the probe alone, to lie where layers do."""
    folder = tmp_path_factory.mktemp("python")
    folder.chmod(0o755)
    shutil.copy(Path(__file__).with_name("probe.py"), folder)
    return folder


@pytest.fixture(scope="session")
def limited(probe_code: Path, tmp_path_factory: pytest.TempPathFactory) -> Function:
    """The probe with tight limits and a file system that it can read only."""
    folder = tmp_path_factory.mktemp("mounted")
    os.chown(folder, *map(int, USER.split(":")))
    return Function(
        handler="probe.handler",
        environment={},
        folder=folder,
        code=probe_code,
        memory_mb=512,
        timeout_seconds=3,
    )


@pytest.fixture(scope="session")
def probe(runner: Runner, limited: Function) -> Iterator[Running]:
    """The probe with time to spare."""
    with runner.start(replace(limited, memory_mb=2048, timeout_seconds=120)) as running:
        yield running


def _output(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout
