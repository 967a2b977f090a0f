"""The environment of the inference functions, validated."""

from dataclasses import dataclass
from pathlib import Path

from serving.settings.environment import (
    FromEnvironment,
    directory,
    fields,
    log_level,
    model,
    models,
    names,
    percent,
    positive,
    seconds,
    setting,
    switch,
)


@dataclass(frozen=True, slots=True)
class InferenceSettings(FromEnvironment):
    """Environment of `inference.handler.handler`.

    Attributes:
        refresh_seconds: how long a known `current` is trusted before it is read again.
        memory_mb: the function's memory; the cache gets a part of it.
        preload: models to load before the first request.
        predict_seconds: most time for the answer of a model that isn't compiled.
        fall_back: whether the version before answers while the current one is put aside.
        capture_percent: share of the requests that are written to the log with their answers.
        capture_redact: names of the columns whose values are kept out of the log.
        capture_max_bytes: the size of what is written for one request.
    """

    model_dir: Path = setting(directory)
    allowed_origins: tuple[str, ...] = setting(names)
    preload: tuple[str, ...] = setting(models)
    refresh_seconds: float = setting(seconds)
    log_level: str = setting(log_level)
    memory_mb: int = setting(positive, given_by_lambda="AWS_LAMBDA_FUNCTION_MEMORY_SIZE")
    predict_seconds: float = setting(seconds, default=20.0)
    fall_back: bool = setting(switch, default=False)
    capture_percent: float = setting(percent, default=0.0)
    capture_redact: tuple[str, ...] = setting(fields, default=())
    capture_max_bytes: int = setting(positive, default=65536)


@dataclass(frozen=True, slots=True, kw_only=True)
class DedicatedSettings(InferenceSettings):
    """Environment of `inference.dedicated.handler`.

    Attributes:
        model: the only one that it answers for.
    """

    model: str = setting(model)
