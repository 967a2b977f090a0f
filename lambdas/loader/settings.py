"""The environments of the loader's functions."""

from dataclasses import dataclass
from pathlib import Path

from serving.settings.environment import FromEnvironment, directory, log_level, positive, setting


@dataclass(frozen=True, slots=True)
class StageSettings(FromEnvironment):
    """Environment of `loader.handler.stage`."""

    repository_dir: Path = setting(directory)
    max_model_bytes: int = setting(positive)
    log_level: str = setting(log_level)


@dataclass(frozen=True, slots=True)
class ReconcileSettings(StageSettings):
    """Environment of `loader.handler.reconcile`."""

    bucket_name: str = setting(str)


@dataclass(frozen=True, slots=True)
class PublishSettings(FromEnvironment):
    """Environment of `loader.handler.publish`."""

    repository_dir: Path = setting(directory)
    retain_versions: int = setting(positive)
    log_level: str = setting(log_level)
