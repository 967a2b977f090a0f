"""Rules for the single fields of the setting `sagemaker`."""

from stacks.settings.rules import Rule, choice, text

# https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ProductionVariant.html
VARIANT_NAME = text("[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}", "1 to 63 letters, digits and inner hyphens")
# SageMaker writes names in lower case in ARNs, and so policies need them in lower case.
ENDPOINT_NAME = text("[a-z0-9](-*[a-z0-9]){0,29}", "1 to 30 of a-z, 0-9 and inner hyphens")
VARIABLE_NAME = text("[a-zA-Z_][a-zA-Z0-9_]{0,1023}", "the name of an environment variable")
VARIABLE_VALUE = text("[^\0]{0,1024}", "text")
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

_SERVERLESS_SIZES = choice(*(str(gib * 1024) for gib in range(1, 7)))


def _boolean(value: object) -> bool:
    if not isinstance(value, bool) and value not in ("true", "false"):
        raise ValueError
    return value in (True, "true")


def _serverless_memory(value: object) -> int:
    return int(_SERVERLESS_SIZES.parse(str(value)))


BOOLEAN = Rule("`true`, `false`", _boolean)
SERVERLESS_MEMORY_MB = Rule(_SERVERLESS_SIZES.allowed, _serverless_memory)
