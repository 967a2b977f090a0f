"""Each call of AWS in a function's code has its permission, and each permission has its call."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.stacks.configurations import GUARDED, OTHER_EVERYTHING
from tests.stacks.constructs.functions.aws_calls import reached
from tests.stacks.deployment import Deployment, Template

# The actions of boto3's methods, where they are not the one action of the same name.
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
READ = {"s3:GetObject", "s3:GetObjectVersion"}
ACTIONS = {
    ("s3", "get_object"): READ,
    # S3 answers 403 for a missing object without the permission to list. The code needs 404.
    ("s3", "head_object"): READ | {"s3:ListBucket"},
    ("s3", "list_objects_v2"): {"s3:ListBucket"},
    ("s3", "list_object_versions"): {"s3:ListBucketVersions"},
    ("s3", "put_object"): {"s3:PutObject"},
    ("sns", "publish"): {"sns:Publish"},
    ("lambda", "invoke"): {"lambda:InvokeFunction"},
    ("sagemaker-runtime", "invoke_endpoint"): {"sagemaker:InvokeEndpoint"},
    ("sagemaker-runtime", "invoke_endpoint_async"): {"sagemaker:InvokeEndpointAsync"},
}
# The actions on buckets without versions.
UNVERSIONED = {"sagemaker_proxy.handler.handler": {"s3:GetObjectVersion"}}
# The actions on the customer's own key, where it encrypts the called resource.
KEY_ACTIONS = {
    ("s3", "get_object"): {"kms:Decrypt"},
    # https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
    ("s3", "put_object"): {"kms:Decrypt", "kms:GenerateDataKey"},
    ("sns", "publish"): {"kms:Decrypt", "kms:GenerateDataKey"},
}
Holds = Callable[[dict[str, Any], set[str]], bool]
# Actions of Lambda itself with the role: the reason, the actions, and the functions in need.
SERVICES_OWN: list[tuple[str, set[str], Holds]] = [
    (
        "it writes what the function prints",
        {"logs:CreateLogStream", "logs:PutLogEvents"},
        lambda _f, _d: True,
    ),
    (
        "it attaches the function to the network",
        {
            "ec2:AssignPrivateIpAddresses",
            "ec2:CreateNetworkInterface",
            "ec2:DeleteNetworkInterface",
            "ec2:DescribeNetworkInterfaces",
            "ec2:DescribeSubnets",
            "ec2:UnassignPrivateIpAddresses",
        },
        lambda f, _d: "VpcConfig" in f,
    ),
    (
        "it mounts the file system",
        {"elasticfilesystem:ClientMount"},
        lambda f, _d: "FileSystemConfigs" in f,
    ),
    (
        "it mounts it writable, but never for inference",
        {"elasticfilesystem:ClientWrite"},
        lambda f, _d: "FileSystemConfigs" in f and not _is_inference(f),
    ),
    (
        "it delivers results to the next function",
        {"lambda:InvokeFunction"},
        lambda _f, d: any("Function" in arn for arn in d),
    ),
    (
        "it delivers failures to the queue",
        {"sqs:SendMessage"},
        lambda _f, d: any("Failures" in arn for arn in d),
    ),
]
TO_THE_QUEUE = {"kms:Decrypt", "kms:GenerateDataKey"}


@pytest.mark.slow
@pytest.mark.parametrize("settings", [{}, OTHER_EVERYTHING, GUARDED])
def test_calls_and_permissions_are_the_same(
    deploy: Callable[..., Deployment], settings: dict[str, str]
) -> None:
    deployment = deploy(**settings)
    functions = list(_functions(deployment))

    assert {handler for handler, *_ in functions} >= {
        *("loader.handler.stage", "loader.handler.publish", "loader.handler.reconcile"),
        *("preparer.handler.handler", "inference.handler.handler", "notifier.handler.handler"),
        "dispatcher.handler.handler",
        *(["sagemaker_proxy.handler.handler"] if "sagemaker" in settings else []),
    }
    for handler, template, key, function in functions:
        needed = _needed(handler, function, _destinations(template, key), settings)
        assert (handler, _allowed(template, function["Role"])) == (handler, needed)


def test_scan_sees_calls_however_they_are_written() -> None:
    """The scan finds known calls. A blind scan would report every permission as unused."""
    assert reached("loader.handler.reconcile").operations() == {
        ("s3", "get_object"),
        ("s3", "head_object"),
        ("s3", "list_objects_v2"),
        ("s3", "list_object_versions"),
    }
    assert reached("loader.handler.publish").services == set()
    assert reached("notifier.handler.handler").operations() == {("sns", "publish")}
    assert reached("dispatcher.handler.handler").operations() == {("lambda", "invoke")}


def _needed(
    handler: str, function: dict[str, Any], destinations: set[str], settings: dict[str, str]
) -> set[str]:
    operations = reached(handler).operations()
    needed = {action for operation in operations for action in ACTIONS[operation]}
    for _why, actions, holds in SERVICES_OWN:
        needed |= actions if holds(function, destinations) else set()
    if settings.get("kms") == "on":
        needed |= {a for o in operations for a in KEY_ACTIONS.get(o, ())}
        needed |= TO_THE_QUEUE if "sqs:SendMessage" in needed else set()
    return needed - UNVERSIONED.get(handler, set())


def _functions(deployment: Deployment) -> Iterator[tuple[str, Template, str, dict[str, Any]]]:
    for template in (deployment.storage, deployment.inference, deployment.sagemaker):
        for key, function in template.of_type("AWS::Lambda::Function").items():
            handler = function.get("Handler") or function["ImageConfig"]["Command"][0]
            if "ZipFile" not in function["Code"]:  # CDK's own, which sets the notifications
                yield handler, template, key, function


def _destinations(template: Template, key: str) -> set[str]:
    return {
        destination["Destination"]
        for config in template.of_type("AWS::Lambda::EventInvokeConfig").values()
        if config["FunctionName"] == f"${{{key}}}"
        for destination in config["DestinationConfig"].values()
    }


def _allowed(template: Template, role: str) -> set[str]:
    return {
        action
        for policy in template.of_type("AWS::IAM::Policy").values()
        if role.replace(".Arn", "") in policy["Roles"]
        for statement in policy["PolicyDocument"]["Statement"]
        if statement["Effect"] == "Allow"
        for action in _several(statement["Action"])
    }


def _several(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def _is_inference(function: dict[str, Any]) -> bool:
    command: list[str] = function.get("ImageConfig", {}).get("Command", [""])
    return command[0].startswith("inference.")
