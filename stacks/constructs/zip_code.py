"""What a function without an image gets of lambdas/: its own package and the serving core."""

from pathlib import Path

from aws_cdk import IgnoreMode
from aws_cdk import aws_lambda as lambda_

LAMBDAS = Path(__file__).parents[2] / "lambdas"
# The manifest tells what came of compiling a model; these modules say in which form.
COMPILER_RECORDS = ("__init__", "signature", "compilation")


def zip_code(package: str) -> lambda_.Code:
    """Return an asset by allow-list, so that its hash is steady while other functions change."""
    shared = [f"!modelmount_compiler/{name}.py" for name in COMPILER_RECORDS]
    content = ["*", f"!{package}", "!serving", *shared, "**/__pycache__"]
    return lambda_.Code.from_asset(str(LAMBDAS), exclude=content, ignore_mode=IgnoreMode.DOCKER)
