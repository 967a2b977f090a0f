"""The alarm for a file system that is about to become slow."""

from aws_cdk import Duration
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_efs as efs
from constructs import Construct

# A new file system has 2.1 TiB. At 100 MiB/s, which it may burst to, the rest lasts for half an
# hour. https://docs.aws.amazon.com/efs/latest/ug/performance.html#bursting
LOW_BYTES = 192 * 1024**3


class BurstCreditsAlarm(cloudwatch.Alarm):
    """Goes off while a file system in the mode `bursting` has few credits left."""

    def __init__(
        self, scope: Construct, construct_id: str, *, file_system: efs.IFileSystem
    ) -> None:
        super().__init__(
            scope,
            construct_id,
            metric=cloudwatch.Metric(
                namespace="AWS/EFS",
                metric_name="BurstCreditBalance",
                dimensions_map={"FileSystemId": file_system.file_system_id},
                statistic="Minimum",
                period=Duration.minutes(5),
            ),
            threshold=LOW_BYTES,
            comparison_operator=cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
            evaluation_periods=3,
            # The metric comes only while there are connections.
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
            alarm_description="The file system is about to become slow: throughput_mode=elastic.",
        )
