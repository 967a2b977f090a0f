"""The setting `sagemaker`: its values and the messages for mistakes."""

import json
from typing import Any

import pytest

from stacks.settings.errors import SettingsError
from stacks.settings.sagemaker.endpoint import Asynchronous, Endpoint, Shadow
from stacks.settings.sagemaker.rollout import Rollout
from stacks.settings.sagemaker.variant import Serverless, Variant
from stacks.settings.settings import Settings
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
                        generation="none",
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


@pytest.mark.parametrize(
    ("fields", "generation"),
    [
        ({}, "cuda"),
        ({"serverless": {}}, "none"),
        ({"serverless": {}, "generation": "cpu"}, "cpu"),
        ({"serverless": {}, "image": "123456789012.dkr.ecr.eu-west-1.amazonaws.com/a:1"}, "cuda"),
    ],
)
def test_a_serverless_container_has_no_generation_unless_it_says_so(
    fields: dict[str, Any], generation: str
) -> None:
    ((_, found),) = Settings.from_context({"sagemaker": variant(**fields)}).sagemaker[0].variants

    assert found.generation == generation
