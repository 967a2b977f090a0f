"""The template sets exactly the variables that each function's settings read."""

from collections.abc import Callable

import pytest

from dispatcher.settings import DispatchSettings
from inference.settings import DedicatedSettings, InferenceSettings
from loader.settings import PublishSettings, ReconcileSettings, StageSettings
from notifier.settings import NotifySettings
from preparer.settings import PrepareSettings
from sagemaker_proxy.settings import ProxySettings
from tests.stacks.configurations import OTHER_EVERYTHING
from tests.stacks.deployment import Deployment

LAMBDAS_OWN = {"AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "1024"}


@pytest.mark.parametrize(
    ("function", "settings"),
    [
        ("stage", StageSettings),
        ("preparer", PrepareSettings),
        ("publish", PublishSettings),
        ("reconcile", ReconcileSettings),
        ("notifier", NotifySettings),
        ("dispatcher", DispatchSettings),
        ("inference", InferenceSettings),
        ("dedicated", DedicatedSettings),
        ("sagemaker_proxy", ProxySettings),
    ],
)
def test_the_environment_is_the_settings(
    deploy: Callable[..., Deployment],
    function: str,
    settings: type[
        StageSettings
        | PrepareSettings
        | PublishSettings
        | ReconcileSettings
        | NotifySettings
        | DispatchSettings
        | InferenceSettings
        | DedicatedSettings
        | ProxySettings
    ],
) -> None:
    optional = ("dedicated", "sagemaker_proxy")
    deployment = deploy(**OTHER_EVERYTHING) if function in optional else deploy()
    environment = deployment.function(function)["Environment"]["Variables"]
    assert set(environment) == settings.variables()
    settings.from_env({**environment, "TOPIC_ARN": "arn:aws:sns:x:1:t", **LAMBDAS_OWN})
