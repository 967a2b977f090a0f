"""A SageMaker model: a container, the files it serves, and a role that reads these alone."""

from aws_cdk import Aws
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from stacks.constructs.sagemaker.container_image import ContainerImage
from stacks.constructs.security.findings import accept
from stacks.settings.sagemaker.variant import Variant

NAMESPACES = ["AWS/SageMaker", "/aws/sagemaker/Endpoints"]
NETWORK = "Its variant asks for the network, or is serverless, which SageMaker can't isolate."
# How SageMaker's own containers are told, and ours.
MULTI_MODEL_ENVIRONMENT = {"SAGEMAKER_MULTI_MODEL": "true"}


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
        key: kms.IKey | None,
        environment: dict[str, str],
    ) -> None:
        super().__init__(scope, construct_id)
        self.role = iam.Role(
            self, "Role", assumed_by=iam.ServicePrincipal("sagemaker.amazonaws.com")
        )
        image = ContainerImage(self, "Image", variant=variant, role=self.role)
        for statement in (*_reads(variant.model_data), *_tells(log_group)):
            self.role.add_to_policy(statement)
        if key:
            # A bucket of models is encrypted with it, where it is this deployment's.
            self.role.add_to_policy(_allow(["kms:Decrypt"], key.key_arn))
        accept(self.role, _findings(variant.model_data))
        # SageMaker itself copies the files: a container needs no network, unless it says so.
        is_isolated = not variant.network and variant.serverless is None
        model = sagemaker.CfnModel(
            self,
            "Model",
            execution_role_arn=self.role.role_arn,
            enable_network_isolation=is_isolated,
            primary_container=_container(variant, image.uri, environment),
        )
        if not is_isolated:
            accept(model, {"CKV_AWS_370": NETWORK})
        # The model is checked as it is made: by then its role must hold its policy.
        model.node.add_dependency(self.role)
        self.name = model.attr_model_name


def _container(
    variant: Variant, image: str, environment: dict[str, str]
) -> sagemaker.CfnModel.ContainerDefinitionProperty:
    given = {
        **environment,
        **(MULTI_MODEL_ENVIRONMENT if variant.multi_model else {}),
        **dict(variant.environment),
    }
    # SageMaker takes many models from an address alone, as it takes an archive.
    is_address = variant.multi_model or not variant.model_data.endswith("/")
    return sagemaker.CfnModel.ContainerDefinitionProperty(
        image=image,
        environment=given or None,
        mode="MultiModel" if variant.multi_model else None,
        model_data_url=variant.model_data if is_address else None,
        model_data_source=None if is_address else _files(variant.model_data),
    )


def _files(uri: str) -> sagemaker.CfnModel.ModelDataSourceProperty:
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
