"""The image of a variant's container: one that is given, AWS's of vLLM, or our own."""

import re

from aws_cdk import Aws
from aws_cdk import aws_ecr_assets as ecr_assets
from aws_cdk import aws_iam as iam
from constructs import Construct

from stacks.constructs.functions.serving_image import ROOT
from stacks.constructs.sagemaker import vllm
from stacks.settings.sagemaker.variant import Variant

# Graviton's types end their generation with a g: c7g, m6gd, but not g5.
ARM = re.compile(r"ml\.[a-z]+\d+g[a-z]*\.")


class ContainerImage(Construct):
    """An image that a model's role may pull.

    Attributes:
        uri: as ECR has it.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, variant: Variant, role: iam.Role
    ) -> None:
        super().__init__(scope, construct_id)
        if variant.image:
            self.uri = variant.image
            _let_pull(role, *_parts(variant.image))
        elif variant.server:
            self.uri = vllm.image(self)
            _let_pull(role, vllm.account(self), Aws.REGION, vllm.REPOSITORY)
        else:
            asset = self._built(variant)
            asset.repository.grant_pull(role)
            self.uri = asset.image_uri

    def _built(self, variant: Variant) -> ecr_assets.DockerImageAsset:
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


def _parts(image: str) -> tuple[str, str, str]:
    """Return account, region and repository."""
    host, _, path = image.partition("/")
    account, _, _, region, *_ = host.split(".")
    return account, region, re.split("[:@]", path)[0]


def _let_pull(role: iam.Role, account: str, region: str, repository: str) -> None:
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
    # ECR knows no resource for it.
    role.add_to_policy(iam.PolicyStatement(actions=["ecr:GetAuthorizationToken"], resources=["*"]))
