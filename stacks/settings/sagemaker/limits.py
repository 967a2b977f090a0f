"""What SageMaker, and what is built around it, refuses of fields that are good each by itself."""

import re

from stacks.settings.rules import PartError
from stacks.settings.sagemaker.endpoint import Endpoint, Variant

LONGEST_NAME = 63
MOST_ENDPOINTS = 8  # of ten variants each, which fill CloudFormation's 500 resources
MOST_LETTERS = 2000  # of variants' names, in a function's environment of 4 KB
LONGEST_ROLLOUT = 25_200  # an update may take 8 hours, of which one is for starting instances
# With NVIDIA's GPUs, from the generation on that vLLM is built for: g4dn, g5, p4d, … but not c7g.
GPU = re.compile(r"ml\.[gp]([4-9]|\d\d)[a-z]*\.")
MOST_VARIANTS = 10  # SageMaker's limit, and CloudWatch's for metrics in an expression


def check(where: str, endpoint: Endpoint) -> None:
    """Hold what SageMaker refuses of fields that are good each by itself."""
    names = [name for name, _ in endpoint.models]
    alone = len(names) == 1
    if not sum(variant.weight for _, variant in endpoint.variants):
        raise PartError(f"{where}.variants", names, "at least one with a weight above 0")
    if endpoint.shadow and (len(names) != 2 or endpoint.asynchronous):
        raise PartError(f"{where}.variants", names, "exactly one beside a shadow, and no async")
    if endpoint.asynchronous and (not alone or endpoint.is_serverless):
        raise PartError(f"{where}.variants", names, "one with instances, where there is async")
    if endpoint.is_serverless and (not alone or endpoint.capture_percent):
        raise PartError(f"{where}.variants", names, "one alone, uncaptured, where it is serverless")
    if endpoint.rollout.steps_seconds > LONGEST_ROLLOUT:
        seconds = endpoint.rollout.wait_seconds
        allowed = f"at most {LONGEST_ROLLOUT} seconds over all steps"
        raise PartError(f"{where}.rollout.wait_seconds", seconds, allowed)
    if endpoint.is_multi_model:
        _check_multi_model(where, endpoint)
    for name, variant in endpoint.models:
        _check_capacity(f"{where}.variants.{name}", variant)
        _check_server(f"{where}.variants.{name}", variant)


def _check_multi_model(where: str, endpoint: Endpoint) -> None:
    """https://docs.aws.amazon.com/sagemaker/latest/dg/multi-model-endpoints.html."""
    names = [name for name, _ in endpoint.models]
    if endpoint.shadow or endpoint.asynchronous or endpoint.is_serverless:
        allowed = "with instances, and no shadow or async, where there is multi_model"
        raise PartError(f"{where}.variants", names, allowed)
    for name, variant in endpoint.variants:
        # Which variant answers is left to the weights, and each must know the model.
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


def check_names(endpoints: tuple[Endpoint, ...]) -> None:
    """A variant is asked for by its name alone, so no two may have the same."""
    seen: set[str] = set()
    for endpoint in endpoints:
        for name, _ in endpoint.models:
            if name in seen:
                where = f".endpoints.{endpoint.name} has a variant that"
                raise PartError(where, name, "a name that no other variant has")
            seen.add(name)
    letters = sum(map(len, seen))
    if letters > MOST_LETTERS:
        allowed = f"{MOST_LETTERS}: the proxy's environment, of 4 KB, holds all names"
        raise PartError(": the length of all variants' names", letters, allowed)
