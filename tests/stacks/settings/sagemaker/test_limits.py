"""Combinations of fields that SageMaker refuses."""

from typing import Any

import pytest

from stacks.settings.errors import SettingsError
from stacks.settings.sagemaker.limits import MAX_ENDPOINTS, MAX_VARIANTS
from stacks.settings.settings import Settings

DATA = "s3://models/m.tar.gz"
PLAIN = {"model_data": DATA}


def endpoint(**fields: Any) -> dict[str, Any]:
    return {"endpoints": {"e": {"variants": {"v": PLAIN}, **fields}}}


def variant(**fields: Any) -> dict[str, Any]:
    return endpoint(variants={"v": {**PLAIN, **fields}})


TWO = {"v": PLAIN, "w": PLAIN}
SHADOW = {"name": "s", **PLAIN}
QUEUE: dict[str, Any] = {"async": {}}
SERVERLESS = {"v": {**PLAIN, "serverless": {}}}
MANY = {"model_data": "s3://models/m/", "multi_model": True}
FOREIGN = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/triton:1"


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (variant(weight=0), "allowed: at least one with a weight above 0"),
        (endpoint(variants=TWO, shadow=SHADOW), "allowed: exactly one beside a shadow"),
        (endpoint(shadow=SHADOW, **QUEUE), "allowed: exactly one beside a shadow, and no async"),
        (endpoint(variants=TWO, **QUEUE), "allowed: one with instances, where there is async"),
        (endpoint(variants=SERVERLESS, **QUEUE), "allowed: one with instances, where there is a"),
        (endpoint(variants={**SERVERLESS, "w": PLAIN}), "allowed: one alone, uncaptured, where"),
        (endpoint(variants=SERVERLESS, capture_percent=1), "allowed: one alone, uncaptured, w"),
        (variant(instances=3, max_instances=2), "max_instances is 2; allowed: at least instances"),
        (
            variant(serverless={"max_concurrency": 2, "provisioned": 3}),
            "serverless.provisioned is 3; allowed: at most max_concurrency",
        ),
        (
            endpoint(rollout={"traffic": "linear", "percent": 10, "wait_seconds": 3600}),
            "rollout.wait_seconds is 3600; allowed: at most 25200 seconds over all steps",
        ),
        (endpoint(variants={"v": MANY}, shadow={**SHADOW, **MANY}), "no shadow or async, where"),
        (endpoint(variants={"v": MANY}, **QUEUE), "no shadow or async, where there is multi_model"),
        (variant(**MANY, serverless={}), "with instances, and no shadow or async, where there is"),
        (
            endpoint(variants={"v": MANY, "w": PLAIN}),
            "variants.w.multi_model is False; allowed: `true`, where another variant",
        ),
        (variant(multi_model=True), "model_data is 's3://models/m.tar.gz'; allowed: `s3://BUCKET/"),
        (variant(**MANY, instance_type="ml.g5.xlarge"), "v.image is None; allowed: Triton's, the"),
        (
            variant(server="vllm"),
            "instance_type is 'ml.m5.large'; allowed: one with a GPU, such as `ml.g5.xlarge`",
        ),
        (variant(server="vllm", serverless={}), "allowed: one with a GPU"),
        (variant(generation="cpu", image=FOREIGN), "generation is 'cpu'; allowed: none, where the"),
        (
            variant(serverless={}, ami="al2-ami-sagemaker-inference-gpu-3-1"),
            "ami is 'al2-ami-sagemaker-inference-gpu-3-1'; allowed: none, where it is serverless",
        ),
        (
            variant(**MANY, server="vllm", instance_type="ml.g5.xlarge", image=FOREIGN),
            "v.multi_model is True; allowed: `false`, where server is `vllm`",
        ),
        (
            {"endpoints": {"e": {"variants": {"v": PLAIN}}, "f": {"variants": {"v": PLAIN}}}},
            ".endpoints.f has a variant that is 'v'; allowed: a name that no other variant has",
        ),
    ],
)
def test_what_sagemaker_refuses_together_is_refused_here(value: object, told: str) -> None:
    with pytest.raises(SettingsError) as error:
        Settings.from_context({"sagemaker": value})

    assert told in str(error.value)


@pytest.mark.parametrize(
    "instance_type", ["ml.g4dn.xlarge", "ml.g5.2xlarge", "ml.g6e.xlarge", "ml.p4d.24xlarge"]
)
def test_vllm_runs_where_there_is_a_gpu(instance_type: str) -> None:
    value = variant(server="vllm", instance_type=instance_type)

    assert Settings.from_context({"sagemaker": value}).sagemaker[0].variants[0][1].server == "vllm"


@pytest.mark.parametrize("instance_type", ["ml.c7g.xlarge", "ml.p3.2xlarge", "ml.inf2.xlarge"])
def test_vllm_does_not_run_where_there_is_none_of_its_gpus(instance_type: str) -> None:
    with pytest.raises(SettingsError, match="one with a GPU"):
        Settings.from_context({"sagemaker": variant(server="vllm", instance_type=instance_type)})


@pytest.mark.parametrize(
    "fields", [MANY, {**MANY, "image": FOREIGN, "instance_type": "ml.g5.xlarge"}]
)
def test_many_models_share_a_container(fields: dict[str, Any]) -> None:
    (endpoints,) = Settings.from_context({"sagemaker": variant(**fields)}).sagemaker

    assert endpoints.is_multi_model


def test_there_are_as_many_as_aws_takes() -> None:
    variants = {f"v{number}": PLAIN for number in range(MAX_VARIANTS + 1)}
    with pytest.raises(SettingsError, match="an object with 1 to 10 entries"):
        Settings.from_context({"sagemaker": endpoint(variants=variants)})
    endpoints = {f"e{n}": {"variants": {f"v{n}": PLAIN}} for n in range(MAX_ENDPOINTS + 1)}
    with pytest.raises(SettingsError, match="an object with 1 to 8 entries"):
        Settings.from_context({"sagemaker": {"endpoints": endpoints}})


def test_names_fit_into_a_functions_environment() -> None:
    def named(length: int) -> dict[str, Any]:
        return {
            "endpoints": {
                f"e{n}": {"variants": {f"{n}{m}".ljust(length, "v"): PLAIN for m in range(10)}}
                for n in range(MAX_ENDPOINTS)
            }
        }

    assert Settings.from_context({"sagemaker": named(25)}).sagemaker
    with pytest.raises(SettingsError, match="the length of all variants' names is 2080"):
        Settings.from_context({"sagemaker": named(26)})


def test_stage_and_endpoint_make_a_name_that_sagemaker_takes() -> None:
    value = {"endpoints": {"e" * 30: {"variants": {"v": PLAIN}}}}
    assert Settings.from_context({"stage": "s" * 16, "sagemaker": value}).sagemaker
    with pytest.raises(SettingsError, match="SageMaker takes 63 characters"):
        Settings.from_context({"stage": "s" * 17, "sagemaker": value})
