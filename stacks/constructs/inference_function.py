"""The function that answers: it reads published models, and may do nothing else."""

from aws_cdk import Duration, Size
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from stacks.constructs.function_identity import FunctionIdentity
from stacks.constructs.model_store import MOUNT_PATH, ModelStore
from stacks.constructs.network import Network
from stacks.constructs.serving_image import ServingImage
from stacks.settings import Settings


class InferenceFunction(Construct):
    """Inference, in the serving image, with the models mounted read-only.

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
            code=image.code("inference.handler.handler"),
            architecture=image.architecture,
            memory_size=settings.memory_mb,
            # API Gateway gives up after 29 s: what runs longer is paid for and thrown away.
            timeout=Duration.seconds(29),
            ephemeral_storage_size=Size.mebibytes(512),
            environment={
                "MODEL_DIR": MOUNT_PATH,
                "ALLOWED_ORIGINS": ",".join(settings.allowed_origins),
                "REFRESH_SECONDS": f"{settings.refresh_seconds:g}",
                "LOG_LEVEL": settings.log_level,
            },
            filesystem=model_store.mount(model_store.models, writable=False),
            vpc=network.vpc,
            vpc_subnets=network.subnets,
            security_groups=[self.identity.security_group],
            role=self.identity.role,
            log_group=self.identity.log_group,
        )
