"""The environment of the preparer."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from serving.formats.pieces import CODE_BEARING_FORMATS
from serving.settings.environment import (
    FromEnvironment,
    directory,
    log_level,
    names,
    positive,
    setting,
    switch,
    whole,
)


def formats(text: str) -> tuple[str, ...]:
    """Read the accepted ones of the formats that can execute code."""
    if not set(names(text)) <= set(CODE_BEARING_FORMATS):
        raise ValueError(f"any of {', '.join(CODE_BEARING_FORMATS)}, separated by commas")
    return names(text)


@dataclass(frozen=True, slots=True)
class PrepareSettings(FromEnvironment):
    """Environment of `preparer.handler.handler`.

    Attributes:
        compile_seconds: the most time for compiling a model; 0 for none.
        own_code: whether code of uploaders is run.
    """

    candidates_dir: Path = setting(directory)
    trusted_formats: tuple[Literal["joblib", "pickle"], ...] = setting(formats)
    compile_seconds: int = setting(whole)
    own_code: bool = setting(switch)
    log_level: str = setting(log_level)
    memory_mb: int = setting(positive, given_by_lambda="AWS_LAMBDA_FUNCTION_MEMORY_SIZE")
