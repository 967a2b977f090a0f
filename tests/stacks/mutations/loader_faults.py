"""Faults for the source of the loader, each with the assertion that catches it."""

from loader.settings import StageSettings
from tests.stacks.constructs.functions import test_aws_calls, test_environment, test_functions
from tests.stacks.constructs.loader import test_model_loader, test_notices
from tests.stacks.constructs.security import test_security_defaults
from tests.stacks.constructs.storage import test_model_bucket
from tests.stacks.mutations.fault import Fault, with_arguments

FAULTS = [
    Fault(
        "a variable too few",
        "loader.loader_function",
        [('environment={"REPOSITORY_DIR": MOUNT_PATH, ', "environment={")],
        with_arguments(
            test_environment.test_the_environment_is_the_settings,
            function="stage",
            settings=StageSettings,
        ),
        by_deploy=True,
    ),
    Fault(
        "a wrong handler",
        "loader.model_loader",
        [('"loader.handler.stage"', '"loader.handler.publish"')],
        with_arguments(test_model_loader.test_loader_is_plain_python, name="stage"),
    ),
    Fault(
        "a loop that Lambda ends after sixteen rounds",
        "loader.dispatcher",
        [("            allow_recursion(each)\n", "            pass\n")],
        test_model_loader.test_reconcile_may_go_on_for_more_than_sixteen_rounds,
    ),
    Fault(
        "many uploads for one preparer",
        "loader.model_loader",
        [
            (
                "            on_success=to_dispatcher,\n            on_failure=to_failures,\n",
                "            on_success=to_function(self.preparer.function),\n"
                "            on_failure=to_failures,\n",
            )
        ],
        with_arguments(
            test_model_loader.test_chain_ends_in_the_queue,
            name="reconcile",
            retries=0,
            destinations={"OnSuccess": "DispatcherFunction", "OnFailure": "Failures"},
        ),
    ),
    Fault(
        "a missing dead letter",
        "loader.model_loader",
        [
            (
                "            on_success=to_function(self.notices.function),\n"
                "            on_failure=to_failures,\n",
                "            on_success=to_function(self.notices.function),\n",
            )
        ],
        with_arguments(
            test_model_loader.test_chain_ends_in_the_queue,
            name="publish",
            retries=2,
            destinations={"OnSuccess": "NoticesFunction", "OnFailure": "Failures"},
        ),
    ),
    Fault(
        "deleted objects that nobody hears of",
        "loader.bucket_access",
        [("    bucket.add_event_notification(s3.EventType.OBJECT_REMOVED, on_event)\n", "")],
        test_model_bucket.test_bucket_tells_stage_of_created_and_removed_objects,
    ),
    Fault(
        "a permission that no code uses",
        "loader.bucket_access",
        [('actions=["s3:GetObject", ', 'actions=["s3:DeleteObject", "s3:GetObject", ')],
        with_arguments(test_aws_calls.test_calls_and_permissions_are_the_same, settings={}),
        by_deploy=True,
    ),
    Fault(
        "a permission that code lacks",
        "loader.notices",
        [('actions=["sns:Publish"], res', 'actions=["sns:Subscribe"], res')],
        with_arguments(test_aws_calls.test_calls_and_permissions_are_the_same, settings={}),
        by_deploy=True,
    ),
    Fault(
        "an alarm that the topic doesn't hear",
        "loader.notices",
        [("        self.topic.add_to_resource_policy(_alarm_statement(self.topic, alarm))\n", "")],
        test_notices.test_the_alarm_may_speak_to_the_topic,
    ),
    Fault(
        "a function with Lambda's three seconds",
        "functions.zip_function",
        [("            timeout=timeout,\n", "")],
        with_arguments(
            test_functions.test_limits_are_explicit, name="stage", memory_mb=1769, seconds=900
        ),
    ),
    Fault(
        "a secret in a variable",
        "loader.notices",
        [('environment={"TOPIC_ARN"', 'environment={"SLACK_TOKEN": "x", "TOPIC_ARN"')],
        with_arguments(test_security_defaults.test_no_variable_holds_a_secret, settings={}),
        by_deploy=True,
    ),
]
