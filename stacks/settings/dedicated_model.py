"""The setting `dedicated`: which models have a function of their own, and how large it is.

{"fraud": {"memory_mb": 2048, "provisioned_concurrency": 2}}
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from stacks.settings.rules import PartError, Rule, text, whole_number

# CloudFormation takes 500 resources a stack. A model brings 37, and the rest is about 85.
MOST = 10
# The name is part of a resource's path in API Gateway, which takes no more than these.
NAME = text("[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}", "a model's name of letters, digits, ., _ and -")
# Less memory holds no scikit-learn; an account keeps 100 of its 1,000 concurrent requests free.
FIELDS = {"memory_mb": whole_number(512, 10240), "provisioned_concurrency": whole_number(0, 900)}


@dataclass(frozen=True, slots=True)
class DedicatedModel:
    """A model with a function of its own.

    Attributes:
        memory_mb: of that function; None for what the setting `memory_mb` says.
        provisioned_concurrency: instances that are kept started; 0 for none.
    """

    model: str
    memory_mb: int | None = None
    provisioned_concurrency: int = 0


def _parse(value: object) -> tuple[DedicatedModel, ...]:
    models = _decoded(value)
    if not isinstance(models, dict) or len(models) > MOST:
        raise ValueError(RULE.allowed)
    return tuple(_model(name, options) for name, options in models.items())


def _decoded(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value) if value.strip() else {}
    except ValueError:
        raise ValueError(RULE.allowed) from None


def _model(name: object, options: object) -> DedicatedModel:
    _part(" has a key that", NAME, name)
    if not isinstance(options, Mapping):
        raise PartError(f".{name}", options, 'an object such as {"memory_mb": 2048}, or {}')
    for key in options:
        if key not in FIELDS:
            raise PartError(f".{name} has a key that", key, ", ".join(FIELDS))
    given = {key: _part(f".{name}.{key}", FIELDS[key], v) for key, v in options.items()}
    return DedicatedModel(str(name), **given)


def _part(where: str, rule: Rule, value: object) -> Any:  # noqa: ANN401 (as the rule's own)
    try:
        return rule.parse(value)
    except ValueError:
        raise PartError(where, value, rule.allowed) from None


RULE = Rule(
    f"JSON with up to {MOST} models by name (letters, digits, ., _ and -), each with "
    f"`memory_mb` ({FIELDS['memory_mb'].allowed}; without it, as the setting) and "
    f"`provisioned_concurrency` ({FIELDS['provisioned_concurrency'].allowed}; without it, 0)",
    _parse,
)
