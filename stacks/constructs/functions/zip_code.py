"""What a function without an image gets of lambdas/: its own package and the serving core."""

from pathlib import Path

from aws_cdk import IgnoreMode
from aws_cdk import aws_lambda as lambda_

LAMBDAS = Path(__file__).parents[3] / "lambdas"


def zip_code(package: str) -> lambda_.Code:
    """Return an asset by allow-list, so that its hash is steady while other functions change."""
    content = ["*", f"!{package}", "!serving", "**/__pycache__"]
    return lambda_.Code.from_asset(str(LAMBDAS), exclude=content, ignore_mode=IgnoreMode.DOCKER)
