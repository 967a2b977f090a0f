"""What a run costs at the most, by list prices."""

from modelmount.cost import charges
from modelmount.cost.prices import AS_OF, MILLION, US_EAST_1

# Generous: checks poll, and callers ask side by side.
CALLS = 5_000
INVOCATIONS = 8_000
SECONDS = 0.2  # of an invocation, cold starts and preparations included
HOURS = 2
IMAGE_GB, IMAGE_MONTH_GB = 1.2, 0.10  # https://aws.amazon.com/ecr/pricing/
ALARM_MONTH, ALARMS = 0.10, 4  # https://aws.amazon.com/cloudwatch/pricing/
MONTH_HOURS = 730


def dollars(memory_mb: int) -> float:
    """Return the charge for one run that is destroyed after two hours."""
    duration = charges.lambda_duration(US_EAST_1, INVOCATIONS, SECONDS, memory_mb)
    requests = INVOCATIONS / MILLION + charges.rest_calls(US_EAST_1, CALLS)
    by_the_month = IMAGE_GB * IMAGE_MONTH_GB + ALARM_MONTH * ALARMS
    return duration + requests + by_the_month * HOURS / MONTH_HOURS


def line(memory_mb: int) -> str:
    """Tell it."""
    return (
        f"A run costs about ${dollars(memory_mb):.2f} (us-east-1, {AS_OF}), and nothing by the "
        "hour: no gateway, no interface endpoint, no instance. The image stays in the account's "
        f"repository for CDK's assets: ${IMAGE_GB * IMAGE_MONTH_GB:.2f} a month."
    )
