"""Charges of a service for a use, as AWS's pricing pages calculate them."""

from modelmount.cost.prices import Prices

MB_OF_A_GB = 1024
HOUR = 3600


def lambda_requests(prices: Prices, requests: float, *, free_tier: bool = False) -> float:
    """Return the charge for requests to Lambda in a month."""
    free = prices.free_requests if free_tier else 0
    return max(requests - free, 0) * prices.request


def lambda_duration(
    prices: Prices,
    requests: float,
    seconds: float,
    memory_mb: int,
    *,
    architecture: str = "x86_64",
    free_tier: bool = False,
) -> float:
    """Return the charge for a month of requests that take so many seconds each."""
    free = prices.free_gb_seconds if free_tier else 0
    used = requests * seconds * memory_mb / MB_OF_A_GB
    return max(used - free, 0) * prices.gb_second[architecture]


def provisioned(prices: Prices, instances: int, hours: float, memory_mb: int) -> float:
    """Return the charge for instances that are kept started, called or not."""
    return instances * memory_mb / MB_OF_A_GB * hours * HOUR * prices.provisioned_gb_second


def provisioned_duration(prices: Prices, requests: float, seconds: float, memory_mb: int) -> float:
    """Return the charge for the duration of requests to instances that are kept started."""
    used = requests * seconds * memory_mb / MB_OF_A_GB
    return used * prices.provisioned_duration_gb_second


def tenant_environments(prices: Prices, environments: float, memory_mb: int) -> float:
    """Return the charge for execution environments that tenant isolation made."""
    return environments * memory_mb / MB_OF_A_GB * prices.tenant_environment_gb


def managed_instances(
    prices: Prices, instance_type: str, hours: float, *, discount: float = 0.0
) -> float:
    """Return the charge for hours of instances under Lambda: the fee isn't discounted."""
    hour = prices.instance_hour[instance_type]
    return hours * hour * ((1 - discount) + prices.managed_fee)


def rest_calls(prices: Prices, calls: float) -> float:
    """Return API Gateway's charge for a month of calls."""
    charge = 0.0
    for price, most in prices.rest_calls:
        charge += min(calls, most) * price
        calls = max(calls - most, 0)
    return charge


def file_system_month(prices: Prices, gb_months: float) -> float:
    """Return the charge for what is stored on EFS."""
    return gb_months * prices.file_system_month_gb


def serverless(prices: Prices, requests: float, seconds: float, memory_mb: int) -> float:
    """Return the charge for the duration of requests to a serverless endpoint of SageMaker."""
    return requests * seconds * memory_mb / MB_OF_A_GB * prices.serverless_gb_second
