"""Faults for the source of the API, each with the assertion that catches it."""

from tests.stacks.configurations import PRIVATE
from tests.stacks.constructs.api import test_api_access, test_inference_api
from tests.stacks.mutations.fault import Fault, with_arguments

FAULTS = [
    Fault(
        "a missing route",
        "api.api_routes",
        [('    "/models": ["GET"],\n', "")],
        test_inference_api.test_routes_are_proxied_to_inference,
    ),
    Fault(
        "an open API",
        "api.api_access",
        [("authorization.IAM if settings", "authorization.NONE if settings")],
        with_arguments(
            test_api_access.test_routes_let_in_those_whom_auth_names,
            auth="iam",
            authorization="AWS_IAM",
            needs_key=False,
        ),
        by_deploy=True,
    ),
    Fault(
        "keys that nobody asks for",
        "api.api_access",
        [('api_key_required=settings.auth == "api_key"', "api_key_required=False")],
        with_arguments(
            test_api_access.test_routes_let_in_those_whom_auth_names,
            auth="api_key",
            authorization="NONE",
            needs_key=True,
        ),
        settings={"auth": "api_key"},
        by_deploy=True,
    ),
    Fault(
        "a stage without a limit",
        "api.inference_api",
        [("            throttling_rate_limit=self._settings.throttle_rate,\n", "")],
        with_arguments(test_inference_api.test_stage_is_throttled_and_logged),
        settings={"stage": "prod", "throttle_rate": "7", "throttle_burst": "9"},
        by_deploy=True,
    ),
    Fault(
        "payloads in the log",
        "api.inference_api",
        [
            (
                "            access_log_format=",
                "            data_trace_enabled=True,\n            access_log_format=",
            )
        ],
        test_inference_api.test_stage_is_throttled_and_logged,
        settings={"stage": "prod", "throttle_rate": "7", "throttle_burst": "9"},
        by_deploy=True,
    ),
    Fault(
        "a private API that is open to every network",
        "api.api_access",
        [('"StringNotEquals": {"aws:SourceVpce"', '"StringEquals": {"aws:SourceVpc"')],
        test_api_access.test_a_private_api_is_reached_through_its_endpoints_alone,
        settings=PRIVATE,
        by_deploy=True,
    ),
    Fault(
        "a private API that admits whoever signs",
        "api.api_access",
        [('[] if auth == "iam" else [', '[] if auth == "none" else [')],
        test_api_access.test_a_private_api_admits_nobody_only_for_having_signed,
        settings={**PRIVATE, "auth": "iam"},
        by_deploy=True,
    ),
]
