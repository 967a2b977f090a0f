"""Alarms for errors and latency of an endpoint. During an update they roll it back."""

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from stacks.settings.sagemaker.endpoint import Endpoint

MICROSECONDS = 1000  # in a millisecond; ModelLatency is in microseconds


class EndpointAlarms(Construct):
    """One alarm for errors and one for latency, each over all variants. A rollback takes ten.

    Attributes:
        names: the names of the alarms.
    """

    def __init__(
        self, scope: Construct, construct_id: str, *, endpoint: Endpoint, name: str
    ) -> None:
        super().__init__(scope, construct_id)
        self._variants = [variant for variant, _ in endpoint.variants]
        self._name = name
        rollout = endpoint.rollout
        alarms = [
            self._alarm(
                "Errors",
                self._over_all("SUM", "Invocation5XXErrors", "Sum"),
                rollout.max_errors,
                f"{name} answers with errors of its own, or not at all.",
            )
        ]
        # An asynchronous request may take long.
        if endpoint.asynchronous is None:
            alarms.append(
                self._alarm(
                    "Latency",
                    self._over_all("MAX", "ModelLatency", "p99"),
                    rollout.max_latency_ms * MICROSECONDS,
                    f"{name}: the slowest percent of requests takes too long.",
                )
            )
        self.names = [alarm.alarm_name for alarm in alarms]

    def _over_all(self, function: str, metric: str, statistic: str) -> cloudwatch.MathExpression:
        metrics: dict[str, cloudwatch.IMetric] = {
            f"m{number}": cloudwatch.Metric(
                namespace="AWS/SageMaker",
                metric_name=metric,
                dimensions_map={"EndpointName": self._name, "VariantName": variant},
                statistic=statistic,
                period=Duration.minutes(1),
            )
            for number, variant in enumerate(self._variants)
        }
        return cloudwatch.MathExpression(
            expression=f"{function}([{', '.join(metrics)}])",
            using_metrics=metrics,
            period=Duration.minutes(1),
            label=metric,
        )

    def _alarm(
        self, construct_id: str, metric: cloudwatch.IMetric, threshold: float, text: str
    ) -> cloudwatch.Alarm:
        return cloudwatch.Alarm(
            self,
            construct_id,
            metric=metric,
            threshold=threshold,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            evaluation_periods=1,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
            alarm_description=text,
        )
