"""The CDK app: it reads the settings and adds the stacks.

A synth needs no call of AWS, no Docker and no network.
"""

import sys
from pathlib import Path

import aws_cdk as cdk
from cdk_nag import AwsSolutionsChecks

from stacks.inference import InferenceStack
from stacks.removed import RemovedStack
from stacks.sagemaker import SageMakerStack
from stacks.settings.errors import SettingsError
from stacks.settings.settings import Settings
from stacks.staged_assets import make_readable
from stacks.storage import StorageStack


def build(app: cdk.App) -> None:
    """Adds the stacks of one deployment stage to `app`."""
    settings = Settings.from_context(app.node.get_all_context())
    prefix = f"Modelmount-{settings.stage}"
    storage = StorageStack(app, f"{prefix}-Storage", settings=settings)
    sagemaker = (
        SageMakerStack(app, f"{prefix}-SageMaker", key=storage.key, settings=settings)
        if settings.sagemaker
        else None
    )
    inference = InferenceStack(
        app,
        f"{prefix}-Inference",
        settings=settings,
        network=storage.network,
        model_store=storage.model_store,
        key=storage.key,
        notifier=storage.notifier,
        sagemaker_proxy=sagemaker.proxy if sagemaker else None,
    )
    if sagemaker is None:
        removed = RemovedStack(app, f"{prefix}-SageMaker")
        # Only then has the API stopped to use what goes.
        removed.add_stack_dependency(inference)
    cdk.Tags.of(app).add("app", "modelmount")
    cdk.Tags.of(app).add("stage", settings.stage)


if __name__ == "__main__":
    app = cdk.App()
    try:
        build(app)
    except SettingsError as error:
        sys.exit(f"Bad setting: {error}")
    cdk.Validations.of(app).add_plugins(AwsSolutionsChecks(app))
    make_readable(Path(app.synth().directory))
