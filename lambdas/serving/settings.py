"""The environment of what serves."""

from dataclasses import dataclass
from pathlib import Path

from serving.environment import (
    FromEnvironment,
    directory,
    log_level,
    models,
    names,
    positive,
    seconds,
    setting,
)


@dataclass(frozen=True, slots=True)
class ServingSettings(FromEnvironment):
    """Environment of `inference.handler.handler`.

    Attributes:
        refresh_seconds: how long a known `current` is trusted before it is read again.
        memory_mb: the function's memory, of which the cache gets a part.
        preload: models to load before the first request.
    """

    model_dir: Path = setting(directory)
    allowed_origins: tuple[str, ...] = setting(names)
    preload: tuple[str, ...] = setting(models)
    refresh_seconds: float = setting(seconds)
    log_level: str = setting(log_level)
    memory_mb: int = setting(positive, given_by_lambda="AWS_LAMBDA_FUNCTION_MEMORY_SIZE")
