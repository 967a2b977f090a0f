"""All settings of a deployment, with their defaults, rules and descriptions."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Self

from stacks.settings.combinations import (
    check_endpoint_names,
    check_keys,
    check_network,
    check_throughput,
    check_user_pool,
)
from stacks.settings.context import parse_context, setting
from stacks.settings.dedicated_model import DEDICATED_MODELS, DedicatedModel
from stacks.settings.environments import DEFAULT_ENVIRONMENTS, ENVIRONMENT, check_environments
from stacks.settings.key_layouts import KEY_LAYOUT, check_key_layouts
from stacks.settings.name_rules import (
    BUCKET_NAME,
    FIELD_NAME,
    HEADER,
    MODEL_NAME,
    ORIGIN,
    PAGE,
    STAGE,
    SUBNET_ID,
    USER_POOL_ARN,
    VPC_ENDPOINT_ID,
    VPC_ID,
    ZONE,
)
from stacks.settings.rules import choice, either, list_of, number, whole_number
from stacks.settings.sagemaker.endpoint import Endpoint
from stacks.settings.sagemaker.schema import ENDPOINTS

GIB = 1024**3


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that can be chosen about a deployment. docs/settings.md shows it as a table."""

    stage: str = setting(STAGE, "dev", "Name of the deployment: in stack names and API stage.")
    log_level: str = setting(
        choice("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"),
        "INFO",
        "What the functions write to their logs.",
    )
    memory_mb: int = setting(
        whole_number(512, 10240),  # scikit-learn does not fit into less
        10240,
        "Memory of the preparer and inference functions; new accounts refuse above 3008.",
    )
    architecture: Literal["x86_64", "arm64"] = setting(
        choice("x86_64", "arm64"), "x86_64", "Processor of the functions and their image."
    )
    throughput_mode: Literal["bursting", "elastic", "provisioned"] = setting(
        choice("bursting", "elastic", "provisioned"),
        "elastic",
        "Of the file system. Bursting gives 50 KiB/s per GiB once its credits are gone.",
    )
    provisioned_throughput_mibps: int | None = setting(
        whole_number(1, 3414),
        None,
        "MiB/s of the file system; for `throughput_mode=provisioned` alone, and needed there.",
    )
    bucket_name: str | None = setting(
        BUCKET_NAME, None, "Name of the model bucket; without it one is generated."
    )
    allowed_origins: tuple[str, ...] = setting(
        either("*", list_of(ORIGIN, at_least=1)), ("*",), "Web origins that may call the API."
    )
    allowed_headers: tuple[str, ...] = setting(
        either("*", list_of(HEADER, at_least=1)),
        ("*",),
        "Request headers that pages of those origins may send; `*` is all, Authorization included.",
    )
    allowed_methods: tuple[str, ...] = setting(
        either(
            "*",
            list_of(choice("GET", "HEAD", "POST", "OPTIONS", "PUT", "PATCH", "DELETE"), at_least=1),
        ),
        ("*",),
        "HTTP methods that pages of those origins may use.",
    )
    auth: Literal["iam", "api_key", "cognito", "none"] = setting(
        choice("iam", "api_key", "cognito", "none"),
        "iam",
        "How callers of the API prove who they are.",
    )
    user_pool_arn: str | None = setting(
        USER_POOL_ARN, None, "User pool for `auth=cognito`; without it one is made."
    )
    waf: Literal["on", "off"] = setting(
        choice("on", "off"), "off", "A web ACL in front of the API."
    )
    vpc_endpoint_ids: tuple[str, ...] = setting(
        list_of(VPC_ENDPOINT_ID),
        (),
        "Interface endpoints through which alone a private API is reached; none: a public API.",
    )
    kms: Literal["on", "off"] = setting(
        choice("on", "off"), "off", "A key of one's own for all that is kept."
    )
    flow_logs: Literal["on", "off"] = setting(
        choice("on", "off"), "on", "A log of the connections in the network that is made."
    )
    retain_versions: int = setting(
        whole_number(1, 1000), 5, "Versions of each model that are kept ready to be served."
    )
    trusted_formats: tuple[Literal["joblib", "pickle"], ...] = setting(
        list_of(choice("joblib", "pickle")),
        ("joblib", "pickle"),
        "Formats that are accepted although loading them can execute code; no other needs it.",
    )
    own_code: Literal["off", "on"] = setting(
        choice("off", "on"),
        "off",
        "Whether code of uploaders' own runs: in `code/` beside a model, or pickled with it.",
    )
    refused_page: str = setting(
        PAGE,
        "docs/refused.md",
        "Where people read about refusals: each refusal names this page, with its code as anchor.",
    )
    compile_seconds: int = setting(
        whole_number(0, 600),
        120,
        "Most time to compile an upload and prove it equal; 0 serves all models as they are.",
    )
    environments: tuple[str, ...] = setting(
        list_of(ENVIRONMENT),
        DEFAULT_ENVIRONMENTS,
        "Environments of other library versions in the image, by their files in `environments/`.",
    )
    max_model_bytes: int = setting(
        whole_number(1, 10 * GIB),
        5 * GIB,
        "Largest upload. More than 10 GiB fits no function's memory, and risks the 15-minute copy.",
    )
    key_layouts: tuple[str, ...] = setting(
        list_of(KEY_LAYOUT),
        (),
        "Which folders of an object's key name the model and the version, where tools lay them so.",
    )
    vpc_id: str | None = setting(
        VPC_ID,
        None,
        "VPC to reuse, with `subnet_ids`; they must reach S3 through a gateway endpoint.",
    )
    subnet_ids: tuple[str, ...] = setting(
        list_of(SUBNET_ID, at_least=1),
        (),
        "Subnets of `vpc_id` for functions and mount targets: one in each availability zone.",
    )
    availability_zones: tuple[str, ...] = setting(
        list_of(ZONE, at_least=2),
        (),
        "Zones of the network that is made; without them the first two of the region.",
    )
    throttle_rate: int = setting(
        whole_number(1, 10000), 100, "Requests per second that the API lets through."
    )
    throttle_burst: int = setting(
        whole_number(1, 5000), 200, "Requests at once that the API lets through."
    )
    reconcile_hours: int = setting(
        whole_number(1, 168), 6, "How often bucket and file system are compared and repaired."
    )
    restore_concurrency: int = setting(
        whole_number(1, 100),
        5,
        "Most uploads under way at once while lost or outdated models are prepared again.",
    )
    loader_concurrency: int | None = setting(
        whole_number(1, 1000),
        None,
        "Most uploads that are copied at once, and most that are prepared; none: no cap.",
    )
    rollout: Literal["off", "canary", "linear"] = setting(
        choice("off", "canary", "linear"),
        "off",
        "How a new version of inference takes over, with an alarm that brings the old one back.",
    )
    preload: tuple[str, ...] = setting(
        list_of(MODEL_NAME),
        (),
        "Models that inference loads when it starts, before the first request.",
    )
    dedicated: tuple[DedicatedModel, ...] = setting(
        DEDICATED_MODELS,
        (),
        "Models with a function and routes of their own.",
    )
    sagemaker: tuple[Endpoint, ...] = setting(
        ENDPOINTS,
        (),
        "Endpoints on SageMaker, their variants and what scales and guards them.",
    )
    refresh_seconds: float = setting(
        number(0, 3600), 1.0, "How often inference looks for a new version of a model, in seconds."
    )
    predict_seconds: float = setting(
        number(1, 28),  # API Gateway gives up after 29 s
        20.0,
        "Most time for the answer of a model that isn't compiled, its loading included.",
    )
    fall_back: Literal["on", "off"] = setting(
        choice("on", "off"),
        "off",
        "Whether the version before answers while the current one is put aside for its failures.",
    )
    capture_percent: float = setting(
        number(0, 100), 0.0, "Share of requests that are written to the log with their answers."
    )
    capture_redact: tuple[str, ...] = setting(
        list_of(FIELD_NAME), (), "Fields and columns whose values are kept out of what is captured."
    )
    capture_max_bytes: int = setting(
        whole_number(2048, 262_000),  # an event of CloudWatch Logs once took 256 KiB
        65_536,
        "Largest line of a captured request; instances that don't fit are left out of it.",
    )

    def __post_init__(self) -> None:
        """Checks settings that depend on each other."""
        check_throughput(self.throughput_mode, self.provisioned_throughput_mibps)
        check_network(self.vpc_id, self.subnet_ids, self.availability_zones)
        check_user_pool(self.user_pool_arn, self.auth)
        check_endpoint_names(self.stage, self.sagemaker)
        check_keys(self.kms, self.sagemaker)
        check_key_layouts(self.key_layouts)
        check_environments(self.environments)

    @classmethod
    def from_context(cls, context: Mapping[str, object]) -> Self:
        """Reads and checks the settings among CDK's own context keys.

        Raises:
            SettingsError: with the key, its value and what is allowed.
        """
        return cls(**parse_context(dataclasses.fields(cls), context))
