"""Faults for the source of the SageMaker stack, each with the assertion that catches it."""

from collections.abc import Callable
from typing import Any

from tests.stacks import test_app
from tests.stacks.configurations import GUARDED, OTHER_EVERYTHING
from tests.stacks.constructs.sagemaker import (
    test_asynchronous,
    test_encryption,
    test_endpoints,
    test_models,
    test_permissions,
    test_proxy,
    test_updates,
)
from tests.stacks.deployment import Deployment
from tests.stacks.mutations.fault import Fault

CANARY = {
    "Type": "CANARY",
    "CanarySize": {"Type": "CAPACITY_PERCENT", "Value": 10},
    "WaitIntervalInSeconds": 300,
}


def _template(check: Callable[..., None], **arguments: Any) -> Callable[[Deployment], None]:
    return lambda deployment: check(deployment.sagemaker, **arguments)


def _plain(name: str, module: str, old: str, new: str, caught_by: Callable[..., None]) -> Fault:
    return Fault(name, module, [(old, new)], caught_by, settings=OTHER_EVERYTHING)


def _guarded(name: str, module: str, old: str, new: str, caught_by: Callable[..., None]) -> Fault:
    return Fault(name, module, [(old, new)], caught_by, settings=GUARDED)


FAULTS = [
    Fault(
        "endpoints that go while the API still uses them",
        "app",
        [("        removed.add_stack_dependency(inference)\n", "")],
        test_app.test_removed_endpoints_go_once_the_api_no_longer_uses_them,
    ),
    _plain(
        "a role that reads every model",
        "sagemaker.model_permissions",
        'return [_allow(["s3:GetObject"], f"{arn}{path}")]',
        'return [_allow(["s3:GetObject"], f"{arn}{bucket}/*")]',
        _template(test_models.test_each_role_reads_its_own_model_alone),
    ),
    _plain(
        "a proxy that may ask every endpoint",
        "sagemaker.sagemaker_proxy",
        "iam.PolicyStatement(actions=[action], resources=arns)",
        'iam.PolicyStatement(actions=[action], resources=["*"])',
        _template(
            test_permissions.test_no_statement_is_for_every_resource_where_its_service_knows_one
        ),
    ),
    _plain(
        "images of every repository",
        "sagemaker.container_image",
        "repository/{repository}",
        "repository/*",
        _template(test_permissions.test_wildcards_stand_at_the_end_of_a_folder_alone),
    ),
    _plain(
        "requests of all endpoints in one folder",
        "sagemaker.exchange",
        'f"{CAPTURE}/{endpoint}")',
        "CAPTURE)",
        _template(test_endpoints.test_requests_are_captured_where_it_is_asked_for),
    ),
    _plain(
        "a model before its role's policy",
        "sagemaker.hosted_model",
        "        model.node.add_dependency(self.role)\n",
        "",
        _template(test_models.test_a_model_waits_for_its_roles_policy),
    ),
    _plain(
        "containers that reach the network",
        "sagemaker.hosted_model",
        "is_isolated = not variant.network and",
        "is_isolated = variant.network and",
        _template(test_models.test_containers_are_isolated_unless_they_say_otherwise),
    ),
    _plain(
        "many models taken for one",
        "sagemaker.hosted_model",
        'mode="MultiModel" if variant.multi_model else None',
        "mode=None",
        _template(test_models.test_many_models_are_an_address_below_which_their_archives_lie),
    ),
    _plain(
        "an update that no alarm takes back",
        "sagemaker.endpoint_rollout",
        "alarms=[properties.AlarmProperty(alarm_name=name) for name in alarms]",
        "alarms=[]",
        _template(
            test_updates.test_an_update_takes_over_in_parts_and_alarms_take_it_back,
            name="trial",
            routing=CANARY,
            longest=3900,
            alarms=["Errors", "Latency"],
        ),
    ),
    _plain(
        "an alarm that sees one variant of two",
        "sagemaker.endpoint_alarms",
        "for number, variant in enumerate(self._variants)",
        "for number, variant in enumerate(self._variants[:1])",
        _template(test_updates.test_alarms_watch_all_variants_that_answer),
    ),
    _plain(
        "an update that undoes what was shifted",
        "sagemaker.hosted_endpoint",
        "retain_all_variant_properties=True",
        "retain_all_variant_properties=False",
        _template(
            test_endpoints.test_every_endpoint_has_its_name_and_keeps_what_was_shifted_and_scaled
        ),
    ),
    _plain(
        "a configuration with a name",
        "sagemaker.hosted_endpoint",
        '            "Config",\n',
        '            "Config",\n            endpoint_config_name=self.name,\n',
        _template(test_endpoints.test_what_is_replaced_at_every_change_has_no_name),
    ),
    _plain(
        "failures that no topic tells of",
        "sagemaker.endpoint_config",
        "                error_topic=exchange.error.topic_arn,\n",
        "",
        _template(test_asynchronous.test_asynchronous_requests_go_through_the_exchange),
    ),
    _plain(
        "a queue that nothing wakes",
        "sagemaker.endpoint_scaling",
        "alarm_actions=[policy.ref]",
        "alarm_actions=[]",
        _template(test_asynchronous.test_an_asynchronous_endpoint_scales_from_none_by_its_backlog),
    ),
    _plain(
        "a wake-up call by a metric that isn't there without instances",
        "sagemaker.endpoint_scaling",
        '"HasBacklogWithoutCapacity"',
        '"ApproximateBacklogSize"',
        _template(test_asynchronous.test_an_asynchronous_endpoint_scales_from_none_by_its_backlog),
    ),
    _plain(
        "scaling of what isn't there yet",
        "sagemaker.hosted_endpoint",
        "        scaling.node.add_dependency(self.endpoint)\n",
        "",
        _template(test_updates.test_a_variant_scales_by_its_invocations_once_its_endpoint_is_there),
    ),
    _plain(
        "an update in place that changes the names of variants",
        "sagemaker.hosted_endpoint",
        "endpoint_name=self.name",
        'endpoint_name="modelmount-prod-vision"',
        _template(
            test_endpoints.test_every_endpoint_has_its_name_and_keeps_what_was_shifted_and_scaled
        ),
    ),
    _plain(
        "a public exchange",
        "sagemaker.exchange",
        "s3.BlockPublicAccess.BLOCK_ALL",
        "s3.BlockPublicAccess.BLOCK_ACLS_ONLY",
        _template(test_asynchronous.test_the_exchange_is_private_and_empties_itself),
    ),
    _plain(
        "an exchange that takes requests without TLS",
        "sagemaker.exchange",
        "            enforce_ssl=True,\n",
        "",
        _template(test_asynchronous.test_the_exchange_is_private_and_empties_itself),
    ),
    _plain(
        "inputs that are kept for ever",
        "sagemaker.exchange",
        "dict.fromkeys((INPUTS, REQUESTS, OUTPUTS, FAILURES), KEPT)",
        "dict.fromkeys((REQUESTS, OUTPUTS, FAILURES), KEPT)",
        _template(test_asynchronous.test_the_exchange_is_private_and_empties_itself),
    ),
    _plain(
        "a route by which no answer is fetched",
        "api.api_routes",
        '    "/async/{id}": ["GET", "POST"],\n',
        '    "/async/{id}": ["POST"],\n',
        test_proxy.test_routes_lead_to_the_proxy_and_let_in_the_same_callers,
    ),
    _guarded(
        "messages in the clear",
        "sagemaker.exchange",
        "master_key=self.key",
        "master_key=None",
        _template(test_encryption.test_bucket_topics_and_logs_are_encrypted_with_the_key),
    ),
    _guarded(
        "volumes with a key of AWS's",
        "sagemaker.hosted_endpoint",
        "kms_key_id=exchange.key_arn if endpoint.takes_key else None",
        "kms_key_id=None",
        _template(
            test_encryption.test_volumes_answers_and_captured_requests_are_encrypted_with_the_key
        ),
    ),
    _guarded(
        "a key for disks that take none",
        "sagemaker.hosted_endpoint",
        "exchange.key_arn if endpoint.takes_key else None",
        "None if endpoint.is_serverless else exchange.key_arn",
        _template(
            test_encryption.test_volumes_answers_and_captured_requests_are_encrypted_with_the_key
        ),
    ),
    _guarded(
        "a queue that can't use the key",
        "sagemaker.exchange",
        "            role.add_to_policy(producer_statement(self.key))\n",
        "            pass\n",
        _template(
            test_encryption.test_roles_use_the_key_as_far_as_they_need_it,
            role="EndpointtextModelgptRole",
            actions=test_encryption.SEND,
        ),
    ),
]
