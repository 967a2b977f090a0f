"""Permissions to invoke the functions."""

from tests.stacks.deployment import Deployment


def test_only_the_bucket_and_schedules_may_invoke_the_loader(default: Deployment) -> None:
    permissions = default.storage.of_type("AWS::Lambda::Permission").values()
    by_bucket, by_schedule, kept_alive = sorted(
        permissions, key=lambda p: (p["Principal"] != "s3.amazonaws.com", "Stage" in str(p))
    )

    assert by_bucket == {
        "Action": "lambda:InvokeFunction",
        "FunctionName": "${ModelLoaderStageFunction.Arn}",
        "Principal": "s3.amazonaws.com",
        "SourceAccount": "${AWS::AccountId}",
        "SourceArn": "${ModelBucket.Arn}",
    }
    assert by_schedule == {
        "Action": "lambda:InvokeFunction",
        "FunctionName": "${ModelLoaderReconcileFunction.Arn}",
        "Principal": "events.amazonaws.com",
        "SourceArn": "${ModelLoaderSchedule.Arn}",
    }
    assert kept_alive == {
        "Action": "lambda:InvokeFunction",
        "FunctionName": "${ModelLoaderStageFunction.Arn}",
        "Principal": "events.amazonaws.com",
        "SourceArn": "${ModelLoaderKeepAliveRule0.Arn}",
    }


def test_only_routes_of_the_api_and_a_schedule_may_invoke_inference(default: Deployment) -> None:
    found = default.inference.of_type("AWS::Lambda::Permission").values()
    permissions = [p for p in found if p["Principal"] != "logs.amazonaws.com"]  # of the notifier
    api = "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${ApiRestApi}"

    assert {p["SourceArn"] for p in permissions} == {"${KeepAliveRule0.Arn}"} | {
        f"{api}/${{ApiRestApiDeploymentStagedev}}/{route}"
        for route in (
            *("*/endpoints/*/invocations", "*/inference", "*/models", "*/models/*"),
            *("*/models/*/openapi.json", "*/openapi.json", "*/v1/*", "*/v2", "*/v2/*"),
        )
    }
    assert {(p["FunctionName"], p["Principal"], p["Action"]) for p in permissions} == {
        ("${InferenceFunction.Arn}", "apigateway.amazonaws.com", "lambda:InvokeFunction"),
        ("${InferenceFunction.Arn}", "events.amazonaws.com", "lambda:InvokeFunction"),
    }
