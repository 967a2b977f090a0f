"""A function in the serving image: it runs the code of models, and has no other permission."""

from collections.abc import Mapping

from aws_cdk import Duration, Size
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from stacks.constructs.functions.function_findings import FUNCTION_FINDINGS
from stacks.constructs.functions.serving_image import ARCHITECTURES, serving_image
from stacks.constructs.functions.vpc_identity import VpcIdentity
from stacks.constructs.network.network import Network
from stacks.constructs.security.findings import accept
from stacks.settings.settings import Settings


class ImageFunction(Construct):
    """The preparer or inference. Both have the same image and memory: a prepared model can load.

    Attributes:
        identity: the role, the security group and the log.
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
        self.identity = VpcIdentity(self, "Identity", network=network, filesystem=filesystem)
        self.function = lambda_.DockerImageFunction(
            self,
            "Function",
            code=serving_image(handler, settings.architecture, settings.environments),
            architecture=ARCHITECTURES[settings.architecture],
            memory_size=settings.memory_mb,
            timeout=timeout,
            ephemeral_storage_size=Size.mebibytes(512),
            environment={"LOG_LEVEL": settings.log_level, **environment},
            **self.identity.function_options,
        )
        accept(self.function, FUNCTION_FINDINGS)
