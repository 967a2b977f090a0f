"""The deployment configuration of an endpoint: its rollout and its rollback."""

from aws_cdk import aws_sagemaker as sagemaker

from stacks.settings.sagemaker.rollout import Rollout


def deployment_config(
    rollout: Rollout, alarms: list[str]
) -> sagemaker.CfnEndpoint.DeploymentConfigProperty:
    """Returns a blue/green update in steps, with the alarms that roll it back.

    https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-blue-green.html
    """
    properties = sagemaker.CfnEndpoint
    step = properties.CapacitySizeProperty(type="CAPACITY_PERCENT", value=rollout.percent)
    return properties.DeploymentConfigProperty(
        blue_green_update_policy=properties.BlueGreenUpdatePolicyProperty(
            traffic_routing_configuration=properties.TrafficRoutingConfigProperty(
                type=rollout.traffic.upper(),
                canary_size=step if rollout.traffic == "canary" else None,
                linear_step_size=step if rollout.traffic == "linear" else None,
                wait_interval_in_seconds=rollout.wait_seconds,
            ),
            maximum_execution_timeout_in_seconds=rollout.total_wait_seconds + 3600,
        ),
        auto_rollback_configuration=properties.AutoRollbackConfigProperty(
            alarms=[properties.AlarmProperty(alarm_name=name) for name in alarms]
        ),
    )
