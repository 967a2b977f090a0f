"""Schemathesis holds an API against the committed document, one operation at a time."""

import json
from typing import Any

import hypothesis
import schemathesis
from hypothesis import HealthCheck
from schemathesis import GenerationMode

from serving.api import openapi

# All checks are on. A body that fits the schema is taken, or refused as not this model's (422): no
# schema says that a row has as many values as there are columns, or what a model was fitted on. Nor
# can it say of a V2 tensor that the data fill the shape and are of the datatype, for which that
# protocol's servers answer 400.
TAKEN = ["2xx", "404", "422", "503"]
CONFIG = schemathesis.Config.from_dict(
    {
        "checks": {"positive_data_acceptance": {"expected-statuses": TAKEN}},
        "operations": [
            {
                "include-path-regex": "/infer$",
                "checks": {"positive_data_acceptance": {"expected-statuses": [*TAKEN, "400"]}},
            }
        ],
    }
)
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

    By hand, since schemathesis's own plugin doesn't run under this pytest.
    """

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
        case.call_and_validate(base_url=url)

    conforms()
