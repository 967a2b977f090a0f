"""How much memory is recommended for which models."""

from typing import Any

import pytest

from modelmount.cost import command
from modelmount.cost.recommendation import MIB, ServedModel, recommend


def model(name: str = "iris", **changed: Any) -> ServedModel:
    entry = {
        "model": name,
        "version": "1",
        "format": "joblib",
        "memory_bytes": 10 * MIB,
        "compiled": "all",
        "compiled_bytes": 1 * MIB,
        "one_row_us": 20.0,
    }
    return ServedModel.from_json(entry | changed)


def test_a_processor_is_the_least() -> None:
    assert recommend([]).memory_mb == 1769
    assert recommend([model()]).memory_mb == 1769


def test_the_sizes_are_those_of_the_capacity_page() -> None:
    assert model().size == 1 * MIB
    assert model(compiled="some").size == 11 * MIB
    assert model(compiled="none", compiled_bytes=0).size == 10 * MIB


def test_all_models_fit_and_a_new_version_of_the_largest() -> None:
    models = [model(str(n), memory_bytes=MIB, compiled_bytes=100 * MIB) for n in range(30)]
    found = recommend(models)
    assert found.memory_mb == 512 + 31 * 100
    assert "hold all 30 models (3,000 MB)" in found.reasons[0]
    assert "A new account refuses more than 3,008 MB." in found.reasons


def test_the_preparer_has_to_load_what_inference_does_not() -> None:
    found = recommend([model("forest", memory_bytes=1000 * MIB, compiled_bytes=100 * MIB)])
    assert found.memory_mb == 512 + 2000
    assert "prepare another version of 'forest'" in found.reasons[0]


def test_no_function_has_more_than_lambda_gives() -> None:
    found = recommend([model(str(n), compiled_bytes=1000 * MIB) for n in range(20)])
    assert found.memory_mb == 10_240
    assert any("give way" in reason for reason in found.reasons)


@pytest.mark.parametrize(
    ("models", "given", "told"),
    [
        ([model(one_row_us=20.0), model(one_row_us=40.0)], None, "of 0.03 ms (one row, measured"),
        ([model(one_row_us=None)], None, "of 10 ms (a guess"),
        ([model()], 4.5, "of 4.5 ms (as given)"),
    ],
)
def test_the_command_says_where_its_milliseconds_are_from(
    models: list[ServedModel], given: float | None, told: str
) -> None:
    assert told in "\n".join(command.lines(models, None, given))


def test_the_command_compares_sizes() -> None:
    lines = list(command.lines([model()], 4096, 30.0))
    (header,) = (line for line in lines if line.startswith("  memory_mb"))
    assert header.split() == ["memory_mb", "1769", "4096", "10240"]
    (together,) = (line for line in lines if line.startswith("  together"))
    (duration,) = (line for line in lines if line.startswith("  Lambda duration"))
    assert [float(x) for x in duration.split()[2:]] == [0.89, 2.07, 5.17]
    assert float(together.split()[3]) > float(together.split()[1])
