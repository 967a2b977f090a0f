"""Schemathesis holds an API against the committed document, one operation at a time."""

import json
from typing import Any

import hypothesis
from hypothesis import HealthCheck
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance

from serving import openapi

# What is wrong on purpose is wrong in the body: any text is a name.
OPERATIONS = [
    (path, method, mode)
    for path, item in json.loads(openapi.FILE.read_text("utf-8"))["paths"].items()
    for method in ("get", "post")
    if method in item
    for mode in GenerationMode
    if mode.is_positive or "requestBody" in item[method]
]


def check(
    operation: Any, mode: GenerationMode, *, model: str, examples: int, url: str | None = None
) -> None:
    """Ask an operation so many times; half of the time about a model that there is.

    By hand, since schemathesis's own plugin doesn't run under this pytest. One check is off where a
    model is asked: that any body that fits the schema is taken. No schema says that a row has as
    many values as there are columns, or what the model was fitted on.
    """
    is_asking = operation.path.endswith(("/inference", ":predict", "/infer"))

    @hypothesis.settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @hypothesis.given(
        case=operation.as_strategy(generation_mode=mode),
        is_known=hypothesis.strategies.booleans(),
    )
    def conforms(case: Any, is_known: bool) -> None:
        if is_known and "model" in case.path_parameters:
            case.path_parameters["model"] = model
        case.call_and_validate(
            base_url=url, excluded_checks=[positive_data_acceptance] if is_asking else []
        )

    conforms()
