"""A SageMaker model: a container, the files it serves, and a role that reads only these."""

from aws_cdk import aws_iam as iam
from aws_cdk import aws_kms as kms
from aws_cdk import aws_logs as logs
from aws_cdk import aws_sagemaker as sagemaker
from constructs import Construct

from stacks.constructs.sagemaker.container_image import ContainerImage
from stacks.constructs.sagemaker.model_permissions import grant_model
from stacks.constructs.security.findings import accept
from stacks.settings.sagemaker.variant import Variant

NETWORK = "Its variant asks for the network, or is serverless, which SageMaker can't isolate."
# SageMaker's own containers read this variable, and so does this project's.
MULTI_MODEL_ENVIRONMENT = {"SAGEMAKER_MULTI_MODEL": "true"}


class HostedModel(Construct):
    """A model that an endpoint can run.

    Args:
        environment: variables of the container. The variant's own variables override them.

    Attributes:
        name: the model's name, which is generated anew whenever a property changes.
        role: the role of SageMaker. The container gets no credentials without `network`.
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
        grant_model(self.role, variant.model_data, log_group, key)
        # SageMaker copies the files itself, so a container needs no network for them.
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
        # SageMaker checks the model when it creates it. Its role must have its policy by then.
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
    # SageMaker takes an archive, or a folder of many archives, as a plain address.
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
