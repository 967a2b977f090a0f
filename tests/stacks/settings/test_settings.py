"""The settings: their values and the messages for mistakes."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stacks.settings.errors import SettingsError
from stacks.settings.settings import GIB, Settings
from tests.stacks.deployment import ROOT

SUBNETS = "subnet-0123456789abcdef0,subnet-0123456789abcdef1"
POOL = "arn:aws:cognito-idp:eu-west-1:123456789012:userpool/eu-west-1_Ab1"

GOOD = [
    ("stage", "Prod-2", "Prod-2"),
    ("stage", "a" * 32, "a" * 32),
    ("log_level", "DEBUG", "DEBUG"),
    ("memory_mb", "3008", 3008),
    ("memory_mb", 512, 512),
    ("architecture", "arm64", "arm64"),
    ("throughput_mode", "bursting", "bursting"),
    ("bucket_name", "my-models-2", "my-models-2"),
    ("bucket_name", "my-s3", "my-s3"),
    ("allowed_origins", "*", ("*",)),
    ("allowed_origins", ["*"], ("*",)),
    (
        "allowed_origins",
        "https://a.example, http://localhost:3000",
        ("https://a.example", "http://localhost:3000"),
    ),
    ("allowed_origins", ["https://a.example"], ("https://a.example",)),
    ("allowed_headers", "*", ("*",)),
    ("allowed_headers", "Content-Type, X-Own_2", ("Content-Type", "X-Own_2")),
    ("allowed_methods", ["GET", "POST"], ("GET", "POST")),
    ("auth", "none", "none"),
    ("auth", "cognito", "cognito"),
    ("waf", "on", "on"),
    ("kms", "on", "on"),
    ("flow_logs", "off", "off"),
    ("vpc_endpoint_ids", "vpce-01234567, vpce-76543210", ("vpce-01234567", "vpce-76543210")),
    ("vpc_endpoint_ids", "", ()),
    ("retain_versions", 1, 1),
    ("retain_versions", 2.0, 2),
    ("trusted_formats", "", ()),
    ("trusted_formats", [], ()),
    ("trusted_formats", "pickle", ("pickle",)),
    ("environments", "sklearn-1.5", ("sklearn-1.5",)),
    ("max_model_bytes", "1", 1),
    ("key_layouts", "", ()),
    ("key_layouts", "models/{model}/{version}/…", ("models/{model}/{version}/",)),
    ("max_model_bytes", 10 * GIB, 10 * GIB),
    ("availability_zones", "us-east-1a, us-east-1f", ("us-east-1a", "us-east-1f")),
    (
        "availability_zones",
        ["us-gov-west-1a", "us-gov-west-1b"],
        ("us-gov-west-1a", "us-gov-west-1b"),
    ),
    ("throttle_rate", "1", 1),
    ("throttle_burst", 5000, 5000),
    ("reconcile_hours", "168", 168),
    ("restore_concurrency", "100", 100),
    ("loader_concurrency", "1", 1),
    ("loader_concurrency", 1000, 1000),
    ("compile_seconds", "0", 0),
    ("own_code", "on", "on"),
    ("refused_page", "https://a.example/refused", "https://a.example/refused"),
    ("rollout", "canary", "canary"),
    ("rollout", "linear", "linear"),
    ("preload", "", ()),
    ("preload", "iris,Très fin", ("iris", "Très fin")),
    ("preload", ["iris"], ("iris",)),
    ("predict_seconds", "12.5", 12.5),
    ("fall_back", "on", "on"),
    ("capture_percent", "0.5", 0.5),
    ("capture_percent", 100, 100.0),
    ("capture_redact", "age, Straße und Nr.", ("age", "Straße und Nr.")),
    ("capture_redact", ["name, first"], ("name, first",)),
    ("capture_max_bytes", "2048", 2048),
    ("refresh_seconds", "0", 0.0),
    ("refresh_seconds", "0.25", 0.25),
]
BAD: list[tuple[str, Any]] = [
    *[("stage", v) for v in ("", "-dev", "a_b", "a.b", "ä", "a" * 33, "dev\n", 1, None, ["dev"])],
    *[("log_level", v) for v in ("info", "TRACE", "", 20, None)],
    *[("memory_mb", v) for v in (511, 10241, "0", "-1", "1e3", "1_024", "٣٠٠٨", " 512", "")],
    *[("memory_mb", v) for v in (True, None, [512], 512.5, "512.5", float("nan"), 10**400)],
    *[("architecture", v) for v in ("arm", "amd64", "X86_64", None)],
    *[("throughput_mode", v) for v in ("burst", "Elastic", "", None)],
    *[("provisioned_throughput_mibps", v) for v in (0, 3415, "fast", None)],
    *[("bucket_name", v) for v in ("ab", "a" * 64, "My-models", "my_models", "my.models", "")],
    *[("bucket_name", v) for v in ("-models", "models-", "xn--a1", "sthree-a", "models-s3alias")],
    *[("bucket_name", v) for v in ("models--x-s3", "models--ol-s3", "models--table-s3", None)],
    *[("allowed_origins", v) for v in ("", "a.example", "https://a.example/", "https://")],
    *[("allowed_origins", v) for v in ("ftp://a.example", "https://A.example", "null", 1, None)],
    *[("allowed_origins", v) for v in ("*,https://a.example", "https://a,", "https://a:0")],
    *[("allowed_origins", v) for v in ("https://a,https://a", "https://a'b", [1])],
    ("allowed_origins", []),
    *[("allowed_headers", v) for v in ("", "X Own", "X:Own", "*,Accept", "Accept,Accept", 1)],
    *[("allowed_methods", v) for v in ("", "get", "ANY", "GET,*")],
    ("allowed_methods", []),
    ("subnet_ids", []),
    *[("auth", v) for v in ("IAM", "apikey", "", None, False)],
    *[("user_pool_arn", v) for v in ("eu-west-1_Ab1", "arn:aws:cognito-idp", "", None)],
    *[("waf", v) for v in ("true", "", None, True)],
    *[("vpc_endpoint_ids", v) for v in ("vpce-1", "vpc-01234567", "vpce-01234567,", None)],
    *[("kms", v) for v in ("alias/x", "", None, False)],
    *[("flow_logs", v) for v in ("reject", "", None, 0)],
    *[("retain_versions", v) for v in (0, 1001, "all", "")],
    *[("trusted_formats", v) for v in ("onnx", "joblib;pickle", "joblib,", "skops", None, 1)],
    *[("trusted_formats", v) for v in (["joblib", "joblib"], [None], {"joblib": 1})],
    *[("max_model_bytes", v) for v in (0, 10 * GIB + 1, "5GiB")],
    *[("environments", v) for v in ("../x", "Sklearn", ["sklearn-1.5"] * 2, 1)],
    *[("key_layouts", v) for v in ("models/", "{model}/{model}/", "{version}/", "a//{model}")],
    *[("key_layouts", v) for v in ("/{model}/", "a*/{model}", "m-{model}/", "..../{model}", 1)],
    *[("key_layouts", v) for v in (["a/{model}/", "a/{model}"], "a/{model}/{version}/{version}/")],
    *[("vpc_id", v) for v in ("vpc-1", "subnet-01234567", "vpc-0123456G", "", None)],
    *[("subnet_ids", v) for v in ("", "vpc-01234567", "subnet-01234567,subnet-01234567")],
    *[("availability_zones", v) for v in ("", "eu-west-1a", "eu-west-1a,eu-west-1a", "a,b")],
    *[("availability_zones", v) for v in ("euw1-az1,euw1-az2", "eu-west-1,eu-west-2", None)],
    ("availability_zones", []),
    *[("throttle_rate", v) for v in (0, 10001, "fast")],
    *[("throttle_burst", v) for v in (0, 5001, 1.5)],
    *[("reconcile_hours", v) for v in (0, 169, "6h", "", 1.5, True)],
    *[("restore_concurrency", v) for v in (0, 101, "", "1.5", None, True)],
    *[("loader_concurrency", v) for v in (0, 1001, "", "1.5", None, True)],
    *[("own_code", v) for v in ("true", "", True)],
    *[("refused_page", v) for v in ("", "a b", "ftp://a.example#x")],
    *[("compile_seconds", v) for v in (-1, 601, "1.5", "", None)],
    *[("rollout", v) for v in ("on", "all_at_once", "", True, None)],
    *[("preload", v) for v in ("a/b", ".a", "a,a", "a" * 129, "a\tb", ["a,b"], 1, None)],
    *[("dedicated", v) for v in ("fraud", "[]", "{", ["fraud"], 1, None, True)],
    *[("sagemaker", v) for v in ("vision", "[]", "{", ["vision"], 1, None, True)],
    *[("predict_seconds", v) for v in (0, 29, "soon")],
    ("fall_back", "yes"),
    *[("capture_percent", v) for v in (-1, 100.1, "all", "nan", "", None)],
    *[("capture_redact", v) for v in ("a,,b", "a,a", ["a\nb"], [1], {"a": 1}, None)],
    *[("capture_max_bytes", v) for v in (2047, 262_001, "64k", None)],
    *[("refresh_seconds", v) for v in (-1, "-0.1", 3601, "1s", "inf", "nan", float("inf"), True)],
]


@pytest.mark.parametrize(("key", "value", "expected"), GOOD)
def test_good_value_is_read_from_text_and_from_json(key: str, value: Any, expected: Any) -> None:
    read = getattr(Settings.from_context({key: value}), key)

    assert read == expected
    assert type(read) is type(expected)


@pytest.mark.parametrize(("key", "value"), BAD)
def test_bad_value_is_named_with_its_key_and_what_is_allowed(key: str, value: Any) -> None:
    with pytest.raises(SettingsError) as error:
        Settings.from_context({key: value})

    allowed = Settings.__dataclass_fields__[key].metadata["rule"].allowed
    assert str(error.value) == f"{key} is {value!r}; allowed: {allowed}."


def test_every_setting_is_tried_with_bad_values() -> None:
    assert {key for key, _ in BAD} == set(Settings.__dataclass_fields__)


@settings(deadline=None)
@given(st.integers())
def test_memory_is_exactly_what_lambda_offers(number: int) -> None:
    if 512 <= number <= 10240:
        assert Settings.from_context({"memory_mb": str(number)}).memory_mb == number
    else:
        with pytest.raises(SettingsError, match="memory_mb"):
            Settings.from_context({"memory_mb": str(number)})


@settings(deadline=None)
@given(st.text())
def test_text_is_a_stage_only_if_stack_and_api_stage_may_be_named_so(text: str) -> None:
    try:
        stage = Settings.from_context({"stage": text}).stage
    except SettingsError:
        return
    assert stage.isascii()
    assert stage.replace("-", "").isalnum()


def test_defaults_are_good_values() -> None:
    given = {
        key: field.default
        for key, field in Settings.__dataclass_fields__.items()
        if field.default is not None and field.default != ()
    }
    as_json = json.loads(json.dumps(given))

    assert Settings.from_context(as_json) == Settings()


@pytest.mark.parametrize(
    ("key", "hint"), [("memory", "memory_mb"), ("Stage", "stage"), ("trusted_format", "trusted_")]
)
def test_unknown_key_is_answered_with_the_nearest(key: str, hint: str) -> None:
    with pytest.raises(SettingsError, match=f"Unknown setting '{key}'. Did you mean '{hint}"):
        Settings.from_context({key: "1"})


def test_unknown_key_is_answered_with_all_known() -> None:
    with pytest.raises(SettingsError) as error:
        Settings.from_context({"zzzz": "1"})

    known = ", ".join(Settings.__dataclass_fields__)
    assert str(error.value) == f"Unknown setting 'zzzz'. Known are: {known}."


def test_keys_of_cdk_itself_are_let_be() -> None:
    cdk_keys = {
        "@aws-cdk/core:checkSecretUsage": True,
        "aws:cdk:enable-path-metadata": True,
        "availability-zones:account=1:region=eu-west-1": ["eu-west-1a"],
        "acknowledged-issue-numbers": [1],
        "cli-telemetry": False,
    }

    assert Settings.from_context(cdk_keys) == Settings()


@pytest.mark.parametrize(
    "context",
    [
        {"throughput_mode": "provisioned"},
        {"provisioned_throughput_mibps": "8"},
        {"throughput_mode": "elastic", "provisioned_throughput_mibps": "8"},
    ],
)
def test_provisioned_mode_and_its_throughput_need_each_other(context: dict[str, str]) -> None:
    with pytest.raises(
        SettingsError, match=r"throughput_mode is .*provisioned_throughput_mibps is"
    ):
        Settings.from_context(context)


@pytest.mark.parametrize("context", [{"vpc_id": "vpc-01234567"}, {"subnet_ids": SUBNETS}])
def test_vpc_and_its_subnets_need_each_other(context: dict[str, str]) -> None:
    with pytest.raises(SettingsError, match=r"vpc_id is .*subnet_ids is .*give both, or neither"):
        Settings.from_context(context)


def test_a_network_that_is_reused_has_its_zones_by_its_subnets() -> None:
    context = {"vpc_id": "vpc-01234567", "subnet_ids": SUBNETS}
    with pytest.raises(SettingsError, match=r"availability_zones is .*zones by subnet_ids"):
        Settings.from_context({**context, "availability_zones": "eu-west-1a,eu-west-1b"})


def test_a_pool_is_for_cognito_alone() -> None:
    with pytest.raises(SettingsError, match=r"user_pool_arn is 'arn:.* auth is 'iam'"):
        Settings.from_context({"user_pool_arn": POOL})


def test_table_in_the_documentation_is_the_code() -> None:
    text = (ROOT / "docs" / "settings.md").read_text("utf-8")
    rows = [line for line in text.splitlines() if line.startswith("| `")]

    assert rows == [
        f"| `{key}` | {_shown(field.default)} | {field.metadata['rule'].allowed} | "
        f"{field.metadata['description']} |"
        for key, field in Settings.__dataclass_fields__.items()
    ]


def test_defaults_stand_in_the_code_alone() -> None:
    context = json.loads((ROOT / "cdk.json").read_text("utf-8"))["context"]

    assert not context.keys() & Settings.__dataclass_fields__.keys()


def _shown(default: Any) -> str:
    match default:
        case None | ():
            return "none given"
        case tuple():
            return f"`{','.join(default)}`"
        case float():
            return f"`{default:g}`"
    return f"`{default}`"
