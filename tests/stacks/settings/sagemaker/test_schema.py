"""The setting `sagemaker`: what it is read as, and what each mistake is answered with."""

import json
from typing import Any

import pytest

from stacks.settings.sagemaker.endpoint import (
    Asynchronous,
    Endpoint,
    Rollout,
    Serverless,
    Shadow,
    Variant,
)
from stacks.settings.sagemaker.limits import MOST_ENDPOINTS, MOST_VARIANTS
from stacks.settings.settings import Settings, SettingsError
from tests.stacks.configurations import SAGEMAKER

DATA = "s3://models/m.tar.gz"
PLAIN = {"model_data": DATA}


def endpoint(**fields: Any) -> dict[str, Any]:
    return {"endpoints": {"e": {"variants": {"v": PLAIN}, **fields}}}


def variant(**fields: Any) -> dict[str, Any]:
    return endpoint(variants={"v": {**PLAIN, **fields}})


@pytest.mark.parametrize("value", [SAGEMAKER, json.dumps(SAGEMAKER)])
def test_endpoints_are_read_from_text_and_from_json(value: object) -> None:
    assert Settings.from_context({"sagemaker": value}).sagemaker == (
        Endpoint(
            name="vision",
            variants=(
                (
                    "resnet",
                    Variant(
                        model_data="s3://models/resnet/1.tar.gz",
                        weight=0.7,
                        max_instances=4,
                        invocations_per_instance=600,
                    ),
                ),
                (
                    "vggnet",
                    Variant(
                        model_data="s3://models/vggnet/1/",
                        image="123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/vgg:1.2",
                        instance_type="ml.c7g.xlarge",
                        instances=2,
                        weight=0.3,
                        environment=(("TS_NUM_THREADS", "4"),),
                        network=True,
                    ),
                ),
            ),
            capture_percent=10,
            rollout=Rollout(traffic="linear", percent=20, wait_seconds=120),
        ),
        Endpoint(
            name="text",
            variants=(("gpt", Variant(model_data="s3://models/gpt/1.tar.gz")),),
            asynchronous=Asynchronous(max_concurrent=2, backlog_per_instance=3, max_instances=4),
        ),
        Endpoint(
            name="trial",
            variants=(("old", Variant(model_data="s3://models/old.tar.gz", weight=2)),),
            shadow=Shadow(
                name="new", percent=25, variant=Variant(model_data="s3://models/new.tar.gz")
            ),
        ),
        Endpoint(
            name="many",
            variants=(
                (
                    "tenants",
                    Variant(model_data="s3://models/tenants/", multi_model=True, max_instances=3),
                ),
            ),
        ),
        Endpoint(
            name="chat",
            variants=(
                (
                    "llama",
                    Variant(
                        model_data="s3://models/llama/1/",
                        server="vllm",
                        instance_type="ml.g5.2xlarge",
                        environment=(("SM_VLLM_MAX_MODEL_LEN", "8192"),),
                    ),
                ),
            ),
        ),
        Endpoint(
            name="rare",
            variants=(
                (
                    "seldom",
                    Variant(
                        model_data="s3://models/seldom.tar.gz",
                        serverless=Serverless(memory_mb=3072, max_concurrency=8, provisioned=1),
                    ),
                ),
            ),
        ),
    )


@pytest.mark.parametrize("value", ["", "{}", {}])
def test_there_may_be_none(value: object) -> None:
    assert Settings.from_context({"sagemaker": value}).sagemaker == ()


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ({"endpoint": {}}, " has a key that is 'endpoint'; allowed: endpoints"),
        ({"endpoints": {}}, ".endpoints is {}; allowed: an object with 1 to 8 entries"),
        ({"endpoints": {"E": {}}}, ".endpoints has a key that is 'E'; allowed: 1 to 30 of a-z"),
        ({"endpoints": {"e": 3}}, ".endpoints.e is 3; allowed: an object with variants, shadow"),
        ({"endpoints": {"e": {}}}, ".endpoints.e is {}; allowed: an object that has variants"),
        (endpoint(weights={}), ".endpoints.e has a key that is 'weights'; allowed: variants,"),
        (endpoint(variants={"a_b": PLAIN}), ".endpoints.e.variants has a key that is 'a_b'"),
        (endpoint(variants={"v": {}}), ".endpoints.e.variants.v is {}; allowed: an object that"),
        (variant(model_data="m"), ".endpoints.e.variants.v.model_data is 'm'; allowed: `s3://B"),
        (variant(model_data="s3://models/m.joblib"), ".endpoints.e.variants.v.model_data is "),
        (variant(model_data="s3://models/*/m.tar.gz"), ".endpoints.e.variants.v.model_data is "),
        (variant(image="nginx"), ".endpoints.e.variants.v.image is 'nginx'; allowed: an image"),
        (variant(server="tgi"), ".endpoints.e.variants.v.server is 'tgi'; allowed: `vllm`"),
        (variant(ami="ubuntu"), ".endpoints.e.variants.v.ami is 'ubuntu'; allowed: an AMI such"),
        (variant(multi_model=1), ".endpoints.e.variants.v.multi_model is 1; allowed: `true`, `f"),
        (variant(instance_type="m5.large"), ".endpoints.e.variants.v.instance_type is 'm5.large'"),
        (variant(weight=-1), ".endpoints.e.variants.v.weight is -1; allowed: a number from 0"),
        (variant(instances=0), ".endpoints.e.variants.v.instances is 0; allowed: a whole number"),
        (variant(network=1), ".endpoints.e.variants.v.network is 1; allowed: `true`, `false`"),
        (variant(environment={"A B": ""}), ".endpoints.e.variants.v.environment has a key that"),
        (variant(environment={"A": 1}), ".endpoints.e.variants.v.environment.A is 1; allowed"),
        (
            variant(serverless={"memory_mb": 1000}),
            ".endpoints.e.variants.v.serverless.memory_mb is 1000; allowed: `1024`, `2048`",
        ),
        (endpoint(rollout={"percent": 51}), ".endpoints.e.rollout.percent is 51; allowed: a whole"),
        (endpoint(rollout={"traffic": "x"}), ".endpoints.e.rollout.traffic is 'x'; allowed: `all"),
        (endpoint(capture_percent=101), ".endpoints.e.capture_percent is 101; allowed"),
        (
            endpoint(**{"async": {"max_concurrent": 0}}),
            ".endpoints.e.async.max_concurrent is 0; allowed",
        ),
        (endpoint(shadow=PLAIN), ".endpoints.e.shadow is {'model_data'"),
        (
            endpoint(shadow={"name": "s", "weight": 1, **PLAIN}),
            ".endpoints.e.shadow has a key that is 'weight'",
        ),
    ],
)
def test_a_bad_part_is_named_with_what_is_allowed(value: object, told: str) -> None:
    with pytest.raises(SettingsError) as error:
        Settings.from_context({"sagemaker": value})

    assert str(error.value).startswith(f"sagemaker{told}")


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
    variants = {f"v{number}": PLAIN for number in range(MOST_VARIANTS + 1)}
    with pytest.raises(SettingsError, match="an object with 1 to 10 entries"):
        Settings.from_context({"sagemaker": endpoint(variants=variants)})
    endpoints = {f"e{n}": {"variants": {f"v{n}": PLAIN}} for n in range(MOST_ENDPOINTS + 1)}
    with pytest.raises(SettingsError, match="an object with 1 to 8 entries"):
        Settings.from_context({"sagemaker": {"endpoints": endpoints}})


def test_names_fit_into_a_functions_environment() -> None:
    def named(length: int) -> dict[str, Any]:
        return {
            "endpoints": {
                f"e{n}": {"variants": {f"{n}{m}".ljust(length, "v"): PLAIN for m in range(10)}}
                for n in range(MOST_ENDPOINTS)
            }
        }

    assert Settings.from_context({"sagemaker": named(25)}).sagemaker
    with pytest.raises(SettingsError, match="the length of all variants' names is 2080"):
        Settings.from_context({"sagemaker": named(26)})


def test_stage_and_endpoint_make_a_name_that_sagemaker_takes() -> None:
    value = {"endpoints": {"e" * 30: {"variants": {"v": PLAIN}}}}
    assert Settings.from_context({"stage": "s" * 21, "sagemaker": value}).sagemaker
    with pytest.raises(SettingsError, match="SageMaker takes 63 characters"):
        Settings.from_context({"stage": "s" * 22, "sagemaker": value})
