"""The step that loads a model for the first time: it may do nothing but write its candidates."""

from aws_cdk import Duration, Size
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from stacks.constructs.function_identity import FunctionIdentity
from stacks.constructs.model_store import MOUNT_PATH, ModelStore
from stacks.constructs.network import Network
from stacks.constructs.serving_image import ServingImage
from stacks.settings import Settings


class PreparerFunction(Construct):
    """The preparer, in the image that serves, with the memory that serving has.

    Attributes:
        identity: its role, security group and log.
        function: the function itself.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        network: Network,
        model_store: ModelStore,
        settings: Settings,
    ) -> None:
        super().__init__(scope, construct_id)
        image = ServingImage(settings.architecture)
        self.identity = FunctionIdentity(self, "Identity", vpc=network.vpc)
        self.function = lambda_.DockerImageFunction(
            self,
            "Function",
            code=image.code("preparer.handler.handler"),
            architecture=image.architecture,
            memory_size=settings.memory_mb,
            timeout=Duration.minutes(15),
            ephemeral_storage_size=Size.mebibytes(512),
            environment={
                "CANDIDATES_DIR": MOUNT_PATH,
                "TRUSTED_FORMATS": ",".join(settings.trusted_formats),
                "LOG_LEVEL": settings.log_level,
            },
            filesystem=model_store.mount(model_store.candidates, writable=True),
            vpc=network.vpc,
            vpc_subnets=network.subnets,
            security_groups=[self.identity.security_group],
            role=self.identity.role,
            log_group=self.identity.log_group,
        )
