"""A step of the loader: plain Python that moves files and never loads a model."""

from collections.abc import Mapping

from aws_cdk import Duration
from constructs import Construct

from stacks.constructs.functions.function_findings import FUNCTION_FINDINGS, RUNTIME_FINDINGS
from stacks.constructs.functions.vpc_identity import VpcIdentity
from stacks.constructs.functions.zip_function import ZipFunction
from stacks.constructs.network.network import Network
from stacks.constructs.security.findings import accept
from stacks.constructs.storage.model_store import MOUNT_PATH, ModelStore
from stacks.settings.settings import Settings


class LoaderFunction(Construct):
    """One handler of lambdas/loader. It sees the whole file system.

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
        memory_mb: int,
        environment: Mapping[str, str],
        network: Network,
        model_store: ModelStore,
        settings: Settings,
    ) -> None:
        super().__init__(scope, construct_id)
        filesystem = model_store.mount(model_store.everything, writable=True)
        self.identity = VpcIdentity(self, "Identity", network=network, filesystem=filesystem)
        self.function = ZipFunction(
            self,
            "Function",
            handler=handler,
            memory_mb=memory_mb,
            timeout=Duration.minutes(15),
            environment={"REPOSITORY_DIR": MOUNT_PATH, **environment},
            identity=self.identity,
            settings=settings,
        )
        accept(self.function, {**FUNCTION_FINDINGS, **RUNTIME_FINDINGS})
