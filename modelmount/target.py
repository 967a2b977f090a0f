"""The deployment that a command is about: a stage on AWS, or the local system."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

if TYPE_CHECKING:
    from types_boto3_lambda import LambdaClient
    from types_boto3_sqs import SQSClient

NEEDED = ("OperationsFunctionName", "ReconcileFunctionName", "FailuresQueueUrl")


class TargetError(Exception):
    """The deployment can't be found or reached; the text says what to do."""


@dataclass(frozen=True)
class Target:
    """Clients, and the names to use them with.

    Attributes:
        operations_function: takes operation events.
        reconcile_function: compares bucket and file system.
        failures_queue_url: where events lie that could not be handled.
    """

    functions: "LambdaClient"
    queues: "SQSClient"
    operations_function: str
    reconcile_function: str
    failures_queue_url: str


def local_target(state: Path) -> Target:
    """Find the system that runs with this state folder.

    Raises:
        TargetError: none is running.
    """
    try:
        found: dict[str, Any] = json.loads((state / "endpoints.json").read_text("utf-8"))
    except FileNotFoundError:
        raise TargetError(
            f"No local system runs with the state folder {state}. Start one with: make local"
        ) from None
    session = boto3.Session(
        aws_access_key_id=found["access_key"],
        aws_secret_access_key=found["secret_key"],
        region_name=found["region"],
    )
    outputs = found["outputs"]
    queue = outputs["FailuresQueueUrl"].rpartition("/")[2]
    return Target(
        functions=session.client("lambda", endpoint_url=found["invoke"]),
        queues=session.client("sqs", endpoint_url=found["s3"]),
        operations_function=outputs["OperationsFunctionName"],
        reconcile_function=outputs["ReconcileFunctionName"],
        failures_queue_url=found["queues"][queue],
    )


def aws_target(stage: str) -> Target:
    """Find a deployed stage by the outputs of its stack.

    Raises:
        TargetError: there is no such stack, or AWS can't be asked.
    """
    stack = f"Modelmount-{stage}-Storage"
    try:
        answer = boto3.client("cloudformation").describe_stacks(StackName=stack)
    except (ClientError, BotoCoreError) as error:
        raise TargetError(
            f"The stack {stack} can't be read: {error}. Is the stage deployed, and are region "
            "and credentials those of its account? For the local system add --local."
        ) from error
    outputs: Mapping[str, str] = {
        output["OutputKey"]: output["OutputValue"] for output in answer["Stacks"][0]["Outputs"]
    }
    missing = [name for name in NEEDED if name not in outputs]
    if missing:
        raise TargetError(f"{stack} has no output {', '.join(missing)}: deploy this version first.")
    return Target(
        functions=boto3.client("lambda"),
        queues=boto3.client("sqs"),
        operations_function=outputs["OperationsFunctionName"],
        reconcile_function=outputs["ReconcileFunctionName"],
        failures_queue_url=outputs["FailuresQueueUrl"],
    )
