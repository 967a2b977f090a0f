"""The one image in which models are both checked and served."""

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


class ServingImage:
    """docker/Dockerfile's target `lambda`; the same asset whichever handler is asked for."""

    def __init__(self, architecture: str) -> None:
        self.architecture = ARCHITECTURES[architecture]
        self._platform = PLATFORMS[architecture]

    def code(self, handler: str) -> lambda_.DockerImageCode:
        """Return the image with `handler` as its command."""
        return lambda_.DockerImageCode.from_image_asset(
            str(ROOT),
            file="docker/Dockerfile",
            target="lambda",
            platform=self._platform,
            cmd=[handler],
        )
