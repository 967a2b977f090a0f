"""The setting `dedicated`: models with a function of their own, and the size of that function.

{"fraud": {"memory_mb": 2048, "provisioned_concurrency": 2}}
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from stacks.settings.errors import PartError
from stacks.settings.object_parsers import by_name, decode_json, leaf, record
from stacks.settings.rules import Rule, text, whole_number

# CloudFormation takes 500 resources a stack. A model brings 37, and the rest is about 85.
MAX_MODELS = 10
# API Gateway takes no other characters in the path of a resource, which the name is part of.
NAME = text("[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}", "a model's name of letters, digits, ., _ and -")
MEMORY_MB = whole_number(512, 10240)  # scikit-learn does not fit into less
# An account keeps 100 of its 1,000 concurrent requests unreserved.
PROVISIONED_CONCURRENCY = whole_number(0, 900)
ALLOWED = (
    f"JSON with up to {MAX_MODELS} models by name (letters, digits, ., _ and -), each with "
    f"`memory_mb` ({MEMORY_MB.allowed}; without it, as the setting) and "
    f"`provisioned_concurrency` ({PROVISIONED_CONCURRENCY.allowed}; without it, 0)"
)


@dataclass(frozen=True, slots=True)
class DedicatedModel:
    """A model with a function of its own.

    Attributes:
        memory_mb: the memory of that function; None for the setting `memory_mb`.
        provisioned_concurrency: the number of instances that are kept started; 0 for none.
    """

    model: str
    memory_mb: int | None = None
    provisioned_concurrency: int = 0


_FIELDS = record(
    dict,
    {"memory_mb": leaf(MEMORY_MB), "provisioned_concurrency": leaf(PROVISIONED_CONCURRENCY)},
)


def _options(where: str, value: object) -> Any:
    if not isinstance(value, Mapping):
        raise PartError(where, value, 'an object such as {"memory_mb": 2048}, or {}')
    return _FIELDS(where, value)


_MODELS = by_name(NAME, _options, at_most=MAX_MODELS)


def _parse(value: object) -> tuple[DedicatedModel, ...]:
    models = decode_json(value, ALLOWED)
    if models == {}:
        return ()
    if not isinstance(models, dict) or len(models) > MAX_MODELS:
        raise ValueError(ALLOWED)
    return tuple(DedicatedModel(model, **options) for model, options in _MODELS("", models))


DEDICATED_MODELS = Rule(ALLOWED, _parse)
