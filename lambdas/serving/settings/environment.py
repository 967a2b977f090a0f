"""A function's environment, validated once into a frozen dataclass.

A field `model_dir` is read from `MODEL_DIR`. The Lambda service sets the variables that are
marked `given_by_lambda`; the template sets exactly the others.
"""

import dataclasses
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import field
from pathlib import Path
from typing import Any, Self

from serving.errors import SettingsError

LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


def directory(text: str) -> Path:
    """Read an absolute path; raises `ValueError` with what is allowed."""
    if not text.startswith("/"):
        raise ValueError("an absolute path")
    return Path(text)


def whole(text: str) -> int:
    """Read a whole number from 0; raises `ValueError` with what is allowed."""
    if not text.isdecimal():
        raise ValueError("a whole number from 0")
    return int(text)


def positive(text: str) -> int:
    """Read a whole number from 1; raises `ValueError` with what is allowed."""
    if not text.isdecimal() or int(text) < 1:
        raise ValueError("a whole number from 1")
    return int(text)


def seconds(text: str) -> float:
    """Read a number of seconds from 0; raises `ValueError` with what is allowed."""
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds < float("inf"):
        raise ValueError("a number of seconds from 0")
    return seconds


def percent(text: str) -> float:
    """Read a number from 0 to 100; raises `ValueError` with what is allowed."""
    try:
        percent = float(text)
    except ValueError:
        percent = -1.0
    if not 0 <= percent <= 100:
        raise ValueError("a number from 0 to 100")
    return percent


def switch(text: str) -> bool:
    """Read `on` or `off`; raises `ValueError` with what is allowed."""
    if text not in ("on", "off"):
        raise ValueError("on or off")
    return text == "on"


def fields(text: str) -> tuple[str, ...]:
    """Read names in JSON, since a column's may hold anything; raises `ValueError` likewise."""
    try:
        names = json.loads(text)
    except ValueError:
        names = None
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise ValueError("a JSON list of names")
    return tuple(names)


def log_level(text: str) -> str:
    """Read a level of Python's logging; raises `ValueError` with what is allowed."""
    if text not in LOG_LEVELS:
        raise ValueError(f"one of {', '.join(LOG_LEVELS)}")
    return text


def names(text: str) -> tuple[str, ...]:
    """Read names between commas."""
    return tuple(name.strip() for name in text.split(",") if name.strip())


def model(text: str) -> str:
    """Read a model's name; raises `ValueError` with what is allowed."""
    if not text or "/" in text:
        raise ValueError("a model's name")
    return text


def models(text: str) -> tuple[str, ...]:
    """Read names between slashes, which no name has."""
    return tuple(name for name in text.split("/") if name)


def setting(
    parse: Callable[[str], Any],
    *,
    given_by_lambda: str | None = None,
    default: object = dataclasses.MISSING,
) -> Any:
    """Declare a field.

    Args:
        parse: reads the variable's text.
        given_by_lambda: the variable, where the Lambda service sets it.
        default: for settings that are built in code; the environment must have every variable.
    """
    metadata = {"parse": parse, "given_by_lambda": given_by_lambda}
    if default is dataclasses.MISSING:
        return field(metadata=metadata)
    return field(metadata=metadata, default=default)


class FromEnvironment:
    """Base of each function's settings; every field is declared by `setting`."""

    __slots__ = ()

    @classmethod
    def from_env(cls, environ: Mapping[str, str] = os.environ) -> Self:
        """Read and check every field.

        Raises:
            SettingsError: with the variable, its value and what is allowed.
        """
        return cls(**{f.name: _read(f, environ) for f in dataclasses.fields(cls)})  # type: ignore[arg-type]  # subclasses are dataclasses

    @classmethod
    def variables(cls) -> frozenset[str]:
        """Return the environment variables that the deployment has to set."""
        fields = dataclasses.fields(cls)  # type: ignore[arg-type]  # likewise
        return frozenset(f.name.upper() for f in fields if not f.metadata["given_by_lambda"])


def _read(setting: dataclasses.Field[Any], environ: Mapping[str, str]) -> object:
    variable = setting.metadata["given_by_lambda"] or setting.name.upper()
    if variable not in environ:
        raise SettingsError(f"The environment variable {variable} is not set.")
    try:
        return setting.metadata["parse"](environ[variable])
    except ValueError as error:
        raise SettingsError(f"{variable} is {environ[variable]!r}; allowed is {error}.") from error
