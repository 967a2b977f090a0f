"""AWS's list prices in US dollars: US East (N. Virginia), on demand, without taxes.

Prices of other regions differ. The date is the day on which the sources were read.
"""

from dataclasses import dataclass

AS_OF = "2026-11-29"
MILLION = 1_000_000
# Prices of a tier, and how many units it takes; the last one takes the rest.
Tiers = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Prices:
    """Prices by their unit.

    Attributes:
        request: of Lambda, for one.
        gb_second: of Lambda's duration, by architecture.
        provisioned_gb_second: of instances that are kept started.
        provisioned_duration_gb_second: of calls to these, in place of `gb_second`.
        tenant_environment_gb: of one execution environment that tenant isolation makes.
        managed_fee: on top of the instance's price, for Lambda Managed Instances.
        free_requests, free_gb_seconds: of each month.
        rest_calls: of API Gateway, for one, by tiers of a month.
        file_system_month_gb, file_system_read_gb, file_system_write_gb: of EFS, elastic.
        transfer_gb: to the internet, after the first 100 GB of a month.
        log_gb: into CloudWatch Logs.
        serverless_gb_second: of SageMaker's serverless inference.
        sagemaker_gb: of data into and out of an endpoint.
        instance_hour: by type.
    """

    request: float
    gb_second: dict[str, float]
    provisioned_gb_second: float
    provisioned_duration_gb_second: float
    tenant_environment_gb: float
    managed_fee: float
    free_requests: int
    free_gb_seconds: int
    rest_calls: Tiers
    file_system_month_gb: float
    file_system_read_gb: float
    file_system_write_gb: float
    transfer_gb: float
    log_gb: float
    serverless_gb_second: float
    sagemaker_gb: float
    instance_hour: dict[str, float]


US_EAST_1 = Prices(
    # https://aws.amazon.com/lambda/pricing/
    request=0.20 / MILLION,
    gb_second={"x86_64": 0.0000166667, "arm64": 0.0000133334},
    provisioned_gb_second=0.0000041667,
    provisioned_duration_gb_second=0.0000097222,
    tenant_environment_gb=0.000167,
    managed_fee=0.15,
    free_requests=1 * MILLION,
    free_gb_seconds=400_000,
    # https://aws.amazon.com/api-gateway/pricing/
    rest_calls=(
        (3.50 / MILLION, 333 * MILLION),
        (2.80 / MILLION, 667 * MILLION),
        (2.38 / MILLION, 19_000 * MILLION),
        (1.51 / MILLION, float("inf")),
    ),
    # https://aws.amazon.com/efs/pricing/
    file_system_month_gb=0.30,
    file_system_read_gb=0.03,
    file_system_write_gb=0.06,
    # https://aws.amazon.com/ec2/pricing/on-demand/ and https://aws.amazon.com/cloudwatch/pricing/
    transfer_gb=0.09,
    log_gb=0.50,
    # https://aws.amazon.com/sagemaker/ai/pricing/
    serverless_gb_second=0.0000200,
    sagemaker_gb=0.016,
    # The first two likewise, the last one https://aws.amazon.com/ec2/pricing/on-demand/
    instance_hour={"ml.m5.large": 0.115, "ml.m5.xlarge": 0.23, "m7g.xlarge": 0.1632},
)
