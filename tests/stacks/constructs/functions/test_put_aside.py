"""Lines of inference's log that tell of a version put aside reach the notifier."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from serving.errors import ModelPutAside
from stacks.constructs.functions.put_aside import WORD
from tests.stacks.deployment import Deployment, Template


def _followed(template: Template) -> list[Any]:
    found = template.of_type("AWS::Logs::SubscriptionFilter").values()
    return [each["LogGroupName"] for each in found]


def test_the_filter_is_the_word_that_the_log_has(default: Deployment) -> None:
    (subscription,) = default.inference.of_type("AWS::Logs::SubscriptionFilter").values()
    assert subscription["FilterPattern"] == WORD == ModelPutAside.code
    assert subscription["LogGroupName"] == "${InferenceIdentityLog}"


def test_logs_of_the_stack_alone_may_call_the_notifier(default: Deployment) -> None:
    (subscription,) = default.inference.of_type("AWS::Logs::SubscriptionFilter").values()
    permissions = default.inference.of_type("AWS::Lambda::Permission").values()
    (permission,) = [p for p in permissions if p["Principal"] == "logs.amazonaws.com"]
    assert permission["FunctionName"] == subscription["DestinationArn"]
    # Log groups have no names of their own, so CloudFormation names them after the stack.
    log = default.inference.of_type("AWS::Logs::LogGroup")["InferenceIdentityLog"]
    assert "LogGroupName" not in log
    named = "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group"
    assert permission["SourceArn"] == f"{named}:${{AWS::StackName}}-*"
    assert permission["SourceAccount"] == "${AWS::AccountId}"


@pytest.mark.slow
def test_dedicated_functions_are_followed_too(deploy: Callable[..., Deployment]) -> None:
    inference = deploy(dedicated=json.dumps({"m": {}})).inference
    assert len(_followed(inference)) == 2
