import pytest

from inference.settings import DedicatedSettings, InferenceSettings
from loader.settings import PublishSettings, StageSettings
from preparer.settings import PrepareSettings
from serving.errors import SettingsError

SERVING = {
    "MODEL_DIR": "/mnt/ml",
    "ALLOWED_ORIGINS": "https://a.example, https://b.example",
    "PRELOAD": "iris/Très fin",
    "REFRESH_SECONDS": "0.5",
    "PREDICT_SECONDS": "12.5",
    "FALL_BACK": "on",
    "LOG_LEVEL": "INFO",
    "CAPTURE_PERCENT": "2.5",
    "CAPTURE_REDACT": '["age", "name, first"]',
    "CAPTURE_MAX_BYTES": "4096",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "10240",
}


def test_a_good_environment_is_read() -> None:
    settings = InferenceSettings.from_env(SERVING)
    assert str(settings.model_dir) == "/mnt/ml"
    assert settings.allowed_origins == ("https://a.example", "https://b.example")
    assert settings.preload == ("iris", "Très fin")
    assert settings.refresh_seconds == 0.5
    assert (settings.predict_seconds, settings.fall_back) == (12.5, True)
    assert settings.memory_mb == 10240
    assert settings.capture_percent == 2.5
    assert settings.capture_redact == ("age", "name, first")
    assert settings.capture_max_bytes == 4096


@pytest.mark.parametrize(
    ("variable", "value", "allowed"),
    [
        ("MODEL_DIR", "ml", "absolute path"),
        ("REFRESH_SECONDS", "soon", "number of seconds"),
        ("REFRESH_SECONDS", "nan", "number of seconds"),
        ("REFRESH_SECONDS", "-1", "number of seconds"),
        ("FALL_BACK", "yes", "on or off"),
        ("LOG_LEVEL", "LOUD", "one of DEBUG"),
        ("CAPTURE_PERCENT", "101", "number from 0 to 100"),
        ("CAPTURE_PERCENT", "nan", "number from 0 to 100"),
        ("CAPTURE_PERCENT", "some", "number from 0 to 100"),
        ("CAPTURE_REDACT", "age", "JSON list of names"),
        ("CAPTURE_REDACT", "[1]", "JSON list of names"),
        ("CAPTURE_MAX_BYTES", "0", "whole number"),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "0", "whole number"),
    ],
)
def test_a_bad_value_is_told_with_variable_value_and_what_is_allowed(
    variable: str, value: str, allowed: str
) -> None:
    with pytest.raises(SettingsError) as error:
        InferenceSettings.from_env({**SERVING, variable: value})
    for part in (variable, repr(value), allowed):
        assert part in str(error.value)


@pytest.mark.parametrize("variable", SERVING)
def test_a_missing_variable_is_named(variable: str) -> None:
    rest = {name: value for name, value in SERVING.items() if name != variable}
    with pytest.raises(SettingsError, match=variable):
        InferenceSettings.from_env(rest)


def test_a_dedicated_function_has_a_model() -> None:
    environ = {**SERVING, "MODEL": "fraud"}
    assert DedicatedSettings.from_env(environ).model == "fraud"
    assert DedicatedSettings.variables() == InferenceSettings.variables() | {"MODEL"}
    for name in ("", "a/b"):
        with pytest.raises(SettingsError, match="a model's name"):
            DedicatedSettings.from_env({**environ, "MODEL": name})


def test_trusted_formats_may_be_none_at_all() -> None:
    environ = {
        "CANDIDATES_DIR": "/mnt/ml",
        "TRUSTED_FORMATS": "",
        "COMPILE_SECONDS": "0",
        "OWN_CODE": "off",
        "LOG_LEVEL": "INFO",
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
    }
    assert PrepareSettings.from_env(environ).trusted_formats == ()
    with pytest.raises(SettingsError, match="joblib,onnx"):
        PrepareSettings.from_env({**environ, "TRUSTED_FORMATS": "joblib,onnx"})


def test_the_variables_that_a_deployment_sets() -> None:
    assert StageSettings.variables() == {
        "REPOSITORY_DIR",
        "MAX_MODEL_BYTES",
        "LOG_LEVEL",
        "IMAGE",
        "KEY_LAYOUTS",
    }
    assert PublishSettings.variables() == {
        "REPOSITORY_DIR",
        "RETAIN_VERSIONS",
        "REFUSED_PAGE",
        "LOG_LEVEL",
        "KEY_LAYOUTS",
    }
    assert PrepareSettings.variables() == {
        "CANDIDATES_DIR",
        "TRUSTED_FORMATS",
        "COMPILE_SECONDS",
        "OWN_CODE",
        "LOG_LEVEL",
    }
    assert InferenceSettings.variables() == set(SERVING) - {"AWS_LAMBDA_FUNCTION_MEMORY_SIZE"}
