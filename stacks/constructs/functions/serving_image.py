"""The image in which models are both prepared and served."""

from pathlib import Path

from aws_cdk import aws_ecr_assets as ecr_assets
from aws_cdk import aws_lambda as lambda_

ROOT = Path(__file__).parents[3]

PLATFORMS = {
    "x86_64": ecr_assets.Platform.LINUX_AMD64,
    "arm64": ecr_assets.Platform.LINUX_ARM64,
}
ARCHITECTURES = {
    "x86_64": lambda_.Architecture.X86_64,
    "arm64": lambda_.Architecture.ARM_64,
}


def serving_image(handler: str, architecture: str) -> lambda_.DockerImageCode:
    """Returns the target `lambda` of docker/Dockerfile: one asset, whatever the `handler`."""
    return lambda_.DockerImageCode.from_image_asset(
        str(ROOT),
        file="docker/Dockerfile",
        target="lambda",
        platform=PLATFORMS[architecture],
        cmd=[handler],
    )
