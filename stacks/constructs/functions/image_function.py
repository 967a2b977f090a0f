"""A function in the serving image: it runs model code, and may do nothing else."""

from collections.abc import Mapping

from aws_cdk import Duration, Size
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from stacks.constructs.functions.function_identity import FUNCTION_FINDINGS, NetworkedIdentity
from stacks.constructs.functions.serving_image import ServingImage
from stacks.constructs.network.network import Network
from stacks.constructs.security.findings import accept
from stacks.settings.settings import Settings


class ImageFunction(Construct):
    """The preparer or inference: one image and one memory, so that what loads there serves here.

    Attributes:
        identity: its role, security group and log.
        function: the function itself.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        handler: str,
        timeout: Duration,
        environment: Mapping[str, str],
        filesystem: lambda_.FileSystem,
        network: Network,
        settings: Settings,
    ) -> None:
        super().__init__(scope, construct_id)
        image = ServingImage(settings.architecture)
        self.identity = NetworkedIdentity(self, "Identity", vpc=network.vpc)
        self.function = lambda_.DockerImageFunction(
            self,
            "Function",
            code=image.code(handler),
            architecture=image.architecture,
            memory_size=settings.memory_mb,
            timeout=timeout,
            ephemeral_storage_size=Size.mebibytes(512),
            environment={"LOG_LEVEL": settings.log_level, **environment},
            filesystem=filesystem,
            vpc=network.vpc,
            vpc_subnets=network.subnets,
            security_groups=[self.identity.security_group],
            role=self.identity.role,
            log_group=self.identity.log_group,
        )
        accept(self.function, FUNCTION_FINDINGS)
