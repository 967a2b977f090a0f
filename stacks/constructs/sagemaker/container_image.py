"""The image of a variant's container: a given one, AWS's of vLLM, or this project's own."""

import re

from aws_cdk import Aws
from aws_cdk import aws_ecr_assets as ecr_assets
from aws_cdk import aws_iam as iam
from constructs import Construct

from stacks.constructs.functions.serving_image import ROOT
from stacks.constructs.sagemaker import vllm
from stacks.settings.sagemaker.variant import Variant

# Types with Graviton have a g after their generation: c7g and m6gd, but not g5.
ARM = re.compile(r"ml\.[a-z]+\d+g[a-z]*\.")


class ContainerImage(Construct):
    """An image that a model's role may pull.

    Attributes:
        uri: the image's address in ECR.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, variant: Variant, role: iam.Role
    ) -> None:
        super().__init__(scope, construct_id)
        if variant.image:
            self.uri = variant.image
            _allow_pull(role, *_parse_address(variant.image))
        elif variant.server:
            self.uri = vllm.image(self)
            _allow_pull(role, vllm.account(self), Aws.REGION, vllm.REPOSITORY)
        else:
            asset = self._asset(variant)
            asset.repository.grant_pull(role)
            self.uri = asset.image_uri

    def _asset(self, variant: Variant) -> ecr_assets.DockerImageAsset:
        arm = not variant.serverless and ARM.match(variant.instance_type)
        platforms = ecr_assets.Platform
        return ecr_assets.DockerImageAsset(
            self,
            "Asset",
            directory=str(ROOT),
            file="docker/Dockerfile",
            target="sagemaker",
            build_args={"GENERATION": variant.generation},
            platform=platforms.LINUX_ARM64 if arm else platforms.LINUX_AMD64,
        )


def _parse_address(image: str) -> tuple[str, str, str]:
    """Returns account, region and repository."""
    host, _, path = image.partition("/")
    account, _, _, region, *_ = host.split(".")
    return account, region, re.split("[:@]", path)[0]


def _allow_pull(role: iam.Role, account: str, region: str, repository: str) -> None:
    role.add_to_policy(
        iam.PolicyStatement(
            actions=[
                "ecr:BatchCheckLayerAvailability",
                "ecr:BatchGetImage",
                "ecr:GetDownloadUrlForLayer",
            ],
            resources=[f"arn:{Aws.PARTITION}:ecr:{region}:{account}:repository/{repository}"],
        )
    )
    # This action takes no narrower resource.
    role.add_to_policy(iam.PolicyStatement(actions=["ecr:GetAuthorizationToken"], resources=["*"]))
