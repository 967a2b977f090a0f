"""Faults seeded in the stacks' source: each is caught, by the assertion that is there for it."""

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from loader.settings import StageSettings
from serving.settings.serving import ServingSettings
from tests.stacks import (
    test_api,
    test_aws_calls,
    test_environment,
    test_functions,
    test_network,
    test_permissions,
    test_security,
    test_storage,
)
from tests.stacks.deployment import Deployment, synthesize
from tests.stacks.fault import Fault
from tests.stacks.mutant import mutated
from tests.stacks.sagemaker.faults import FAULTS as SAGEMAKER_FAULTS
from tests.stacks.test_lint import PRIVATE

pytestmark = pytest.mark.slow

CONSTRUCTS = "stacks.constructs."
# What is in the assets has tests of its own, and copying them takes most of a synth.
STAGED = {"aws:cdk:disable-asset-staging": True}


def _with(check: Callable[..., None], **arguments: Any) -> Callable[..., None]:
    return functools.partial(check, **arguments)


FAULTS = [
    Fault(
        "a missing route",
        "api_routes",
        [('    "/models": ["GET"],\n', "")],
        test_api.test_routes_are_proxied_to_inference,
    ),
    Fault(
        "a wrong name of a variable",
        "inference_function",
        [('"MODEL_DIR": MOUNT_PATH', '"MODELS_DIR": MOUNT_PATH')],
        _with(
            test_environment.test_the_environment_is_the_settings,
            function="inference",
            settings=ServingSettings,
        ),
        by_deploy=True,
    ),
    Fault(
        "a variable too few",
        "loader_function",
        [('                "REPOSITORY_DIR": MOUNT_PATH,\n', "")],
        _with(
            test_environment.test_the_environment_is_the_settings,
            function="stage",
            settings=StageSettings,
        ),
        by_deploy=True,
    ),
    Fault(
        "a wrong handler",
        "model_loader",
        [('"loader.handler.stage"', '"loader.handler.publish"')],
        _with(test_functions.test_loader_is_plain_python, name="stage"),
    ),
    Fault(
        "write access for inference",
        "inference_function",
        [("model_store.models, writable=False", "model_store.models, writable=True")],
        _with(test_permissions.test_role_holds_exactly_its_statements, name="inference"),
    ),
    Fault(
        "inference sees candidates too",
        "inference_function",
        [("model_store.models, writable", "model_store.everything, writable")],
        _with(
            test_permissions.test_function_mounts_its_own_access_point,
            name="inference",
            access_point="Models",
        ),
    ),
    Fault(
        "no file system policy",
        "model_store",
        [("            file_system_policy=_policy(),\n", "")],
        test_permissions.test_file_system_policy_only_denies,
    ),
    Fault(
        "every role may write",
        "model_loader",
        [("model_store.deny_write_except(", "(lambda *_: None)(")],
        test_permissions.test_file_system_policy_only_denies,
    ),
    Fault(
        "a public bucket",
        "model_bucket",
        [("s3.BlockPublicAccess.BLOCK_ALL", "s3.BlockPublicAccess.BLOCK_ACLS_ONLY")],
        test_storage.test_bucket_is_private_versioned_and_encrypted,
    ),
    Fault(
        "a bucket that takes requests without TLS",
        "model_bucket",
        [("enforce_ssl=True", "enforce_ssl=False")],
        test_permissions.test_bucket_and_queue_refuse_requests_without_tls,
    ),
    Fault(
        "a bucket that goes with its stack",
        "model_bucket",
        [("RemovalPolicy.RETAIN", "RemovalPolicy.DESTROY")],
        test_storage.test_bucket_outlives_its_stack_and_nothing_else_with_state_does,
    ),
    Fault(
        "a NAT gateway",
        "network",
        [
            ("nat_gateways=0", "nat_gateways=1"),
            (
                "            subnet_configuration=[\n",
                "            subnet_configuration=[\n                ec2.SubnetConfiguration("
                'name="Public", subnet_type=ec2.SubnetType.PUBLIC),\n',
            ),
        ],
        test_network.test_there_is_no_way_to_the_internet,
    ),
    Fault(
        "a function that may open any connection",
        "function_identity",
        [("allow_all_outbound=False", "allow_all_outbound=True")],
        test_network.test_group_rules_let_functions_to_the_file_system_and_two_to_s3,
    ),
    Fault(
        "an endpoint for every bucket",
        "network",
        [("        endpoint.add_to_policy(_read_only(bucket))\n", "")],
        test_permissions.test_network_reaches_the_model_bucket_alone_and_only_reads,
    ),
    Fault(
        "a missing dead letter",
        "model_loader",
        [
            (
                "            on_success=to_function(self.notices.function),\n"
                "            on_failure=to_failures,\n",
                "            on_success=to_function(self.notices.function),\n",
            )
        ],
        _with(
            test_functions.test_chain_ends_in_the_queue,
            name="publish",
            retries=2,
            destinations={"OnSuccess": "NoticesFunction", "OnFailure": "Failures"},
        ),
    ),
    Fault(
        "deleted objects that nobody hears of",
        "model_loader",
        [("        bucket.add_event_notification(s3.EventType.OBJECT_REMOVED, on_event)\n", "")],
        test_storage.test_bucket_tells_stage_of_created_and_removed_objects,
    ),
    Fault(
        "an open API",
        "callers",
        [("authorization.IAM if settings", "authorization.NONE if settings")],
        _with(
            test_api.test_routes_let_in_those_whom_auth_names,
            auth="iam",
            authorization="AWS_IAM",
            needs_key=False,
        ),
        by_deploy=True,
    ),
    Fault(
        "keys that nobody asks for",
        "callers",
        [('api_key_required=settings.auth == "api_key"', "api_key_required=False")],
        _with(
            test_api.test_routes_let_in_those_whom_auth_names,
            auth="api_key",
            authorization="NONE",
            needs_key=True,
        ),
        settings={"auth": "api_key"},
        by_deploy=True,
    ),
    Fault(
        "a stage without a limit",
        "inference_api",
        [("            throttling_rate_limit=self._settings.throttle_rate,\n", "")],
        _with(test_api.test_stage_is_throttled_and_logged),
        settings={"stage": "prod", "throttle_rate": "7", "throttle_burst": "9"},
        by_deploy=True,
    ),
    Fault(
        "payloads in the log",
        "inference_api",
        [
            (
                "            access_log_format=",
                "            data_trace_enabled=True,\n            access_log_format=",
            )
        ],
        test_api.test_stage_is_throttled_and_logged,
        settings={"stage": "prod", "throttle_rate": "7", "throttle_burst": "9"},
        by_deploy=True,
    ),
    Fault(
        "a private API that is open to every network",
        "callers",
        [('"StringNotEquals": {"aws:SourceVpce"', '"StringEquals": {"aws:SourceVpc"')],
        test_security.test_a_private_api_is_reached_through_its_endpoints_alone,
        settings=PRIVATE,
        by_deploy=True,
    ),
    Fault(
        "a permission that no code uses",
        "model_loader",
        [('actions=["s3:GetObject", ', 'actions=["s3:DeleteObject", "s3:GetObject", ')],
        _with(test_aws_calls.test_calls_and_permissions_are_the_same, settings={}),
        by_deploy=True,
    ),
    Fault(
        "a permission that code lacks",
        "notices",
        [('actions=["sns:Publish"], res', 'actions=["sns:Subscribe"], res')],
        _with(test_aws_calls.test_calls_and_permissions_are_the_same, settings={}),
        by_deploy=True,
    ),
    Fault(
        "an alarm that the topic doesn't hear",
        "notices",
        [("        self.topic.add_to_resource_policy(_let_publish(self.topic, alarm))\n", "")],
        test_storage.test_the_alarm_may_speak_to_the_topic,
    ),
    Fault(
        "a file system in the clear",
        "model_store",
        [("encrypted=True", "encrypted=False")],
        test_storage.test_file_system_is_encrypted_and_goes_with_its_stack,
    ),
    Fault(
        "a function with Lambda's three seconds",
        "loader_function",
        [("            timeout=Duration.minutes(15),\n", "")],
        _with(test_functions.test_limits_are_explicit, name="stage", memory_mb=1769, seconds=900),
    ),
    Fault(
        "a secret in a variable",
        "notices",
        [('environment={"TOPIC_ARN"', 'environment={"SLACK_TOKEN": "x", "TOPIC_ARN"')],
        _with(test_security.test_no_variable_holds_a_secret, settings={}),
        by_deploy=True,
    ),
]


@pytest.mark.parametrize("fault", [*FAULTS, *SAGEMAKER_FAULTS], ids=str)
def test_fault_is_caught(deploy: Callable[..., Deployment], fault: Fault, tmp_path: Path) -> None:
    # Without the fault it passes: else it would catch anything.
    fault.caught_by(deploy if fault.by_deploy else deploy(**fault.settings))
    with mutated(CONSTRUCTS + fault.module, fault.edits) as build:
        deployment = synthesize(tmp_path, {**STAGED, **fault.settings}, build)

    # A property that is gone is a KeyError where the assertion looks for it.
    with pytest.raises((AssertionError, KeyError)):
        fault.caught_by((lambda **_: deployment) if fault.by_deploy else deployment)
