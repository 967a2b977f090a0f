"""The calls that keep functions from falling idle."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from inference.proxy import to_request
from loader.bucket import events
from tests.stacks.deployment import Deployment, Template


def _calls(template: Template) -> dict[str, Any]:
    """Returns the events that functions get on a schedule, by function."""
    return {
        target["Arn"]: json.loads(target["Input"])
        for rule in template.of_type("AWS::Events::Rule").values()
        for target in rule["Targets"]
        if "Input" in target and rule["ScheduleExpression"] == "rate(3 days)"
    }


def test_stage_is_called_and_has_nothing_to_do(default: Deployment) -> None:
    """Its result goes to the preparer and to publish, which are called with it."""
    calls = _calls(default.storage)

    assert calls.keys() == {"${ModelLoaderStageFunction.Arn}"}
    assert list(events.parse(calls["${ModelLoaderStageFunction.Arn}"])) == []


def test_inference_is_asked_for_its_health(default: Deployment) -> None:
    calls = _calls(default.inference)

    assert calls.keys() == {"${InferenceFunction.Arn}"}
    request = to_request(calls["${InferenceFunction.Arn}"])
    assert (request.method, request.path) == ("GET", "/v2/health/live")


@pytest.mark.slow
def test_dedicated_functions_are_called_but_those_that_are_kept_started(
    deploy: Callable[..., Deployment],
) -> None:
    models: dict[str, Any] = {f"m{n}": {} for n in range(6)} | {
        "warm": {"provisioned_concurrency": 1}
    }
    inference = deploy(dedicated=json.dumps(models)).inference

    assert _calls(inference).keys() == {
        "${InferenceFunction.Arn}",
        *(f"${{Dedicatedm{n}Function.Arn}}" for n in range(6)),
    }
    # EventBridge takes five targets a rule.
    for rule in inference.of_type("AWS::Events::Rule").values():
        assert len(rule["Targets"]) <= 5


@pytest.mark.parametrize("stack", ["storage", "inference"])
def test_each_rule_may_call_its_functions(default: Deployment, stack: str) -> None:
    template: Template = getattr(default, stack)
    allowed = {
        (permission["FunctionName"], permission["SourceArn"])
        for permission in template.of_type("AWS::Lambda::Permission").values()
        if permission["Principal"] == "events.amazonaws.com"
    }
    wanted = {
        (target["Arn"], f"${{{key}.Arn}}")
        for key, rule in template.of_type("AWS::Events::Rule").items()
        for target in rule["Targets"]
    }

    assert allowed == wanted
