"""Scaling of an endpoint's instances by its requests, or by the length of its queue.

The constructs are L1. CDK's L2 target makes a role, but Application Auto Scaling uses the one
that it has in every account.
"""

from aws_cdk import aws_applicationautoscaling as scaling
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from stacks.settings.sagemaker.endpoint import Asynchronous, Endpoint
from stacks.settings.sagemaker.variant import Variant

Policy = scaling.CfnScalingPolicy
Tracking = Policy.TargetTrackingScalingPolicyConfigurationProperty
COOLDOWN_SECONDS = 300


class EndpointScaling(Construct):
    """Scales every variant that may scale."""

    def __init__(
        self, scope: Construct, construct_id: str, *, endpoint: Endpoint, name: str
    ) -> None:
        super().__init__(scope, construct_id)
        self._name = name
        for variant_name, variant in endpoint.all_variants:
            if endpoint.asynchronous:
                self._by_backlog(variant_name, endpoint.asynchronous)
            elif variant.max_instances is not None and variant.serverless is None:
                self._by_invocations(variant_name, variant, variant.max_instances)

    def _by_invocations(self, name: str, variant: Variant, most: int) -> None:
        target = self._target(name, variant.instances, most)
        self._tracking(
            name,
            target,
            variant.invocations_per_instance,
            predefined=Policy.PredefinedMetricSpecificationProperty(
                predefined_metric_type="SageMakerVariantInvocationsPerInstance"
            ),
        )

    def _by_backlog(self, name: str, asynchronous: Asynchronous) -> None:
        """Scales by the length of the queue, down to no instance.

        https://docs.aws.amazon.com/sagemaker/latest/dg/async-inference-autoscale.html
        """
        target = self._target(name, 0, asynchronous.max_instances)
        self._tracking(
            name,
            target,
            asynchronous.backlog_per_instance,
            customized=Policy.CustomizedMetricSpecificationProperty(
                metric_name="ApproximateBacklogSizePerInstance",
                namespace="AWS/SageMaker",
                statistic="Average",
                dimensions=[Policy.MetricDimensionProperty(name="EndpointName", value=self._name)],
            ),
        )
        self._wake(name, self._first_instance(name, target))

    def _first_instance(self, name: str, target: scaling.CfnScalableTarget) -> Policy:
        """Returns a policy that starts the first instance.

        Without an instance, the backlog per instance has no value that tracking could use.
        """
        return Policy(
            self,
            f"FromNone-{name}",
            policy_name=f"{self._name}-from-none",
            policy_type="StepScaling",
            scaling_target_id=target.ref,
            step_scaling_policy_configuration=Policy.StepScalingPolicyConfigurationProperty(
                adjustment_type="ChangeInCapacity",
                metric_aggregation_type="Average",
                cooldown=COOLDOWN_SECONDS,
                step_adjustments=[
                    Policy.StepAdjustmentProperty(
                        metric_interval_lower_bound=0, scaling_adjustment=1
                    )
                ],
            ),
        )

    def _wake(self, name: str, policy: Policy) -> None:
        """Runs the policy when requests wait and there is no instance."""
        cloudwatch.CfnAlarm(
            self,
            f"Waiting-{name}",
            alarm_description=f"Requests wait, and {self._name} has no instance.",
            namespace="AWS/SageMaker",
            metric_name="HasBacklogWithoutCapacity",
            dimensions=[
                cloudwatch.CfnAlarm.DimensionProperty(name="EndpointName", value=self._name)
            ],
            statistic="Average",
            period=60,
            evaluation_periods=2,
            datapoints_to_alarm=2,
            threshold=1,
            comparison_operator="GreaterThanOrEqualToThreshold",
            treat_missing_data="missing",
            alarm_actions=[policy.ref],
        )

    def _target(self, name: str, least: int, most: int) -> scaling.CfnScalableTarget:
        return scaling.CfnScalableTarget(
            self,
            f"Target-{name}",
            service_namespace="sagemaker",
            scalable_dimension="sagemaker:variant:DesiredInstanceCount",
            resource_id=f"endpoint/{self._name}/variant/{name}",
            min_capacity=least,
            max_capacity=most,
        )

    def _tracking(
        self,
        name: str,
        target: scaling.CfnScalableTarget,
        value: float,
        *,
        predefined: Policy.PredefinedMetricSpecificationProperty | None = None,
        customized: Policy.CustomizedMetricSpecificationProperty | None = None,
    ) -> None:
        Policy(
            self,
            f"Tracking-{name}",
            policy_name=f"{self._name}-{name}",
            policy_type="TargetTrackingScaling",
            scaling_target_id=target.ref,
            target_tracking_scaling_policy_configuration=Tracking(
                target_value=value,
                scale_in_cooldown=COOLDOWN_SECONDS,
                scale_out_cooldown=COOLDOWN_SECONDS,
                predefined_metric_specification=predefined,
                customized_metric_specification=customized,
            ),
        )
