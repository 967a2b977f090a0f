"""The functions: their code, limits, environments and logs."""

from collections.abc import Callable
from typing import Any

import pytest

from stacks.constructs.functions.serving_image import image_name
from stacks.settings.settings import Settings
from tests.stacks.configurations import OTHER_EVERYTHING
from tests.stacks.deployment import Deployment

NAMES = ("stage", "dispatcher", "preparer", "publish", "reconcile", "notifier", "inference")
IMAGE = image_name("x86_64", Settings().environments)
DISPATCHER = {
    "PREPARER": "${ModelLoaderPreparerFunction}",
    "PUBLISH": "${ModelLoaderPublishFunction}",
}


@pytest.mark.parametrize(
    ("name", "memory_mb", "seconds"),
    [
        ("stage", 1769, 900),
        ("preparer", 10240, 900),
        ("publish", 512, 900),
        ("reconcile", 1769, 900),
        ("notifier", 256, 60),
        ("dispatcher", 256, 120),
        ("inference", 10240, 29),
    ],
)
def test_limits_are_explicit(default: Deployment, name: str, memory_mb: int, seconds: int) -> None:
    function = default.function(name)

    assert function["MemorySize"] == memory_mb
    assert function["Timeout"] == seconds
    assert function["EphemeralStorage"] == {"Size": 512}
    assert "ReservedConcurrentExecutions" not in function


def test_memory_setting_is_for_what_loads_models(deploy: Callable[..., Deployment]) -> None:
    small = deploy(memory_mb="3008")

    assert {name: small.function(name)["MemorySize"] for name in NAMES} == {
        "stage": 1769,
        "preparer": 3008,
        "publish": 512,
        "reconcile": 1769,
        "notifier": 256,
        "dispatcher": 256,
        "inference": 3008,
    }


@pytest.mark.parametrize(
    ("name", "environment"),
    [
        (
            "stage",
            {
                "REPOSITORY_DIR": "/mnt/ml",
                "MAX_MODEL_BYTES": "5368709120",
                "KEY_LAYOUTS": "",
                "IMAGE": IMAGE,
                "LOG_LEVEL": "INFO",
            },
        ),
        (
            "preparer",
            {
                "CANDIDATES_DIR": "/mnt/ml",
                "TRUSTED_FORMATS": "joblib,pickle",
                "COMPILE_SECONDS": "120",
                "OWN_CODE": "off",
                "LOG_LEVEL": "INFO",
            },
        ),
        (
            "publish",
            {
                "REPOSITORY_DIR": "/mnt/ml",
                "RETAIN_VERSIONS": "5",
                "REFUSED_PAGE": "docs/refused.md",
                "KEY_LAYOUTS": "",
                "LOG_LEVEL": "INFO",
            },
        ),
        (
            "reconcile",
            {
                "REPOSITORY_DIR": "/mnt/ml",
                "BUCKET_NAME": "${ModelBucket}",
                "MAX_MODEL_BYTES": "5368709120",
                "KEY_LAYOUTS": "",
                "IMAGE": IMAGE,
                "RESTORE_CONCURRENCY": "5",
                "LOG_LEVEL": "INFO",
            },
        ),
        ("dispatcher", {**DISPATCHER, "LOG_LEVEL": "INFO"}),
        ("notifier", {"TOPIC_ARN": "${ModelLoaderNoticesTopic}", "LOG_LEVEL": "INFO"}),
        (
            "inference",
            {
                "MODEL_DIR": "/mnt/ml/models",
                "ALLOWED_ORIGINS": "*",
                "PRELOAD": "",
                "REFRESH_SECONDS": "1",
                "PREDICT_SECONDS": "20",
                "FALL_BACK": "off",
                "CAPTURE_PERCENT": "0",
                "CAPTURE_REDACT": "[]",
                "CAPTURE_MAX_BYTES": "65536",
                "LOG_LEVEL": "INFO",
            },
        ),
    ],
)
def test_environment(default: Deployment, name: str, environment: dict[str, str]) -> None:
    assert default.function(name)["Environment"] == {"Variables": environment}


def test_settings_reach_the_environment(deploy: Callable[..., Deployment]) -> None:
    deployment = deploy(
        log_level="DEBUG",
        max_model_bytes="1000",
        trusted_formats="",
        compile_seconds="0",
        own_code="on",
        refused_page="https://a.example/refused",
        preload="iris,Très fin",
        retain_versions="2",
        restore_concurrency="3",
        allowed_origins="https://a.example,https://b.example",
        refresh_seconds="0.5",
        predict_seconds="12.5",
        fall_back="on",
        capture_percent="2.5",
        capture_redact="age,Straße",
        capture_max_bytes="4096",
        key_layouts="ml/{model}/{version}/...,in/{model}",
    )

    assert {name: deployment.function(name)["Environment"]["Variables"] for name in NAMES} == {
        "stage": {
            "REPOSITORY_DIR": "/mnt/ml",
            "MAX_MODEL_BYTES": "1000",
            "KEY_LAYOUTS": "ml/{model}/{version}/,in/{model}/",
            "IMAGE": IMAGE,
            "LOG_LEVEL": "DEBUG",
        },
        "dispatcher": {**DISPATCHER, "LOG_LEVEL": "DEBUG"},
        "preparer": {
            "CANDIDATES_DIR": "/mnt/ml",
            "TRUSTED_FORMATS": "",
            "COMPILE_SECONDS": "0",
            "OWN_CODE": "on",
            "LOG_LEVEL": "DEBUG",
        },
        "publish": {
            "REPOSITORY_DIR": "/mnt/ml",
            "RETAIN_VERSIONS": "2",
            "REFUSED_PAGE": "https://a.example/refused",
            "KEY_LAYOUTS": "ml/{model}/{version}/,in/{model}/",
            "LOG_LEVEL": "DEBUG",
        },
        "reconcile": {
            "REPOSITORY_DIR": "/mnt/ml",
            "BUCKET_NAME": "${ModelBucket}",
            "MAX_MODEL_BYTES": "1000",
            "KEY_LAYOUTS": "ml/{model}/{version}/,in/{model}/",
            "IMAGE": IMAGE,
            "RESTORE_CONCURRENCY": "3",
            "LOG_LEVEL": "DEBUG",
        },
        "notifier": {"TOPIC_ARN": "${ModelLoaderNoticesTopic}", "LOG_LEVEL": "DEBUG"},
        "inference": {
            "MODEL_DIR": "/mnt/ml/models",
            "ALLOWED_ORIGINS": "https://a.example,https://b.example",
            "PRELOAD": "iris/Très fin",
            "REFRESH_SECONDS": "0.5",
            "PREDICT_SECONDS": "12.5",
            "FALL_BACK": "on",
            "CAPTURE_PERCENT": "2.5",
            "CAPTURE_REDACT": '["age", "Straße"]',
            "CAPTURE_MAX_BYTES": "4096",
            "LOG_LEVEL": "DEBUG",
        },
    }


def test_captured_requests_are_in_the_logs_that_the_output_names(
    default: Deployment, deploy: Callable[..., Deployment]
) -> None:
    outputs = deploy(**OTHER_EVERYTHING).inference.outputs

    assert outputs["CaptureLogGroups"] == (
        "${InferenceIdentityLog},${DedicatedfraudIdentityLog},${DedicatedirisIdentityLog}"
    )
    assert "CaptureLogGroups" not in default.inference.outputs


@pytest.mark.parametrize("name", ["preparer", "inference"])
def test_what_loads_models_runs_in_the_image(default: Deployment, name: str) -> None:
    function = default.function(name)

    assert function["PackageType"] == "Image"
    assert function["ImageConfig"] == {"Command": [f"{name}.handler.handler"]}
    assert function["Code"] == default.function("preparer")["Code"]


@pytest.mark.parametrize("architecture", ["x86_64", "arm64"])
@pytest.mark.parametrize("name", NAMES)
def test_architecture_is_the_same_for_all(
    deploy: Callable[..., Deployment], name: str, architecture: str
) -> None:
    function = deploy(architecture=architecture).function(name)

    assert function["Architectures"] == [architecture]


@pytest.mark.parametrize("name", NAMES)
def test_log_group_is_its_own(default: Deployment, name: str) -> None:
    groups: list[Any] = [default.function(other)["LoggingConfig"]["LogGroup"] for other in NAMES]

    assert groups.count(default.function(name)["LoggingConfig"]["LogGroup"]) == 1
