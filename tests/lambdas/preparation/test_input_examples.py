"""MLflow's input examples, in the forms that MLflow writes: probes where they fit, never faults."""

import json
from pathlib import Path
from typing import Any

import pytest

from preparation import input_examples

SPLIT = {"columns": ["a", "b"], "data": [[1, 2], [3, 4]]}
RECORDS = [{"a": 1, "b": 2}, {"a": 3, "b": 4}]
FORMS: list[tuple[Any, list[Any]]] = [
    (SPLIT, RECORDS),
    ({"dataframe_split": {**SPLIT, "index": [0, 1]}}, RECORDS),
    ({"dataframe_records": RECORDS}, RECORDS),
    ({"inputs": [[1, 2]]}, [[1, 2]]),
    ({"instances": RECORDS}, RECORDS),
    ({"data": [[1, 2]]}, [[1, 2]]),
    ([[1, 2], [3, 4]], [[1, 2], [3, 4]]),
    ({"a": 1, "b": 2}, [{"a": 1, "b": 2}]),
    (["a text"], ["a text"]),
]


def take_all(rows: list[Any]) -> None:
    """Stand for a model that answers whatever it is asked."""


@pytest.mark.parametrize("name", input_examples.NAMES)
@pytest.mark.parametrize(("content", "rows"), FORMS)
def test_each_form_of_mlflow_gives_its_rows(
    tmp_path: Path, name: str, content: Any, rows: list[Any]
) -> None:
    (tmp_path / name).write_text(json.dumps(content), "utf-8")
    assert input_examples.fitting(tmp_path, take_all) == rows


def test_a_model_that_takes_no_names_gets_lists(tmp_path: Path) -> None:
    (tmp_path / "input_example.json").write_text(json.dumps(SPLIT), "utf-8")
    assert input_examples.fitting(tmp_path, lambda rows: rows[0][0]) == [[1, 2], [3, 4]]


@pytest.mark.parametrize(
    "text",
    ["", "{", "null", "7", '"a"', "{}", "[]", '{"data": 1}', '{"inputs": {"a": [1]}}', "[" * 99999],
)
def test_what_does_not_fit_is_left_out_in_silence(tmp_path: Path, text: str) -> None:
    def refuse(rows: list[Any]) -> None:
        raise ValueError(rows)

    (tmp_path / "input_example.json").write_text(text, "utf-8")
    assert input_examples.fitting(tmp_path, refuse) == []


def test_there_may_be_none_and_a_large_one_is_not_read(tmp_path: Path) -> None:
    assert input_examples.fitting(tmp_path, take_all) == []
    (tmp_path / "input_example.json").write_text(json.dumps([[1]] * 400_000), "utf-8")
    assert input_examples.fitting(tmp_path, take_all) == []
    (tmp_path / "input_example.json").write_text(json.dumps([[1]] * 400), "utf-8")
    assert len(input_examples.fitting(tmp_path, take_all)) == input_examples.MOST_ROWS
