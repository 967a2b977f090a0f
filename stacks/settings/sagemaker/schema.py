"""The schema of the setting `sagemaker`: the fields of endpoints and of their variants.

{"endpoints": {"vision": {"variants": {"resnet": {"model_data": "s3://models/resnet/1.tar.gz"}}}}}
"""

from typing import Any

from stacks.settings.object_parsers import by_name, decode_json, leaf, record
from stacks.settings.rules import Rule, choice, number, whole_number
from stacks.settings.sagemaker.endpoint import Asynchronous, Endpoint, Shadow
from stacks.settings.sagemaker.field_rules import (
    AMI,
    BOOLEAN,
    ENDPOINT_NAME,
    IMAGE,
    INSTANCE_TYPE,
    MODEL_DATA,
    SERVERLESS_MEMORY_MB,
    VARIABLE_NAME,
    VARIABLE_VALUE,
    VARIANT_NAME,
)
from stacks.settings.sagemaker.limits import (
    MAX_ENDPOINTS,
    MAX_VARIANTS,
    check_endpoint,
    check_variant_names,
)
from stacks.settings.sagemaker.rollout import Rollout
from stacks.settings.sagemaker.variant import Serverless, Variant

ALLOWED = (
    'JSON as `{"endpoints": {NAME: {"variants": {NAME: {"model_data": "s3://…"}}}}}`, '
    f"with up to {MAX_ENDPOINTS} endpoints; see sagemaker.md"
)
_VARIANT_FIELDS = {
    "model_data": leaf(MODEL_DATA),
    "server": leaf(choice("vllm")),
    "image": leaf(IMAGE),
    "generation": leaf(choice("cuda", "cpu", "none")),
    "ami": leaf(AMI),
    "environment": by_name(VARIABLE_NAME, leaf(VARIABLE_VALUE), at_most=100),
    "weight": leaf(number(0, 1e6)),
    "instance_type": leaf(INSTANCE_TYPE),
    "instances": leaf(whole_number(1, 100)),
    "max_instances": leaf(whole_number(1, 100)),
    "invocations_per_instance": leaf(number(0.1, 1e6)),
    "serverless": record(
        Serverless,
        {
            "memory_mb": leaf(SERVERLESS_MEMORY_MB),
            "max_concurrency": leaf(whole_number(1, 200)),
            "provisioned": leaf(whole_number(0, 200)),
        },
    ),
    "network": leaf(BOOLEAN),
    "multi_model": leaf(BOOLEAN),
}


def _variant(**fields: Any) -> Variant:
    # SageMaker starts a serverless container on demand, from an image of 10 GB at most, and
    # without a GPU. Another image than our own has no generation to choose.
    if "serverless" in fields and not fields.keys() & {"image", "server"}:
        fields.setdefault("generation", "none")
    return Variant(**fields)


_VARIANT = record(_variant, _VARIANT_FIELDS, ("model_data",))


def _shadow(*, name: str, percent: float = 100.0, **variant: Any) -> Shadow:
    return Shadow(name=name, percent=percent, variant=_variant(**variant))


_ENDPOINT_FIELDS = {
    "variants": by_name(VARIANT_NAME, _VARIANT, at_most=MAX_VARIANTS),
    "shadow": record(
        _shadow,
        {
            "name": leaf(VARIANT_NAME),
            "percent": leaf(number(1, 100)),
            **{key: field for key, field in _VARIANT_FIELDS.items() if key != "weight"},
        },
        ("name", "model_data"),
    ),
    "async": record(
        Asynchronous,
        {
            "max_concurrent": leaf(whole_number(1, 1000)),
            "backlog_per_instance": leaf(number(0.1, 1e6)),
            "max_instances": leaf(whole_number(1, 100)),
        },
    ),
    "rollout": record(
        Rollout,
        {
            "traffic": leaf(choice("all_at_once", "canary", "linear")),
            "percent": leaf(whole_number(10, 50)),
            "wait_seconds": leaf(whole_number(0, 3600)),
            "max_errors": leaf(whole_number(1, 1_000_000)),
            "max_latency_ms": leaf(whole_number(1, 3_600_000)),
        },
    ),
    "capture_percent": leaf(whole_number(0, 100)),
}


def _endpoint_fields(**fields: Any) -> dict[str, Any]:
    # `async` is a keyword of Python.
    return {"asynchronous" if key == "async" else key: item for key, item in fields.items()}


_SETTING = record(
    dict,
    {
        "endpoints": by_name(
            ENDPOINT_NAME,
            record(_endpoint_fields, _ENDPOINT_FIELDS, ("variants",)),
            at_most=MAX_ENDPOINTS,
        )
    },
    ("endpoints",),
)


def _parse(value: object) -> tuple[Endpoint, ...]:
    given = decode_json(value, ALLOWED)
    if given == {}:
        return ()
    if not isinstance(given, dict):
        raise ValueError(ALLOWED)
    endpoints = tuple(
        Endpoint(name=name, **fields) for name, fields in _SETTING("", given)["endpoints"]
    )
    for endpoint in endpoints:
        check_endpoint(f".endpoints.{endpoint.name}", endpoint)
    check_variant_names(endpoints)
    return endpoints


ENDPOINTS = Rule(ALLOWED, _parse)
