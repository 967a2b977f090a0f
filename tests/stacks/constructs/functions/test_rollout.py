"""A release of inference: it takes over in steps, and goes back by alarm."""

import json
from collections.abc import Callable

import pytest

from stacks.settings.dedicated_model import MAX_MODELS
from tests.stacks.configurations import SAGEMAKER
from tests.stacks.deployment import Deployment, Template, synthesize
from tests.stacks.mutations.mutant import mutated

pytestmark = pytest.mark.slow

DEDICATED = {"fraud": {"provisioned_concurrency": 2}, "iris": {}}
ALIASES = {
    "InferenceAlias": "InferenceFunction",
    "DedicatedfraudAlias": "DedicatedfraudFunction",
    "DedicatedirisAlias": "DedicatedirisFunction",
}
CONFIGS = {
    "canary": "CodeDeployDefault.LambdaCanary10Percent5Minutes",
    "linear": "CodeDeployDefault.LambdaLinear10PercentEvery1Minute",
}
Deploy = Callable[..., Deployment]


@pytest.fixture(scope="module", params=CONFIGS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def inference(deploy: Deploy, kind: str) -> Template:
    return deploy(rollout=kind, dedicated=json.dumps(DEDICATED)).inference


def test_without_it_nothing_is_made(default: Deployment) -> None:
    types = {resource["Type"] for resource in default.inference.resources.values()}

    assert not types & {"AWS::Lambda::Alias", "AWS::Lambda::Version", "AWS::CloudWatch::Alarm"}
    assert not [t for t in types if t.startswith("AWS::CodeDeploy::")]


def test_every_function_has_an_alias_that_codedeploy_moves(inference: Template, kind: str) -> None:
    aliases_are_moved(inference, kind)


def aliases_are_moved(inference: Template, kind: str) -> None:
    """Checks that each function's alias is moved by a deployment group of its own."""
    groups = inference.of_type("AWS::CodeDeploy::DeploymentGroup")
    used = set()
    for alias, function in ALIASES.items():
        resource = inference.resources[alias]
        assert resource["Properties"]["FunctionName"] == f"${{{function}}}"
        update = resource["UpdatePolicy"]["CodeDeployLambdaAliasUpdate"]
        group = update["DeploymentGroupName"].strip("${}")
        used.add(group)
        assert groups[group]["ApplicationName"] == update["ApplicationName"]
        assert groups[group]["DeploymentConfigName"] == CONFIGS[kind]
    assert used == groups.keys()


def test_an_alarm_brings_the_old_version_back(inference: Template) -> None:
    alarm_rolls_back(inference)


def alarm_rolls_back(inference: Template) -> None:
    """Checks that each group has the alarm, and that it counts the API's answers."""
    ((name, alarm),) = inference.of_type("AWS::CloudWatch::Alarm").items()
    for group in inference.of_type("AWS::CodeDeploy::DeploymentGroup").values():
        assert group["AutoRollbackConfiguration"] == {
            "Enabled": True,
            "Events": ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM"],
        }
        assert group["AlarmConfiguration"] == {
            "Enabled": True,
            "Alarms": [{"Name": f"${{{name}}}"}],
        }
    (api,) = inference.of_type("AWS::ApiGateway::RestApi").values()
    (stage,) = inference.of_type("AWS::ApiGateway::Stage").values()
    assert (alarm["Namespace"], alarm["MetricName"]) == ("AWS/ApiGateway", "5XXError")
    assert {d["Name"]: d["Value"] for d in alarm["Dimensions"]} == {
        "ApiName": api["Name"],
        "Stage": stage["StageName"],
    }
    assert (alarm["Statistic"], alarm["Period"], alarm["EvaluationPeriods"]) == ("Sum", 60, 1)
    assert alarm["TreatMissingData"] == "notBreaching"


def test_callers_reach_the_aliases_alone(inference: Template) -> None:
    callers_reach_aliases(inference)


def callers_reach_aliases(inference: Template) -> None:
    """Checks routes, schedules and permissions. One for a function doesn't hold for its alias."""
    uris = {method["Integration"]["Uri"] for method in inference.routes.values()}
    called = {
        target["Arn"]
        for rule in inference.of_type("AWS::Events::Rule").values()
        for target in rule["Targets"]
    }
    permitted = {
        permission["FunctionName"]
        for permission in inference.of_type("AWS::Lambda::Permission").values()
        if permission["Principal"] != "logs.amazonaws.com"  # which calls the notifier
    }
    aliases = inference.of_type("AWS::Lambda::Alias")
    all_of_them = {f"${{{alias}}}" for alias in aliases}
    # Instances that are kept started need no call.
    waiting = {f"${{{k}}}" for k, p in aliases.items() if "ProvisionedConcurrencyConfig" in p}

    assert {uri.split("/functions/")[1].split("/")[0] for uri in uris} == all_of_them
    assert permitted == all_of_them
    assert called == all_of_them - waiting


def test_instances_are_kept_started_where_they_are_asked_for(inference: Template) -> None:
    kept = {
        alias: properties.get("ProvisionedConcurrencyConfig", {}).get(
            "ProvisionedConcurrentExecutions"
        )
        for alias, properties in inference.of_type("AWS::Lambda::Alias").items()
    }
    assert kept == {"InferenceAlias": None, "DedicatedfraudAlias": 2, "DedicatedirisAlias": None}


def test_a_version_is_made_for_each_change_and_for_nothing_else(deploy: Deploy) -> None:
    first = _version(deploy(rollout="canary"))

    assert _version(deploy(rollout="canary", waf="on")) == first
    assert _version(deploy(rollout="canary", refresh_seconds="5")) != first


def test_a_version_is_made_when_the_access_point_is_replaced(
    deploy: Deploy, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """An old version would go on mounting the access point that is gone."""
    module = "stacks.constructs.storage.model_store"
    with mutated(module, [('READER = "1002"', 'READER = "1003"')]) as build:
        other = synthesize(tmp_path_factory.mktemp("cdk.out"), {"rollout": "canary"}, build)

    assert _version(other) != _version(deploy(rollout="canary"))


def _version(deployment: Deployment) -> str:
    resources = deployment.inference.raw["Resources"]
    (found,) = (k for k, r in resources.items() if r["Type"] == "AWS::Lambda::Version")
    return str(found)


@pytest.mark.parametrize("auth", ["api_key", "cognito"])
def test_as_many_models_as_are_allowed_fit_into_a_stack(deploy: Deploy, auth: str) -> None:
    """CloudFormation takes no more than 500 resources, and CDK refuses more."""
    models = {f"m{number}": {"provisioned_concurrency": 1} for number in range(MAX_MODELS)}
    most = {"dedicated": json.dumps(models), "sagemaker": json.dumps(SAGEMAKER), "waf": "on"}
    deployment = deploy(rollout="canary", auth=auth, **most)

    assert len(deployment.inference.resources) <= 500
