"""Weights of an endpoint's variants: shown, and shifted while it serves."""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from modelmount.target import TargetError

if TYPE_CHECKING:
    from types_boto3_sagemaker import SageMakerClient

NOT_HERE = "This deployment has no endpoint on SageMaker: see the setting `sagemaker`."


def local_client(state: Path) -> "tuple[SageMakerClient, str]":
    """Return a client of the local system, and its endpoints' names separated by commas.

    Raises:
        TargetError: none is running, or it has no endpoint.
    """
    try:
        found: dict[str, Any] = json.loads((state / "endpoints.json").read_text("utf-8"))
    except FileNotFoundError:
        raise TargetError(
            f"No local system runs with the state folder {state}. Start one with: make local"
        ) from None
    if not found.get("sagemaker"):
        raise TargetError(NOT_HERE)
    client = boto3.client(
        "sagemaker",
        endpoint_url=found["sagemaker"],
        region_name=found["region"],
        aws_access_key_id=found["access_key"],
        aws_secret_access_key=found["secret_key"],
    )
    return client, found["outputs"]["SageMakerEndpoints"]


def aws_client(stage: str) -> "tuple[SageMakerClient, str]":
    """Likewise of a deployed stage."""
    stack = f"Modelmount-{stage}-SageMaker"
    try:
        answer = boto3.client("cloudformation").describe_stacks(StackName=stack)
    except (ClientError, BotoCoreError) as error:
        raise TargetError(f"The stack {stack} can't be read: {error}. {NOT_HERE}") from error
    outputs = {o["OutputKey"]: o["OutputValue"] for o in answer["Stacks"][0]["Outputs"]}
    return boto3.client("sagemaker"), outputs["SageMakerEndpoints"]


def show(client: "SageMakerClient", endpoint: str) -> Iterator[str]:
    """Tell each variant's weight, its share of what no path sends elsewhere, and its instances."""
    answer = client.describe_endpoint(EndpointName=endpoint)
    variants = answer["ProductionVariants"]
    total = math.fsum(variant.get("CurrentWeight", 0) for variant in variants)
    yield f"{endpoint}: {answer['EndpointStatus']}"
    for variant in variants:
        weight = variant.get("CurrentWeight", 0)
        share = 100 * weight / total if total else 0
        count = variant.get("CurrentInstanceCount", 0)
        yield f"{variant['VariantName']:<24} weight {weight:<8g} {share:5.1f} %  instances {count}"


def shift(client: "SageMakerClient", endpoint: str, weights: Mapping[str, float]) -> None:
    """Set weights; variants that aren't named keep theirs."""
    client.update_endpoint_weights_and_capacities(
        EndpointName=endpoint,
        DesiredWeightsAndCapacities=[
            {"VariantName": name, "DesiredWeight": weight} for name, weight in weights.items()
        ],
    )


def chosen(wanted: str | None, names: str) -> str:
    """Return the physical name of an endpoint, of which there may be one alone without `wanted`.

    Raises:
        TargetError: it isn't told which, or there is none of this name.
    """
    known = names.split(",")
    found = [name for name in known if wanted in (None, name)]
    found = found or [name for name in known if name.endswith(f"-{wanted}")]
    if len(found) != 1:
        raise TargetError(f"Say with --endpoint which one: {', '.join(known)}.")
    return found[0]


def parsed(weights: Sequence[str]) -> dict[str, float]:
    """Read `VARIANT=WEIGHT`; raises `TargetError` with what is allowed."""
    found = {}
    for text in weights:
        name, _, number = text.partition("=")
        try:
            weight = float(number)
        except ValueError:
            weight = -1.0
        if not name or not 0 <= weight < math.inf:
            raise TargetError(f"{text!r} is no weight; write VARIANT=NUMBER, such as resnet=0.7.")
        found[name] = weight
    return found
