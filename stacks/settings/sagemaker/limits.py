"""Limits on combinations of fields, each of which is valid by itself."""

import re

from stacks.settings.errors import PartError
from stacks.settings.sagemaker.endpoint import Endpoint
from stacks.settings.sagemaker.variant import Variant

MAX_NAME_LENGTH = 63  # of an endpoint
MAX_ENDPOINTS = 8  # with ten variants each they fill CloudFormation's 500 resources
MAX_TOTAL_NAME_LENGTH = 2000  # of all variants: a function's environment takes 4 KB
MAX_ROLLOUT_SECONDS = 25_200  # of an update's 8 hours, one is for starting instances
# Instance types with the NVIDIA GPUs that vLLM supports: g4dn, g5, p4d and so on, but not c7g.
GPU = re.compile(r"ml\.[gp]([4-9]|\d\d)[a-z]*\.")
MAX_VARIANTS = 10  # for SageMaker, and for the metrics of a CloudWatch expression


def check_endpoint(where: str, endpoint: Endpoint) -> None:
    """Checks the fields of an endpoint against each other.

    Raises:
        PartError: with the path of the field that does not fit.
    """
    names = [name for name, _ in endpoint.all_variants]
    alone = len(names) == 1
    if not sum(variant.weight for _, variant in endpoint.variants):
        raise PartError(f"{where}.variants", names, "at least one with a weight above 0")
    if endpoint.shadow and (len(names) != 2 or endpoint.asynchronous):
        raise PartError(f"{where}.variants", names, "exactly one beside a shadow, and no async")
    if endpoint.asynchronous and (not alone or endpoint.is_serverless):
        raise PartError(f"{where}.variants", names, "one with instances, where there is async")
    if endpoint.is_serverless and (not alone or endpoint.capture_percent):
        raise PartError(f"{where}.variants", names, "one alone, uncaptured, where it is serverless")
    if endpoint.rollout.total_wait_seconds > MAX_ROLLOUT_SECONDS:
        seconds = endpoint.rollout.wait_seconds
        allowed = f"at most {MAX_ROLLOUT_SECONDS} seconds over all steps"
        raise PartError(f"{where}.rollout.wait_seconds", seconds, allowed)
    if endpoint.is_multi_model:
        _check_multi_model(where, endpoint)
    for name, variant in endpoint.all_variants:
        _check_capacity(f"{where}.variants.{name}", variant)
        _check_server(f"{where}.variants.{name}", variant)


def _check_multi_model(where: str, endpoint: Endpoint) -> None:
    """Checks the rules of multi-model endpoints.

    https://docs.aws.amazon.com/sagemaker/latest/dg/multi-model-endpoints.html
    """
    names = [name for name, _ in endpoint.all_variants]
    if endpoint.shadow or endpoint.asynchronous or endpoint.is_serverless:
        allowed = "with instances, and no shadow or async, where there is multi_model"
        raise PartError(f"{where}.variants", names, allowed)
    for name, variant in endpoint.variants:
        # The weights decide which variant answers, and so each must have the model.
        if not variant.multi_model:
            at = f"{where}.variants.{name}.multi_model"
            raise PartError(at, False, "`true`, where another variant of the endpoint has it")
        if not variant.model_data.endswith("/"):
            at = f"{where}.variants.{name}.model_data"
            raise PartError(at, variant.model_data, "`s3://BUCKET/PREFIX/`, where archives lie")
        if GPU.match(variant.instance_type) and not variant.image:
            at = f"{where}.variants.{name}.image"
            allowed = "Triton's, the only one of which SageMaker has many models share a GPU"
            raise PartError(at, None, allowed)


def _check_server(where: str, variant: Variant) -> None:
    if variant.generation != "cuda" and (variant.image or variant.server):
        allowed = "none, where the image isn't our own"
        raise PartError(f"{where}.generation", variant.generation, allowed)
    if variant.server is None:
        return
    if variant.serverless or not GPU.match(variant.instance_type):
        allowed = "one with a GPU, such as `ml.g5.xlarge`, where server is `vllm`"
        raise PartError(f"{where}.instance_type", variant.instance_type, allowed)
    if variant.multi_model:
        raise PartError(f"{where}.multi_model", True, "`false`, where server is `vllm`")


def _check_capacity(where: str, variant: Variant) -> None:
    most, serverless = variant.max_instances, variant.serverless
    if most is not None and most < variant.instances:
        raise PartError(f"{where}.max_instances", most, f"at least instances, {variant.instances}")
    if serverless and variant.ami:
        raise PartError(f"{where}.ami", variant.ami, "none, where it is serverless")
    if serverless and serverless.provisioned > serverless.max_concurrency:
        where = f"{where}.serverless.provisioned"
        raise PartError(where, serverless.provisioned, "at most max_concurrency")


def check_variant_names(endpoints: tuple[Endpoint, ...]) -> None:
    """Checks that no two variants share a name: callers address a variant by its name alone."""
    seen: set[str] = set()
    for endpoint in endpoints:
        for name, _ in endpoint.all_variants:
            if name in seen:
                where = f".endpoints.{endpoint.name} has a variant that"
                raise PartError(where, name, "a name that no other variant has")
            seen.add(name)
    length = sum(map(len, seen))
    if length > MAX_TOTAL_NAME_LENGTH:
        allowed = f"{MAX_TOTAL_NAME_LENGTH}: the proxy's environment, of 4 KB, holds all names"
        raise PartError(": the length of all variants' names", length, allowed)
