"""Permissions of a model's role: its own files, its log and its metrics."""

from aws_cdk import Aws
from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs

from stacks.constructs.security.findings import accept

NAMESPACES = ["AWS/SageMaker", "/aws/sagemaker/Endpoints"]


def grant_model(
    role: iam.Role, model_data: str, log_group: logs.ILogGroup, key: kms.IKey | None
) -> None:
    """Lets a role read the files at `model_data`, and write logs and metrics."""
    for statement in (*_read_statements(model_data), *_telemetry_statements(log_group)):
        role.add_to_policy(statement)
    if key:
        # This key encrypts the deployment's model bucket, where the files may be.
        role.add_to_policy(_allow(["kms:Decrypt"], key.key_arn))
    accept(role, _findings(model_data))


def _read_statements(uri: str) -> list[iam.PolicyStatement]:
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


def _telemetry_statements(log_group: logs.ILogGroup) -> list[iam.PolicyStatement]:
    """Returns the permissions to write logs and metrics.

    https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html#sagemaker-roles-createmodel-perms
    """
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
            resources=["*"],  # it takes no narrower one; the condition names the metrics
            conditions={"StringEquals": {"cloudwatch:namespace": NAMESPACES}},
        ),
    ]


def _allow(actions: list[str], *resources: str) -> iam.PolicyStatement:
    return iam.PolicyStatement(actions=actions, resources=list(resources))
