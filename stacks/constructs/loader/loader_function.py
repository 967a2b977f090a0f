"""A step of the loader: plain Python that moves files and never loads a model."""

from collections.abc import Mapping

from aws_cdk import Duration, Size
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from stacks.constructs.functions.function_identity import (
    FUNCTION_FINDINGS,
    RUNTIME_FINDINGS,
    NetworkedIdentity,
)
from stacks.constructs.functions.serving_image import ARCHITECTURES
from stacks.constructs.functions.zip_code import zip_code
from stacks.constructs.network.network import Network
from stacks.constructs.security.findings import accept
from stacks.constructs.storage.model_store import MOUNT_PATH, ModelStore
from stacks.settings.settings import Settings


class LoaderFunction(Construct):
    """One handler of lambdas/loader, that sees the whole file system.

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
        memory_mb: int,
        environment: Mapping[str, str],
        network: Network,
        model_store: ModelStore,
        settings: Settings,
    ) -> None:
        super().__init__(scope, construct_id)
        self.identity = NetworkedIdentity(self, "Identity", vpc=network.vpc)
        self.function = lambda_.Function(
            self,
            "Function",
            runtime=lambda_.Runtime.PYTHON_3_13,
            architecture=ARCHITECTURES[settings.architecture],
            code=zip_code("loader"),
            handler=handler,
            memory_size=memory_mb,
            timeout=Duration.minutes(15),
            ephemeral_storage_size=Size.mebibytes(512),
            environment={
                "REPOSITORY_DIR": MOUNT_PATH,
                "LOG_LEVEL": settings.log_level,
                **environment,
            },
            filesystem=model_store.mount(model_store.everything, writable=True),
            vpc=network.vpc,
            vpc_subnets=network.subnets,
            security_groups=[self.identity.security_group],
            role=self.identity.role,
            log_group=self.identity.log_group,
        )
        accept(self.function, {**FUNCTION_FINDINGS, **RUNTIME_FINDINGS})
