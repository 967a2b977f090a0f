"""What the template sets is what each function's settings read, neither more nor less."""

import pytest

from loader.settings import PublishSettings, ReconcileSettings, StageSettings
from notifier.settings import NotifySettings
from preparer.settings import PrepareSettings
from serving.settings import ServingSettings
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
        ("inference", ServingSettings),
    ],
)
def test_the_environment_is_the_settings(
    default: Deployment,
    function: str,
    settings: type[
        StageSettings
        | PrepareSettings
        | PublishSettings
        | ReconcileSettings
        | NotifySettings
        | ServingSettings
    ],
) -> None:
    environment = default.function(function)["Environment"]["Variables"]
    assert set(environment) == settings.variables()
    settings.from_env({**environment, "TOPIC_ARN": "arn:aws:sns:x:1:t", **LAMBDAS_OWN})
