"""Answers, held against the schemas of the protocol's own document.

The facts are those of `specification/protocol/open_inference_rest.yaml`, as of commit 18d5991:
https://github.com/kserve/open-inference-protocol
"""

import json
from typing import Any

import jsonschema
import pytest

from serving.api.application import Application, Request
from tests.lambdas import zoo

STRING, OBJECT = {"type": "string"}, {"type": "object"}
SHAPE = {"type": "array", "items": {"type": "integer"}}
DATA: dict[str, Any] = {
    "type": "array",
    "items": {"anyOf": [{"$ref": "#/$defs/data"}, {"type": ["number", "string", "boolean"]}]},
}


def an_object(required: str, **properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": required.split()}


def an_array(items: Any) -> dict[str, Any]:
    return {"type": "array", "items": items}


TENSOR = an_object("name datatype shape", name=STRING, datatype=STRING, shape=SHAPE)
OUTPUT = an_object(
    "name shape datatype data",
    name=STRING,
    shape=SHAPE,
    datatype=STRING,
    parameters=OBJECT,
    data={"$ref": "#/$defs/data"},
)
SCHEMAS = {
    "server": an_object(
        "name version extensions", name=STRING, version=STRING, extensions=an_array(STRING)
    ),
    "model": an_object(
        "name platform",
        name=STRING,
        versions=an_array(STRING),
        platform=STRING,
        inputs=an_array(TENSOR),
        outputs=an_array(TENSOR),
    ),
    "answer": an_object(
        "model_name outputs",
        model_name=STRING,
        model_version=STRING,
        id=STRING,
        parameters=OBJECT,
        outputs=an_array(OUTPUT),
    ),
    "error": an_object("error", error=STRING),
}
DATATYPES = {
    *("BOOL", "UINT8", "UINT16", "UINT32", "UINT64", "INT8", "INT16", "INT32", "INT64"),
    *("FP16", "FP32", "FP64", "BYTES"),
}
VALUES = {"BYTES": ["good"], "BOOL": [True]}


def check(value: Any, schema: str) -> None:
    jsonschema.validate(value, SCHEMAS[schema] | {"$defs": {"data": DATA}})


def call(application: Application, path: str, body: Any = None) -> Any:
    content = b"" if body is None else json.dumps(body).encode()
    method = "GET" if body is None else "POST"
    response = application.respond(Request(method, path, {}, content))
    return json.loads(response.body)


@pytest.mark.parametrize("model", zoo.estimators())
def test_models_answer_as_the_document_says(application: Application, model: str) -> None:
    path = f"/v2/models/{model.replace(' ', '%20')}/versions/1"
    told = call(application, path)
    check(told, "model")
    assert {tensor["datatype"] for tensor in told["inputs"] + told["outputs"]} <= DATATYPES
    # A client that is generated from the document sends what it declares, and null for the rest.
    inputs = [
        {
            "name": tensor["name"],
            "shape": [abs(length) for length in tensor["shape"]],
            "datatype": tensor["datatype"],
            "parameters": None,
            "data": VALUES.get(tensor["datatype"], [1]) * abs(tensor["shape"][-1]),
        }
        for tensor in told["inputs"]
    ]
    body = {"id": "42", "parameters": None, "inputs": inputs, "outputs": None}
    answer = call(application, f"{path}/infer", body)
    check(answer, "answer")
    assert answer["id"] == "42"
    promised = [(tensor["name"], tensor["datatype"]) for tensor in told["outputs"]]
    assert [(output["name"], output["datatype"]) for output in answer["outputs"]] == promised


def test_the_server_and_its_errors(application: Application) -> None:
    check(call(application, "/v2/"), "server")
    for path in ("/v2/models/nobody", "/v2/models/classifier/versions/9", "/v2/nowhere"):
        check(call(application, path), "error")
    check(call(application, "/v2/models/classifier/infer", {"inputs": 1}), "error")
