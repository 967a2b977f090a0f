"""The model of costs against AWS's own worked examples.

Lambda: https://aws.amazon.com/lambda/pricing/, API Gateway: https://aws.amazon.com/api-gateway/pricing/,
EFS: https://aws.amazon.com/efs/pricing/. Figures are theirs, read on 29 November 2026.
"""

import pytest

from modelmount.cost import charges
from modelmount.cost.prices import MILLION, US_EAST_1


def dollars(amount: float) -> float:
    return round(amount + 1e-9, 2)


def test_lambda_mobile_application_backend() -> None:
    use = (US_EAST_1, 3 * MILLION, 0.120, 1536)
    assert dollars(charges.lambda_duration(*use, free_tier=True)) == 2.33
    assert dollars(charges.lambda_requests(US_EAST_1, 3 * MILLION, free_tier=True)) == 0.40


def test_lambda_enriching_telemetry() -> None:
    messages = 10_000 * 24 * 31
    assert dollars(charges.lambda_duration(US_EAST_1, messages, 2, 1024)) == 248.00
    assert dollars(charges.lambda_requests(US_EAST_1, messages)) == 1.49


def test_lambda_language_model() -> None:
    use = (US_EAST_1, 6 * MILLION, 0.280, 4096)
    assert dollars(charges.lambda_duration(*use, free_tier=True)) == 105.33
    assert dollars(charges.lambda_requests(US_EAST_1, 6 * MILLION, free_tier=True)) == 1.00


def test_lambda_on_arm_in_the_example_of_durable_functions() -> None:
    use = (US_EAST_1, MILLION, 32, 1024)
    found = charges.lambda_duration(*use, architecture="arm64", free_tier=True)
    assert found == pytest.approx(421.34, abs=0.01)


def test_provisioned_concurrency_on_launch_day() -> None:
    kept = charges.provisioned(US_EAST_1, 100, 8, 1536)
    called = charges.provisioned_duration(US_EAST_1, 500_000, 0.100, 1536)
    rest = charges.lambda_duration(US_EAST_1, 2_500_000, 0.120, 1536, free_tier=True)
    requests = charges.lambda_requests(US_EAST_1, 3 * MILLION, free_tier=True)
    assert [dollars(x) for x in (kept, requests, called, rest)] == [18.00, 0.40, 0.73, 0.83]
    assert dollars(kept + requests + called + rest) == 19.96


def test_provisioned_concurrency_on_cyber_monday() -> None:
    kept = charges.provisioned(US_EAST_1, 7, 24, 4096)
    called = charges.provisioned_duration(US_EAST_1, 2 * MILLION, 0.280, 4096)
    assert [dollars(kept), dollars(called)] == [10.08, 21.78]


def test_tenant_isolation_of_a_thousand_tenants() -> None:
    duration = charges.lambda_duration(US_EAST_1, 10 * MILLION, 2, 1024)
    requests = charges.lambda_requests(US_EAST_1, 10 * MILLION)
    tenants = charges.tenant_environments(US_EAST_1, 200 * 1000, 1024)
    # AWS rounds up the duration of 333.334.
    assert duration + requests + tenants == pytest.approx(368.74, abs=0.01)


def test_managed_instances_with_a_savings_plan() -> None:
    # AWS rounds the discounted hour to 0.0457.
    found = charges.managed_instances(US_EAST_1, "m7g.xlarge", 2000, discount=0.72)
    assert found == pytest.approx(91.40 + 48.96, abs=0.02)
    assert dollars(charges.lambda_requests(US_EAST_1, 100 * MILLION)) == 20.00


def test_rest_api_of_five_million_calls() -> None:
    answers = 5 * MILLION * 3 / 1024**2 * US_EAST_1.transfer_gb  # 3 KB each
    assert dollars(charges.rest_calls(US_EAST_1, 5 * MILLION) + answers) == 18.79


def test_rest_api_by_tiers() -> None:
    assert charges.rest_calls(US_EAST_1, 1000 * MILLION) == pytest.approx(333 * 3.5 + 667 * 2.8)


def test_storage_of_efs_in_march() -> None:
    hours = 100 * 15 * 24 + 250 * 16 * 24
    assert hours == 132_000
    assert dollars(charges.file_system_month(US_EAST_1, round(hours / 744))) == 53.10
