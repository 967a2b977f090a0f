"""Text generation behind the API: the tokens are those of transformers in this process."""

from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from local.endpoints import Endpoints
from tests.e2e.sagemaker.requesting import ask, finished, submit

SAMPLED = {"do_sample": True, "temperature": 0.8, "top_k": 40, "top_p": 0.95, "seed": 7}
CASES: list[dict[str, Any]] = [
    {"max_new_tokens": 20},
    {"max_new_tokens": 20, "num_return_sequences": 2, **SAMPLED},
]
TEXT = "Once upon a time"


@pytest.fixture(scope="module")
def expected(packed: dict[str, Path], tiny_gpt: ModuleType) -> list[list[list[int]]]:
    model = packed["gpt.tar.gz"].with_name("gpt")
    return [tiny_gpt.by_transformers(model, TEXT, **case) for case in CASES]


def body(case: dict[str, Any]) -> dict[str, Any]:
    return {"text": TEXT, "parameters": {**case, "return_tokens": True}}


def test_a_variant_generates_the_tokens_of_transformers(
    system: Endpoints, expected: list[list[list[int]]]
) -> None:
    answers = [ask(system, "gpt", json=body(case)).json() for case in CASES]
    assert [answer["tokens"] for answer in answers] == expected
    assert [answer["invoked_variant"] for answer in answers] == ["gpt", "gpt"]
    assert [len(answer["predictions"]) for answer in answers] == [1, 2]


def test_an_asynchronous_endpoint_generates_them_too(
    system: Endpoints, expected: list[list[list[int]]]
) -> None:
    asked = [submit(system, "novels", json=body(case)) for case in CASES]
    answers = [finished(system, each) for each in asked]
    assert [answer.json()["tokens"] for answer in answers] == expected
