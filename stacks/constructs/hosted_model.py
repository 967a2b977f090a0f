"""A SageMaker model: a container, the files it serves, and a role that reads these alone."""

import re

from aws_cdk import Aws
from aws_cdk import aws_ecr_assets as ecr_assets
from aws_cdk import aws_iam as iam
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from stacks.constructs.serving_image import ROOT
from stacks.findings import accept
from stacks.sagemaker_endpoints import Variant

# Graviton's types end their generation with a g: c7g, m6gd, but not g5.
ARM = re.compile(r"ml\.[a-z]+\d+g[a-z]*\.")
NAMESPACES = ["AWS/SageMaker", "/aws/sagemaker/Endpoints"]


class HostedModel(Construct):
    """A model that an endpoint can run.

    Args:
        environment: of the container, unless the variant's own says otherwise.

    Attributes:
        name: of the model, generated anew whenever something of it changes.
        role: what SageMaker acts as; without `network` the container itself gets no credentials.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        variant: Variant,
        log_group: logs.ILogGroup,
        environment: dict[str, str],
    ) -> None:
        super().__init__(scope, construct_id)
        self.role = iam.Role(
            self, "Role", assumed_by=iam.ServicePrincipal("sagemaker.amazonaws.com")
        )
        image = self._image(variant)
        for statement in (*_reads(variant.model_data), *_tells(log_group)):
            self.role.add_to_policy(statement)
        accept(self.role, _findings(variant.model_data))
        model = sagemaker.CfnModel(
            self,
            "Model",
            execution_role_arn=self.role.role_arn,
            # SageMaker itself copies the files: a container needs no network, unless it says so.
            # Serverless ones can't be isolated.
            enable_network_isolation=not variant.network and variant.serverless is None,
            primary_container=sagemaker.CfnModel.ContainerDefinitionProperty(
                image=image,
                environment={**environment, **dict(variant.environment)} or None,
                model_data_url=None if variant.model_data.endswith("/") else variant.model_data,
                model_data_source=_files(variant.model_data),
            ),
        )
        # The model is checked as it is made: by then its role must hold its policy.
        model.node.add_dependency(self.role)
        self.name = model.attr_model_name

    def _image(self, variant: Variant) -> str:
        if variant.image:
            for statement in _pulls(variant.image):
                self.role.add_to_policy(statement)
            return variant.image
        arm = not variant.serverless and ARM.match(variant.instance_type)
        platforms = ecr_assets.Platform
        asset = ecr_assets.DockerImageAsset(
            self,
            "Image",
            directory=str(ROOT),
            file="docker/Dockerfile",
            target="sagemaker",
            platform=platforms.LINUX_ARM64 if arm else platforms.LINUX_AMD64,
        )
        asset.repository.grant_pull(self.role)
        return asset.image_uri


def _files(uri: str) -> sagemaker.CfnModel.ModelDataSourceProperty | None:
    if not uri.endswith("/"):
        return None
    source = sagemaker.CfnModel.S3DataSourceProperty(
        s3_uri=uri, s3_data_type="S3Prefix", compression_type="None"
    )
    return sagemaker.CfnModel.ModelDataSourceProperty(s3_data_source=source)


def _reads(uri: str) -> list[iam.PolicyStatement]:
    path = uri.removeprefix("s3://")
    bucket, _, prefix = path.partition("/")
    arn = f"arn:{Aws.PARTITION}:s3:::"
    if not uri.endswith("/"):
        return [_allow(["s3:GetObject"], f"{arn}{path}")]
    return [
        _allow(["s3:GetObject"], f"{arn}{path}*"),
        iam.PolicyStatement(
            actions=["s3:ListBucket"],
            resources=[f"{arn}{bucket}"],
            conditions={"StringLike": {"s3:prefix": f"{prefix}*"}},
        ),
    ]


def _findings(uri: str) -> dict[str, str]:
    found = {
        "AwsSolutions-IAM5[Resource::*]": "ECR's log-in and CloudWatch's metrics know no resource."
    }
    if uri.endswith("/"):
        files = f"arn:<AWS::Partition>:s3:::{uri.removeprefix('s3://')}*"
        found[f"AwsSolutions-IAM5[Resource::{files}]"] = "A model's files, whatever their names."
    return found


def _pulls(image: str) -> list[iam.PolicyStatement]:
    host, _, path = image.partition("/")
    account, _, _, region, *_ = host.split(".")
    repository = re.split("[:@]", path)[0]
    return [
        _allow(
            ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
            f"arn:{Aws.PARTITION}:ecr:{region}:{account}:repository/{repository}",
        ),
        _allow(["ecr:GetAuthorizationToken"], "*"),  # ECR knows no resource for it
    ]


def _tells(log_group: logs.ILogGroup) -> list[iam.PolicyStatement]:
    """https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html#sagemaker-roles-createmodel-perms."""
    return [
        _allow(
            [
                "logs:CreateLogGroup",
                "logs:CreateLogStream",
                "logs:DescribeLogStreams",
                "logs:PutLogEvents",
            ],
            log_group.log_group_arn,
        ),
        iam.PolicyStatement(
            actions=["cloudwatch:PutMetricData"],
            resources=["*"],  # likewise; the condition says which metrics
            conditions={"StringEquals": {"cloudwatch:namespace": NAMESPACES}},
        ),
    ]


def _allow(actions: list[str], *resources: str) -> iam.PolicyStatement:
    return iam.PolicyStatement(actions=actions, resources=list(resources))
