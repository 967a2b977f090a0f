"""The setting `sagemaker`: which endpoints there are, and what each of them runs.

{"endpoints": {"vision": {"variants": {"resnet": {"model_data": "s3://models/resnet/1.tar.gz"}}}}}
"""

from typing import Any

from stacks.settings.object_parsers import by_name, decoded, leaf, record
from stacks.settings.rules import Rule, choice, number, text, whole_number
from stacks.settings.sagemaker.endpoint import (
    Asynchronous,
    Endpoint,
    Rollout,
    Serverless,
    Shadow,
    Variant,
)
from stacks.settings.sagemaker.limits import MOST_ENDPOINTS, MOST_VARIANTS, check, check_names

# SageMaker's own: https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ProductionVariant.html
VARIANT_NAME = text("[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}", "1 to 63 letters, digits and inner hyphens")
# In ARNs, and so in policies, SageMaker has names in lower case.
ENDPOINT_NAME = text("[a-z0-9](-*[a-z0-9]){0,29}", "1 to 30 of a-z, 0-9 and inner hyphens")
VARIABLE = text("[a-zA-Z_][a-zA-Z0-9_]{0,1023}", "the name of an environment variable")
MODEL_DATA = text(
    r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]/[^\s*?$]+(/|\.tar\.gz)",
    "`s3://BUCKET/KEY.tar.gz`, or `s3://BUCKET/PREFIX/` with the files themselves",
)
IMAGE = text(
    r"[0-9]{12}\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com(\.cn)?/[a-z0-9/_.-]+(:[\w.-]+|@sha256:\w{64})",
    "an image in ECR, as `ACCOUNT.dkr.ecr.REGION.amazonaws.com/REPOSITORY:TAG`",
)
AMI = text(
    r"al[0-9]+-ami-sagemaker-inference-[a-z0-9-]+",
    "an AMI such as `al2023-ami-sagemaker-inference-gpu-4-1`",
)
INSTANCE_TYPE = text(r"ml\.[a-z0-9-]+\.[a-z0-9]+", "an instance type such as `ml.m5.large`")
SERVERLESS_MB = choice(*(str(gib * 1024) for gib in range(1, 7)))


def _true_or_false(value: object) -> bool:
    if not isinstance(value, bool) and value not in ("true", "false"):
        raise ValueError
    return value in (True, "true")


TRUE_OR_FALSE = Rule("`true`, `false`", _true_or_false)


def _serverless_mb(value: object) -> int:
    return int(SERVERLESS_MB.parse(str(value)))


_VARIANT_FIELDS = {
    "model_data": leaf(MODEL_DATA),
    "server": leaf(choice("vllm")),
    "image": leaf(IMAGE),
    "generation": leaf(choice("cuda", "cpu", "none")),
    "ami": leaf(AMI),
    "environment": by_name(VARIABLE, leaf(text("[^\0]{0,1024}", "text")), at_most=100),
    "weight": leaf(number(0, 1e6)),
    "instance_type": leaf(INSTANCE_TYPE),
    "instances": leaf(whole_number(1, 100)),
    "max_instances": leaf(whole_number(1, 100)),
    "invocations_per_instance": leaf(number(0.1, 1e6)),
    "serverless": record(
        Serverless,
        {
            "memory_mb": leaf(Rule(SERVERLESS_MB.allowed, _serverless_mb)),
            "max_concurrency": leaf(whole_number(1, 200)),
            "provisioned": leaf(whole_number(0, 200)),
        },
    ),
    "network": leaf(TRUE_OR_FALSE),
    "multi_model": leaf(TRUE_OR_FALSE),
}
_VARIANT = record(Variant, _VARIANT_FIELDS, ("model_data",))


def _shadow(*, name: str, percent: float = 100.0, **variant: Any) -> Shadow:  # noqa: ANN401 (checked fields)
    return Shadow(name=name, percent=percent, variant=Variant(**variant))


_ENDPOINT_FIELDS = {
    "variants": by_name(VARIANT_NAME, _VARIANT, at_most=MOST_VARIANTS),
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


def _fields(**fields: Any) -> dict[str, Any]:  # noqa: ANN401 (checked fields)
    # `async` is a word of Python's own.
    return {"asynchronous" if key == "async" else key: item for key, item in fields.items()}


_ENDPOINTS = record(
    dict,
    {
        "endpoints": by_name(
            ENDPOINT_NAME,
            record(_fields, _ENDPOINT_FIELDS, ("variants",)),
            at_most=MOST_ENDPOINTS,
        )
    },
    ("endpoints",),
)


def _parse(value: object) -> tuple[Endpoint, ...]:
    given = decoded(value, RULE.allowed)
    if given == {}:
        return ()
    if not isinstance(given, dict):
        raise ValueError(RULE.allowed)
    endpoints = tuple(
        Endpoint(name=name, **fields) for name, fields in _ENDPOINTS("", given)["endpoints"]
    )
    for endpoint in endpoints:
        check(f".endpoints.{endpoint.name}", endpoint)
    check_names(endpoints)
    return endpoints


RULE = Rule(
    'JSON as `{"endpoints": {NAME: {"variants": {NAME: {"model_data": "s3://…"}}}}}`, '
    f"with up to {MOST_ENDPOINTS} endpoints; see sagemaker.md",
    _parse,
)
