"""Faults for the source of functions, each with the assertion that catches it."""

from inference.settings import InferenceSettings
from tests.stacks.constructs.functions import test_environment, test_roles, test_rollout
from tests.stacks.constructs.network import test_network
from tests.stacks.mutations.fault import Fault, with_arguments

FAULTS = [
    Fault(
        "a wrong name of a variable",
        "functions.inference_function",
        [('"MODEL_DIR": MODELS_PATH', '"MODELS_DIR": MODELS_PATH')],
        with_arguments(
            test_environment.test_the_environment_is_the_settings,
            function="inference",
            settings=InferenceSettings,
        ),
        by_deploy=True,
    ),
    Fault(
        "write access for inference",
        "functions.inference_function",
        [("model_store.models, writable=False", "model_store.models, writable=True")],
        with_arguments(test_roles.test_role_holds_exactly_its_statements, name="inference"),
    ),
    Fault(
        "inference sees candidates too",
        "functions.inference_function",
        [("model_store.models, writable", "model_store.everything, writable")],
        with_arguments(
            test_roles.test_function_mounts_its_own_access_point,
            name="inference",
            access_point="Models",
        ),
    ),
    Fault(
        "a release that no alarm takes back",
        "functions.rollout",
        [("alarms=[alarm]", "alarms=[]")],
        lambda deployment: test_rollout.alarm_rolls_back(deployment.inference),
        settings={"rollout": "canary"},
    ),
    Fault(
        "a release that reaches all callers at once",
        "functions.inference_function",
        [("self.alias or self.function", "self.function")],
        lambda deployment: test_rollout.callers_reach_aliases(deployment.inference),
        settings={"rollout": "canary"},
    ),
    Fault(
        "a function that may open any connection",
        "functions.vpc_identity",
        [("allow_all_outbound=False", "allow_all_outbound=True")],
        test_network.test_group_rules_let_functions_to_the_file_system_and_two_to_s3,
    ),
]
