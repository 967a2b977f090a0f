"""How an update of an endpoint takes over, and what takes it back."""

from aws_cdk import aws_sagemaker as sagemaker

from stacks.settings.sagemaker.rollout import Rollout


def deployment_config(
    rollout: Rollout, alarms: list[str]
) -> sagemaker.CfnEndpoint.DeploymentConfigProperty:
    """Return a blue/green update in parts, with the alarms that roll it back.

    https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-blue-green.html
    """
    properties = sagemaker.CfnEndpoint
    part = properties.CapacitySizeProperty(type="CAPACITY_PERCENT", value=rollout.percent)
    return properties.DeploymentConfigProperty(
        blue_green_update_policy=properties.BlueGreenUpdatePolicyProperty(
            traffic_routing_configuration=properties.TrafficRoutingConfigProperty(
                type=rollout.traffic.upper(),
                canary_size=part if rollout.traffic == "canary" else None,
                linear_step_size=part if rollout.traffic == "linear" else None,
                wait_interval_in_seconds=rollout.wait_seconds,
            ),
            maximum_execution_timeout_in_seconds=rollout.total_wait_seconds + 3600,
        ),
        auto_rollback_configuration=properties.AutoRollbackConfigProperty(
            alarms=[properties.AlarmProperty(alarm_name=name) for name in alarms]
        ),
    )
