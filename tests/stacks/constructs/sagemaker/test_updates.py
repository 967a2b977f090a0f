"""Scaling, rollout and rollback of endpoints."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.stacks.constructs.sagemaker.templates import NAMES, made, physical
from tests.stacks.deployment import Deployment, Template

LATENCY = "ModelLatency"


def test_a_variant_scales_by_its_invocations_once_its_endpoint_is_there(
    template: Template,
) -> None:
    policy = template.properties("EndpointvisionScalingTrackingresnet")
    target = template.resources["EndpointvisionScalingTargetresnet"]

    assert policy["TargetTrackingScalingPolicyConfiguration"] == {
        "TargetValue": 600,
        "ScaleInCooldown": 300,
        "ScaleOutCooldown": 300,
        "PredefinedMetricSpecification": {
            "PredefinedMetricType": "SageMakerVariantInvocationsPerInstance"
        },
    }
    assert (target["Properties"]["MinCapacity"], target["Properties"]["MaxCapacity"]) == (1, 4)
    assert [d[:-8] for d in target["DependsOn"]] == ["EndpointvisionEndpoint"]
    # No other variant asked for scaling.
    scaled = template.of_type("AWS::ApplicationAutoScaling::ScalableTarget")
    assert scaled.keys() == {
        "EndpointvisionScalingTargetresnet",
        "EndpointtextScalingTargetgpt",
        "EndpointmanyScalingTargettenants",
    }


@pytest.mark.parametrize(
    ("name", "routing", "longest", "alarms"),
    [
        (
            "vision",
            {
                "Type": "LINEAR",
                "LinearStepSize": {"Type": "CAPACITY_PERCENT", "Value": 20},
                "WaitIntervalInSeconds": 120,
            },
            5 * 120 + 3600,
            ["Errors", "Latency"],
        ),
        (
            "trial",
            {
                "Type": "CANARY",
                "CanarySize": {"Type": "CAPACITY_PERCENT", "Value": 10},
                "WaitIntervalInSeconds": 300,
            },
            300 + 3600,
            ["Errors", "Latency"],
        ),
        (
            "text",
            {
                "Type": "CANARY",
                "CanarySize": {"Type": "CAPACITY_PERCENT", "Value": 10},
                "WaitIntervalInSeconds": 300,
            },
            300 + 3600,
            ["Errors"],
        ),
    ],
)
def test_an_update_takes_over_in_parts_and_alarms_take_it_back(
    template: Template, name: str, routing: dict[str, Any], longest: int, alarms: list[str]
) -> None:
    assert made(template, name)["DeploymentConfig"] == {
        "BlueGreenUpdatePolicy": {
            "TrafficRoutingConfiguration": routing,
            "MaximumExecutionTimeoutInSeconds": longest,
        },
        "AutoRollbackConfiguration": {
            "Alarms": [{"AlarmName": f"${{Endpoint{name}Alarms{alarm}}}"} for alarm in alarms]
        },
    }


def test_alarms_watch_all_variants_that_answer(template: Template) -> None:
    errors = template.properties("EndpointvisionAlarmsErrors")
    latency = template.properties("EndpointvisionAlarmsLatency")

    assert (errors["Threshold"], latency["Threshold"]) == (5, 10_000_000)
    for alarm, expression, metric, statistic in (
        (errors, "SUM([m0, m1])", "Invocation5XXErrors", "Sum"),
        (latency, "MAX([m0, m1])", LATENCY, "p99"),
    ):
        told, *metrics = alarm["Metrics"]
        assert told["Expression"] == expression
        assert [m["MetricStat"]["Stat"] for m in metrics] == [statistic] * 2
        assert [m["MetricStat"]["Metric"] for m in metrics] == [
            {
                "Namespace": "AWS/SageMaker",
                "MetricName": metric,
                "Dimensions": [
                    {"Name": "EndpointName", "Value": physical("vision")},
                    {"Name": "VariantName", "Value": variant},
                ],
            }
            for variant in ("resnet", "vggnet")
        ]


def _deployed(deploy: Callable[..., Deployment], variants: dict[str, Any]) -> Template:
    return deploy(sagemaker=json.dumps({"endpoints": {"e": {"variants": variants}}})).sagemaker


def test_other_names_of_variants_make_another_endpoint(deploy: Callable[..., Deployment]) -> None:
    """SageMaker updates an endpoint in place only while its variants keep their names."""
    first, second = {"model_data": "s3://models/1.tar.gz"}, {"model_data": "s3://models/2.tar.gz"}
    names = [
        made(_deployed(deploy, variants), "e")["EndpointName"]
        for variants in (
            {"a": first},
            {"a": {**second, "instances": 2, "weight": 3}},
            {"b": first},
            {"a": first, "b": second},
            {"b": first, "a": second},
        )
    ]

    assert names[0] == names[1]  # a model, capacity and share change in place
    assert names[3] == names[4]  # their order is no name
    assert len({names[0], names[2], names[3]}) == 3


def test_an_endpoint_is_asked_once_it_is_there(template: Template) -> None:
    """Another one takes its place beside it: until then the old one is asked."""
    endpoints = {f"Endpoint{name}Endpoint" for name in NAMES}
    for name in ("ProxyFunction", "ProxyIdentityRoleDefaultPolicy"):
        needs = {need[:-8] for need in template.resources[name]["DependsOn"]}
        assert endpoints <= needs
