"""The forms of instances, with the places of what is wrong in each of them."""

import json
from typing import Any

import msgspec
import pandas as pd
import pytest

from serving.api.application import Application, Request
from serving.api.contract import ModelInstances, decode
from serving.errors import SignatureMismatch

ROWS = [[20.0, 1.0], [40.0, 2.0]]
PATHS = ("/inference", "/v1/models/frame:predict", "/endpoints/frame/invocations")
FRAME = pd.DataFrame(ROWS, columns=["age", "income"])


def post(application: Application, path: str, body: Any) -> tuple[int, Any]:
    response = application.respond(Request("POST", path, {}, json.dumps(body).encode()))
    return response.status, json.loads(response.body)


def ask(application: Application, body: Any, model: str = "frame") -> tuple[int, Any]:
    return post(application, "/inference", {"model": model, **body})


FORMS: dict[str, Any] = {
    "instances": {"instances": FRAME.to_dict(orient="records")},
    "columns and data": {"columns": ["income", "age"], "data": [[1.0, 20.0], [2.0, 40.0]]},
    "pandas' split": FRAME.to_dict(orient="split"),
    "inputs by column": {"inputs": FRAME.to_dict(orient="list")},
    "inputs by row": {"inputs": ROWS},
    "dataframe_split": {"dataframe_split": FRAME[["income", "age"]].to_dict(orient="split")},
    "dataframe_split without names": {"dataframe_split": {"data": ROWS}},
    "dataframe_records": {"dataframe_records": FRAME.to_dict(orient="records")},
    "nulls for what is left out": {
        "instances": ROWS,
        "version": None,
        "columns": None,
        "data": None,
        "inputs": None,
        "dataframe_split": None,
        "parameters": None,
        "params": None,
    },
}


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("form", FORMS)
def test_every_form_gets_the_same_answer(application: Application, path: str, form: str) -> None:
    body = dict(FORMS[form])
    if path == "/inference":
        body["model"] = "frame"
    elif path.startswith("/endpoints"):
        body.pop("version", None)
    status, answer = post(application, path, body)
    predictions = answer.get("predictions") or answer.get("outputs")
    assert (status, predictions) == (200, pytest.approx([1.0, 2.0]))


@pytest.mark.parametrize(
    "body",
    [
        {"dataframe_split": {"columns": [0, 1], "data": [[1, 1], [0, 0]], "index": [0, 1]}},
        {"dataframe_split": {"columns": ["b", "a"], "data": [[1, 1], [0, 0]]}},
        {"dataframe_records": [{"b": 1, "a": 1}, {"b": 0, "a": 0}]},
    ],
)
def test_a_model_without_names_takes_a_data_frame_in_its_order(
    application: Application, body: Any
) -> None:
    status, answer = ask(application, body, "classifier")
    assert (status, answer["predictions"]) == (200, [11, 10])


@pytest.mark.parametrize(
    ("body", "field", "text"),
    [
        ({"columns": ["age", "age"], "data": ROWS}, "$.columns[1]", "'age' is there twice"),
        ({"columns": ["age", "income"], "data": [[1]]}, "$.data[0]", "1 values for 2"),
        ({"columns": ["age", "x"], "data": ROWS}, "$.columns", "takes the columns age, income"),
        ({"columns": ["age", "income"], "data": ROWS, "index": [1]}, "$.index", "1 items for 2"),
        ({"inputs": {"age": 20, "income": [1]}}, "$.inputs.age", "isn't a list"),
        ({"inputs": {"age": [20], "income": []}}, "$.inputs", "as many values"),
        ({"inputs": {"age": [20], "größe 1": [1]}}, "$.inputs", "takes the columns age, income"),
        (
            {"dataframe_split": {"columns": ["age", "income", "age"], "data": [[1, 2, 3]]}},
            "$.dataframe_split.columns[2]",
            "twice",
        ),
        (
            {"dataframe_split": {"columns": ["age", "income"], "data": [*ROWS, [1]]}},
            "$.dataframe_split.data[2]",
            "1 values for 2 columns",
        ),
        (
            {"dataframe_split": {"columns": ["age", "x"], "data": ROWS}},
            "$.dataframe_split.columns",
            "takes the columns age, income",
        ),
        (
            {"dataframe_split": {"columns": ["age", "income"], "data": ROWS, "index": []}},
            "$.dataframe_split.index",
            "0 items for 2 rows",
        ),
        ({"dataframe_split": {"data": []}}, "$.dataframe_split.data", "at least one"),
        ({"dataframe_split": {"columns": ["age"]}}, "$.dataframe_split", "'data'"),
        ({"dataframe_split": {"data": [[1, 2, 3]]}}, "$.dataframe_split.data[0]", "3 values"),
        ({"dataframe_records": []}, "$.dataframe_records", "at least one"),
        (
            {"dataframe_records": [{"age": 1}]},
            "$.dataframe_records[0]",
            "takes the columns age, income",
        ),
        (
            {"dataframe_records": [{"age": 1, "income": 2}, {"age": 1}]},
            "$.dataframe_records[1]",
            "dataframe_records[1] lacks 'income'",
        ),
        ({"inputs": [[1, 2], [1]]}, "$.inputs[1]", "inputs[1] has 1 values"),
        ({"instances": [[1, 2], [1]]}, "$.instances[1]", "instances[1] has 1 values"),
        ({"instances": ROWS, "index": [0, 1]}, "$", "one of these"),
        ({"inputs": ROWS, "dataframe_records": []}, "$", "one of these"),
        ({"instances": ROWS, "params": {}, "parameters": {}}, "$.params", "not both"),
        ({"instances": ROWS, "params": {"method": "fit"}}, "$.params.method", "fit"),
        ({"instances": ROWS, "params": {"x": 1}}, "$.params", "unknown field 'x'"),
        ({"instances": ROWS, "parameters": {"thresold": 1}}, "$.parameters", "'thresold'"),
    ],
)
def test_what_is_wrong_is_told_by_its_place(
    application: Application, body: Any, field: str, text: str
) -> None:
    status, answer = ask(application, body)
    assert status in (400, 422), answer
    assert (answer["error"]["field"], text in answer["error"]["message"]) == (field, True), answer


@pytest.mark.parametrize(
    ("form", "place"),
    [
        ({"columns": ["b", "a"], "data": [[1, 2], [3, "x"]]}, "data[1][1]"),
        ({"inputs": {"b": [1, 2], "a": [3, "x"]}}, "inputs.a[1]"),
        ({"inputs": [[1, 2], ["x", 3]]}, "inputs[1][0]"),
        ({"dataframe_split": {"columns": ["b", "a"], "data": [[1, "x"]]}},
         "dataframe_split.data[0][1]"),
        ({"dataframe_records": [{"b": 1, "a": "x"}]}, "dataframe_records[0][1]"),
    ],
)  # fmt: skip
def test_the_place_of_a_value_is_that_in_the_body(form: Any, place: str) -> None:
    asked = decode(msgspec.json.Decoder(ModelInstances), json.dumps(form).encode())
    row = place.partition("[")[2][0] if "inputs.a" not in place else "1"
    found = asked.form().relocated(
        SignatureMismatch(f"instances[{row}][0] is a string.", field=f"$.instances[{row}][0]"),
        ("a", "b"),
    )
    assert (str(found), found.field) == (f"{place} is a string.", f"$.{place}")
