"""Scaling, rollout and rollback of endpoints."""

from typing import Any

import pytest

from tests.stacks.constructs.sagemaker.templates import made
from tests.stacks.deployment import Template

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
                    {"Name": "EndpointName", "Value": "modelmount-prod-vision"},
                    {"Name": "VariantName", "Value": variant},
                ],
            }
            for variant in ("resnet", "vggnet")
        ]
