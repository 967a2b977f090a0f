"""Each function's environment, validated once into a frozen dataclass.

A field `model_dir` is read from `MODEL_DIR`. Those marked `given_by_lambda` are set by the Lambda
service; all others are what the template has to set, neither more nor less.
"""

import dataclasses
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Self

from serving.errors import SettingsError

LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
CODE_BEARING_FORMATS = ("joblib", "pickle")


def _directory(text: str) -> Path:
    if not text.startswith("/"):
        raise ValueError("an absolute path")
    return Path(text)


def _whole(text: str) -> int:
    if not text.isdecimal():
        raise ValueError("a whole number from 0")
    return int(text)


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise ValueError("a whole number from 1")
    return int(text)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds < float("inf"):
        raise ValueError("a number of seconds from 0")
    return seconds


def _topic_arn(text: str) -> str:
    if not text.startswith("arn:"):
        raise ValueError("the ARN of an SNS topic")
    return text


def _log_level(text: str) -> str:
    if text not in LOG_LEVELS:
        raise ValueError(f"one of {', '.join(LOG_LEVELS)}")
    return text


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


def _models(text: str) -> tuple[str, ...]:
    return tuple(name for name in text.split("/") if name)


def _formats(text: str) -> tuple[str, ...]:
    if not set(_names(text)) <= set(CODE_BEARING_FORMATS):
        raise ValueError(f"any of {', '.join(CODE_BEARING_FORMATS)}, separated by commas")
    return _names(text)


def _setting(parse: Callable[[str], Any], *, given_by_lambda: str | None = None) -> Any:  # noqa: ANN401 (as dataclasses.field)
    return field(metadata={"parse": parse, "given_by_lambda": given_by_lambda})


@dataclass(frozen=True, slots=True)
class _FromEnvironment:
    @classmethod
    def from_env(cls, environ: Mapping[str, str] = os.environ) -> Self:
        """Read and check every field.

        Raises:
            SettingsError: with the variable, its value and what is allowed.
        """
        return cls(**{f.name: _read(f, environ) for f in dataclasses.fields(cls)})

    @classmethod
    def variables(cls) -> frozenset[str]:
        """Return the environment variables that the deployment has to set."""
        fields = dataclasses.fields(cls)
        return frozenset(f.name.upper() for f in fields if not f.metadata["given_by_lambda"])


def _read(setting: dataclasses.Field[Any], environ: Mapping[str, str]) -> object:
    variable = setting.metadata["given_by_lambda"] or setting.name.upper()
    if variable not in environ:
        raise SettingsError(f"The environment variable {variable} is not set.")
    try:
        return setting.metadata["parse"](environ[variable])
    except ValueError as error:
        raise SettingsError(f"{variable} is {environ[variable]!r}; allowed is {error}.") from error


@dataclass(frozen=True, slots=True)
class StageSettings(_FromEnvironment):
    """Environment of `loader.handler.stage`."""

    repository_dir: Path = _setting(_directory)
    max_model_bytes: int = _setting(_positive)
    log_level: str = _setting(_log_level)


@dataclass(frozen=True, slots=True)
class ReconcileSettings(StageSettings):
    """Environment of `loader.handler.reconcile`."""

    bucket_name: str = _setting(str)


@dataclass(frozen=True, slots=True)
class PrepareSettings(_FromEnvironment):
    """Environment of `preparer.handler.handler`.

    Attributes:
        compile_seconds: most time for compiling a model; 0 for none.
    """

    candidates_dir: Path = _setting(_directory)
    trusted_formats: tuple[Literal["joblib", "pickle"], ...] = _setting(_formats)
    compile_seconds: int = _setting(_whole)
    log_level: str = _setting(_log_level)
    memory_mb: int = _setting(_positive, given_by_lambda="AWS_LAMBDA_FUNCTION_MEMORY_SIZE")


@dataclass(frozen=True, slots=True)
class PublishSettings(_FromEnvironment):
    """Environment of `loader.handler.publish`."""

    repository_dir: Path = _setting(_directory)
    retain_versions: int = _setting(_positive)
    log_level: str = _setting(_log_level)


@dataclass(frozen=True, slots=True)
class NotifySettings(_FromEnvironment):
    """Environment of `notifier.handler.handler`."""

    topic_arn: str = _setting(_topic_arn)
    log_level: str = _setting(_log_level)


@dataclass(frozen=True, slots=True)
class ServingSettings(_FromEnvironment):
    """Environment of `inference.handler.handler`.

    Attributes:
        refresh_seconds: how long a known `current` is trusted before it is read again.
        memory_mb: the function's memory, of which the cache gets a part.
        preload: models to load before the first request.
    """

    model_dir: Path = _setting(_directory)
    allowed_origins: tuple[str, ...] = _setting(_names)
    preload: tuple[str, ...] = _setting(_models)
    refresh_seconds: float = _setting(_seconds)
    log_level: str = _setting(_log_level)
    memory_mb: int = _setting(_positive, given_by_lambda="AWS_LAMBDA_FUNCTION_MEMORY_SIZE")
