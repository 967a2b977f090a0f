"""The environment of the proxy."""

import json
from dataclasses import dataclass

from serving.settings.environment import FromEnvironment, log_level, names, setting


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An endpoint that may be invoked.

    Attributes:
        name: the name that callers use.
        endpoint: the name on SageMaker.
        variants: the variants that answer, without shadow variants.
        multi_model: whether a request must name one of many models.
    """

    name: str
    endpoint: str
    variants: tuple[str, ...]
    asynchronous: bool
    multi_model: bool


def endpoints(text: str) -> tuple[Endpoint, ...]:
    """Read endpoints in JSON; raises `ValueError` with the allowed form."""
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
    """Read a stage's name; raises `ValueError` with the allowed form."""
    if not text:
        raise ValueError("a stage's name")
    return text


@dataclass(frozen=True, slots=True)
class ProxySettings(FromEnvironment):
    """Environment of `sagemaker_proxy.handler.handler`.

    Attributes:
        bucket_name: the bucket of asynchronous requests and their answers.
        stage_name: the API's stage, which every log line names.
    """

    endpoints: tuple[Endpoint, ...] = setting(endpoints)
    bucket_name: str = setting(stage)
    allowed_origins: tuple[str, ...] = setting(names)
    stage_name: str = setting(stage)
    log_level: str = setting(log_level)
