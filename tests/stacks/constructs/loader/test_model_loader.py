"""The chain of functions between an upload and a published model."""

from collections.abc import Callable

import pytest

from tests.stacks.deployment import Deployment

CONFIGURATIONS = {
    "stage": "ModelLoaderStageFunctionEventInvokeConfig",
    "dispatcher": "ModelLoaderDispatcherFunctionEventInvokeConfig",
    "preparer": "ModelLoaderPreparerFunctionEventInvokeConfig",
    "publish": "ModelLoaderPublishFunctionEventInvokeConfig",
    "reconcile": "ModelLoaderReconcileFunctionEventInvokeConfig",
    "notices": "ModelLoaderNoticesFunctionEventInvokeConfig",
}
CONFIGURED = ("stage", "dispatcher", "preparer", "publish", "reconcile")


@pytest.mark.parametrize("name", ["stage", "publish", "reconcile"])
def test_loader_is_plain_python(default: Deployment, name: str) -> None:
    function = default.function(name)

    assert function["Handler"] == f"loader.handler.{name}"
    assert function["Runtime"] == "python3.13"


@pytest.mark.parametrize(("hours", "rate"), [("6", "rate(6 hours)"), ("24", "rate(1 day)")])
def test_reconcile_runs_on_a_schedule(
    deploy: Callable[..., Deployment], hours: str, rate: str
) -> None:
    rule = deploy(reconcile_hours=hours).storage.properties("ModelLoaderSchedule")

    assert rule["ScheduleExpression"] == rate
    assert rule["State"] == "ENABLED"
    assert [t["Arn"] for t in rule["Targets"]] == ["${ModelLoaderReconcileFunction.Arn}"]


@pytest.mark.parametrize(
    ("name", "retries", "destinations"),
    [
        ("stage", 2, {"OnSuccess": "DispatcherFunction", "OnFailure": "PublishFunction"}),
        ("preparer", 1, {"OnSuccess": "PublishFunction", "OnFailure": "PublishFunction"}),
        ("publish", 2, {"OnSuccess": "NoticesFunction", "OnFailure": "Failures"}),
        ("reconcile", 0, {"OnSuccess": "DispatcherFunction", "OnFailure": "Failures"}),
        ("dispatcher", 2, {"OnFailure": "Failures"}),
        ("notices", 2, {"OnFailure": "Failures"}),
    ],
)
def test_chain_ends_in_the_queue(
    default: Deployment, name: str, retries: int, destinations: dict[str, str]
) -> None:
    configuration = default.storage.properties(CONFIGURATIONS[name])

    assert configuration == {
        "FunctionName": f"${{ModelLoader{name.title()}Function}}",
        "Qualifier": "$LATEST",
        "MaximumRetryAttempts": retries,
        "DestinationConfig": {
            condition: {"Destination": f"${{ModelLoader{target}.Arn}}"}
            for condition, target in destinations.items()
        },
    }


def test_every_function_started_by_an_event_has_destinations(default: Deployment) -> None:
    found = default.storage.of_type("AWS::Lambda::EventInvokeConfig")

    assert found.keys() == set(CONFIGURATIONS.values())


def test_the_dispatcher_stands_outside_of_the_network(default: Deployment) -> None:
    function = default.function("dispatcher")

    assert function["Handler"] == "dispatcher.handler.handler"
    assert not {"VpcConfig", "FileSystemConfigs"} & function.keys()


def test_reconcile_may_go_on_for_more_than_sixteen_rounds(default: Deployment) -> None:
    """Lambda ends a loop of functions after about sixteen rounds, unless each of them allows it."""
    templates = (default.storage, default.inference)
    functions = [f for t in templates for f in t.of_type("AWS::Lambda::Function").items()]

    assert {key for key, function in functions if function.get("RecursiveLoop") == "Allow"} == {
        "ModelLoaderDispatcherFunction",
        "ModelLoaderReconcileFunction",
    }


def test_failures_are_kept_for_two_weeks_encrypted(default: Deployment) -> None:
    queue = default.storage.properties("ModelLoaderFailures")

    assert queue["MessageRetentionPeriod"] == 14 * 24 * 3600
    assert queue["SqsManagedSseEnabled"] is True


def test_a_cap_holds_for_what_a_bulk_of_uploads_starts(deploy: Callable[..., Deployment]) -> None:
    deployment = deploy(loader_concurrency="2")
    reserved = {
        name: deployment.function(name).get("ReservedConcurrentExecutions")
        for name in (*CONFIGURED, "notifier", "inference")
    }

    assert reserved == {**dict.fromkeys(reserved), "stage": 2, "preparer": 2}
    # What is reserved is no finding any more.
    accepted = {
        key
        for key, resource in deployment.storage.raw["Resources"].items()
        if resource["Type"] == "AWS::Lambda::Function"
        and "CKV_AWS_115" not in str(resource["Metadata"].get("checkov"))
    }
    assert {key[:-8] for key in accepted} == {
        "ModelLoaderStageFunction",
        "ModelLoaderPreparerFunction",
    }


def test_without_a_cap_nothing_is_reserved(default: Deployment) -> None:
    for template in (default.storage, default.inference):
        for function in template.of_type("AWS::Lambda::Function").values():
            assert "ReservedConcurrentExecutions" not in function
