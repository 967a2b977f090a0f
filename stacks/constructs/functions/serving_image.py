"""The image in which models are both prepared and served."""

import hashlib
import re
from collections.abc import Sequence
from pathlib import Path

from aws_cdk import aws_ecr_assets as ecr_assets
from aws_cdk import aws_lambda as lambda_

from environment_builder.definition import read

ROOT = Path(__file__).parents[3]

PLATFORMS = {
    "x86_64": ecr_assets.Platform.LINUX_AMD64,
    "arm64": ecr_assets.Platform.LINUX_ARM64,
}
ARCHITECTURES = {
    "x86_64": lambda_.Architecture.X86_64,
    "arm64": lambda_.Architecture.ARM_64,
}

PINS = ("docker/requirements.txt", "docker/requirements-no-deps.txt")


def image_name(architecture: str, environments: Sequence[str] = ()) -> str:
    """Returns a name that changes with the image's library versions, and with nothing else.

    A model that was prepared in an image of another name has to be prepared again. Python counts
    by its minor version, as in the base image's tag.

    Args:
        environments: those that are built into the image.
    """
    pins = [pin for path in PINS for pin in _pins((ROOT / path).read_text("utf-8"))]
    pins += [f"{name}: {pin}" for name in environments for pin in read(name).pins]
    dockerfile = (ROOT / "docker/Dockerfile").read_text("utf-8")
    python = re.search(r"^ARG BASE_IMAGE=\S*python:(\d+\.\d+)", dockerfile, re.MULTILINE)
    if python is None:
        raise ValueError("docker/Dockerfile: the base image's tag doesn't tell Python's version")
    content = "\n".join([architecture, python[1], *sorted(pins)])
    return hashlib.sha256(content.encode()).hexdigest()[:12]


def _pins(requirements: str) -> list[str]:
    """Returns lines such as `numpy==2.3.5`, without hashes, markers and comments."""
    return re.findall(r"^([A-Za-z0-9._-]+==[^\s;\\]+)", requirements, re.MULTILINE)


def build_args(environments: Sequence[str]) -> dict[str, str]:
    """Returns what docker/Dockerfile is told about the environments to build."""
    return {"ENVIRONMENTS": " ".join(environments)}


def serving_image(
    handler: str, architecture: str, environments: Sequence[str]
) -> lambda_.DockerImageCode:
    """Returns the target `lambda` of docker/Dockerfile: one asset, whatever the `handler`."""
    return lambda_.DockerImageCode.from_image_asset(
        str(ROOT),
        file="docker/Dockerfile",
        target="lambda",
        build_args=build_args(environments),
        platform=PLATFORMS[architecture],
        cmd=[handler],
    )
