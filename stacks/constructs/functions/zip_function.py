"""A function in plain Python: a zip of its own package of lambdas/ and of the serving core."""

from collections.abc import Mapping

from aws_cdk import Duration, IgnoreMode, Size
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from stacks.constructs.functions.function_identity import FunctionIdentity
from stacks.constructs.functions.serving_image import ARCHITECTURES, ROOT
from stacks.settings.settings import Settings

LAMBDAS = ROOT / "lambdas"
# The manifest tells what came of compiling a model; these modules say in which form.
COMPILER_RECORDS = (
    *("__init__", "signature", "column_types", "tensors", "compilation", "independence"),
    *("suggestions", "chain"),
)


class ZipFunction(lambda_.Function):
    """Runs `handler`, whose first part is the package.

    Args:
        environment: variables besides `LOG_LEVEL`.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        handler: str,
        memory_mb: int,
        timeout: Duration,
        environment: Mapping[str, str],
        identity: FunctionIdentity,
        settings: Settings,
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            runtime=lambda_.Runtime.PYTHON_3_13,
            architecture=ARCHITECTURES[settings.architecture],
            code=_code(handler.partition(".")[0]),
            handler=handler,
            memory_size=memory_mb,
            timeout=timeout,
            ephemeral_storage_size=Size.mebibytes(512),
            environment={"LOG_LEVEL": settings.log_level, **environment},
            **identity.function_options,
        )


def _code(package: str) -> lambda_.Code:
    """Returns an asset by allow-list: its hash stays while the code of other functions changes."""
    shared = [f"!modelmount_compiler/{name}.py" for name in COMPILER_RECORDS]
    content = ["*", f"!{package}", "!serving", *shared, "**/__pycache__"]
    return lambda_.Code.from_asset(str(LAMBDAS), exclude=content, ignore_mode=IgnoreMode.DOCKER)
