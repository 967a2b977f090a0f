"""The environment of the proxy."""

import json
from dataclasses import dataclass

from serving.settings.environment import FromEnvironment, log_level, names, setting


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An endpoint that may be asked.

    Attributes:
        name: as callers know it.
        endpoint: its name on SageMaker.
        variants: that answer; a shadow doesn't.
        multi_model: whether a request says which model of many is meant.
    """

    name: str
    endpoint: str
    variants: tuple[str, ...]
    asynchronous: bool
    multi_model: bool


def endpoints(text: str) -> tuple[Endpoint, ...]:
    """Read endpoints in JSON; raises `ValueError` with what is allowed."""
    try:
        return tuple(
            Endpoint(**{**entry, "variants": tuple(entry["variants"])})
            for entry in json.loads(text)
        )
    except (ValueError, TypeError, KeyError):
        raise ValueError(
            'a JSON list of {"name", "endpoint", "variants", "asynchronous", "multi_model"}'
        ) from None


def stage(text: str) -> str:
    """Read a stage's name; raises `ValueError` with what is allowed."""
    if not text:
        raise ValueError("a stage's name")
    return text


@dataclass(frozen=True, slots=True)
class ProxySettings(FromEnvironment):
    """Environment of `sagemaker_proxy.handler.handler`.

    Attributes:
        bucket_name: where asynchronous requests and their answers lie.
        stage_name: of the API, which a log line is told apart by.
    """

    endpoints: tuple[Endpoint, ...] = setting(endpoints)
    bucket_name: str = setting(stage)
    allowed_origins: tuple[str, ...] = setting(names)
    stage_name: str = setting(stage)
    log_level: str = setting(log_level)
