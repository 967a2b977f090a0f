"""The deployment's settings: CDK context (`-c key=value` or cdk.json), checked at the edge."""

import dataclasses
import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Self

from stacks.settings import dedicated_model
from stacks.settings.dedicated_model import DedicatedModel
from stacks.settings.rules import (
    PartError,
    Rule,
    choice,
    either,
    list_of,
    number,
    text,
    whole_number,
)
from stacks.settings.sagemaker import schema
from stacks.settings.sagemaker.endpoint import Endpoint, physical_name
from stacks.settings.sagemaker.limits import LONGEST_NAME

# The CDK command line keeps its own state in the context, beside the keys it marks with a colon.
CDK_OWN_KEYS = frozenset({"acknowledged-issue-numbers", "cli-telemetry"})
GIB = 1024**3

BUCKET_NAME = text(
    r"(?!xn--|sthree-|amzn-s3-demo-)[a-z0-9][a-z0-9-]{1,61}[a-z0-9]"
    r"(?<!-s3alias)(?<!--ol-s3)(?<!--x-s3)(?<!--table-s3)",
    "an S3 bucket name of 3 to 63 lower-case letters, digits and hyphens, no dot (TLS)",
)
ORIGIN = text(
    # As browsers send it, so that it can match: in lower case, with no path.
    r"https?://[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[1-9][0-9]{0,4})?",
    "an origin as `https://host[:port]`, in lower case",
)
USER_POOL = text(
    r"arn:aws[a-z-]*:cognito-idp:[a-z0-9-]+:[0-9]{12}:userpool/[\w-]+_[0-9A-Za-z]+",
    "the ARN of a Cognito user pool",
)
MODEL = text(r"[^./,\x00-\x1f\x7f][^/,\x00-\x1f\x7f]{0,127}", "a model's name, with no comma")
FIELD = text(r"[^\x00-\x1f\x7f]{1,256}", "a field's name (with a comma: in a JSON list)")
STAGE = text("[A-Za-z0-9][A-Za-z0-9-]{0,31}", "1 to 32 letters, digits and hyphens")


class SettingsError(ValueError):
    """A context key or value that the app doesn't accept; says which, and what is allowed."""


def _setting(rule: Rule, default: object, description: str) -> Any:  # noqa: ANN401 (as dataclasses.field)
    return dataclasses.field(default=default, metadata={"rule": rule, "description": description})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All that can be chosen about a deployment; docs/settings.md is this class as a table."""

    stage: str = _setting(STAGE, "dev", "Name of the deployment: in stack names and API stage.")
    log_level: str = _setting(
        choice("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"),
        "INFO",
        "What the functions write to their logs.",
    )
    memory_mb: int = _setting(
        whole_number(512, 10240),  # less holds no scikit-learn
        10240,
        "Memory of the preparer and inference functions; new accounts refuse above 3008.",
    )
    architecture: Literal["x86_64", "arm64"] = _setting(
        choice("x86_64", "arm64"), "x86_64", "Processor of the functions and their image."
    )
    throughput_mode: Literal["bursting", "elastic", "provisioned"] = _setting(
        choice("bursting", "elastic", "provisioned"),
        "bursting",
        "Of the file system. Bursting gives 50 KiB/s per GiB once its credits are gone.",
    )
    provisioned_throughput_mibps: int | None = _setting(
        whole_number(1, 3414),
        None,
        "MiB/s of the file system; for `throughput_mode=provisioned` alone, and needed there.",
    )
    bucket_name: str | None = _setting(
        BUCKET_NAME, None, "Name of the model bucket; without it one is generated."
    )
    allowed_origins: tuple[str, ...] = _setting(
        either("*", list_of(ORIGIN, at_least=1)), ("*",), "Web origins that may call the API."
    )
    auth: Literal["iam", "api_key", "cognito", "none"] = _setting(
        choice("iam", "api_key", "cognito", "none"),
        "iam",
        "How callers of the API prove who they are.",
    )
    user_pool_arn: str | None = _setting(
        USER_POOL, None, "User pool for `auth=cognito`; without it one is made."
    )
    waf: Literal["on", "off"] = _setting(
        choice("on", "off"), "off", "A web ACL in front of the API."
    )
    vpc_endpoint_ids: tuple[str, ...] = _setting(
        list_of(text("vpce-[0-9a-f]{8}([0-9a-f]{9})?", "`vpce-` and 8 or 17 hexadecimal digits")),
        (),
        "Interface endpoints through which alone a private API is reached; none: a public API.",
    )
    kms: Literal["on", "off"] = _setting(
        choice("on", "off"), "off", "A key of one's own for all that is kept."
    )
    flow_logs: Literal["on", "off"] = _setting(
        choice("on", "off"), "on", "A log of the connections in the network that is made."
    )
    retain_versions: int = _setting(
        whole_number(1, 1000), 5, "Versions of each model that are kept ready to be served."
    )
    trusted_formats: tuple[Literal["joblib", "pickle"], ...] = _setting(
        list_of(choice("joblib", "pickle")),
        ("joblib", "pickle"),
        "Formats that are accepted although loading them can execute code; no other needs it.",
    )
    compile_seconds: int = _setting(
        whole_number(0, 600),
        120,
        "Most time to compile an upload and prove it equal; 0 serves all models as they are.",
    )
    max_model_bytes: int = _setting(
        whole_number(1, 10 * GIB),
        5 * GIB,
        "Largest upload. More than 10 GiB fits no function's memory, and risks the 15-minute copy.",
    )
    vpc_id: str | None = _setting(
        text("vpc-[0-9a-f]{8}([0-9a-f]{9})?", "`vpc-` and 8 or 17 hexadecimal digits"),
        None,
        "VPC to reuse, with `subnet_ids`; they must reach S3 through a gateway endpoint.",
    )
    subnet_ids: tuple[str, ...] = _setting(
        list_of(
            text("subnet-[0-9a-f]{8}([0-9a-f]{9})?", "`subnet-` and 8 or 17 hexadecimal digits"),
            at_least=1,
        ),
        (),
        "Subnets of `vpc_id` for functions and mount targets: one in each availability zone.",
    )
    throttle_rate: int = _setting(
        whole_number(1, 10000), 100, "Requests per second that the API lets through."
    )
    throttle_burst: int = _setting(
        whole_number(1, 5000), 200, "Requests at once that the API lets through."
    )
    reconcile_hours: int = _setting(
        whole_number(1, 168), 6, "How often bucket and file system are compared and repaired."
    )
    preload: tuple[str, ...] = _setting(
        list_of(MODEL),
        (),
        "Models that inference loads when it starts, before the first request.",
    )
    dedicated: tuple[DedicatedModel, ...] = _setting(
        dedicated_model.RULE,
        (),
        "Models with a function and routes of their own.",
    )
    sagemaker: tuple[Endpoint, ...] = _setting(
        schema.RULE,
        (),
        "Endpoints on SageMaker, their variants and what scales and guards them.",
    )
    refresh_seconds: float = _setting(
        number(0, 3600), 1.0, "How often inference looks for a new version of a model, in seconds."
    )
    capture_percent: float = _setting(
        number(0, 100), 0.0, "Share of requests that are written to the log with their answers."
    )
    capture_redact: tuple[str, ...] = _setting(
        list_of(FIELD), (), "Fields and columns whose values are kept out of what is captured."
    )
    capture_max_bytes: int = _setting(
        whole_number(2048, 262_000),  # CloudWatch's limit for an event was 256 KiB for long
        65_536,
        "Largest line of a captured request; instances that don't fit are left out of it.",
    )

    def __post_init__(self) -> None:
        """Check what one field alone can't show."""
        provisioned = self.throughput_mode == "provisioned"
        if provisioned != (self.provisioned_throughput_mibps is not None):
            raise SettingsError(
                f"throughput_mode is {self.throughput_mode!r} and provisioned_throughput_mibps is "
                f"{self.provisioned_throughput_mibps!r}; the mode 'provisioned' needs it, the "
                "others must not have it."
            )
        if bool(self.vpc_id) != bool(self.subnet_ids):
            raise SettingsError(
                f"vpc_id is {self.vpc_id!r} and subnet_ids is {self.subnet_ids!r}; give both, "
                "or neither for a network of its own."
            )
        if self.user_pool_arn and self.auth != "cognito":
            raise SettingsError(
                f"user_pool_arn is {self.user_pool_arn!r} and auth is {self.auth!r}; "
                "a user pool is for auth='cognito' alone."
            )
        for endpoint in self.sagemaker:
            name = physical_name(self.stage, endpoint.name)
            if len(name) > LONGEST_NAME:
                raise SettingsError(
                    f"stage and the endpoint {endpoint.name!r} make the name {name!r}; SageMaker "
                    f"takes {LONGEST_NAME} characters."
                )

    @classmethod
    def from_context(cls, context: Mapping[str, object]) -> Self:
        """Read and check the settings among CDK's own context keys.

        Raises:
            SettingsError: with the key, its value and what is allowed.
        """
        fields = {field.name: field for field in dataclasses.fields(cls)}
        given = {key: value for key, value in context.items() if not _is_cdks_own(key)}
        for key in given:
            if key not in fields:
                raise SettingsError(_unknown(key, tuple(fields)))
        return cls(**{key: _parse(fields[key], value) for key, value in given.items()})


def _is_cdks_own(key: str) -> bool:
    return ":" in key or key.startswith("@") or key in CDK_OWN_KEYS


def _unknown(key: str, known: tuple[str, ...]) -> str:
    nearest = difflib.get_close_matches(key, known, n=1)
    hint = f"Did you mean {nearest[0]!r}? " if nearest else ""
    return f"Unknown setting {key!r}. {hint}Known are: {', '.join(known)}."


def _parse(field: dataclasses.Field[Any], value: object) -> Any:  # noqa: ANN401 (each field's own type)
    rule: Rule = field.metadata["rule"]
    try:
        return rule.parse(value)
    except PartError as error:
        raise SettingsError(f"{field.name}{error}") from None
    except ValueError:
        raise SettingsError(f"{field.name} is {value!r}; allowed: {rule.allowed}.") from None
