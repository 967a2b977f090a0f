"""What the protocol leaves out may be null, all outputs come, and errors keep their place."""

import json
from typing import Any

import pytest

from modelmount_compiler.column_types import ColumnType
from modelmount_compiler.signature import Signature
from modelmount_compiler.tensors import Tensor, Tensors
from serving.api.application import Application, Request
from serving.api.protocols import v2_mapping, v2_metadata
from serving.api.protocols.v2_messages import InferRequest, RequestedOutput
from serving.records.manifest import Description

MATRIX = {"name": "x", "shape": [2, 2], "datatype": "FP64", "data": [1, 1, 0, 0]}
AGE = {"name": "age", "shape": [2], "datatype": "FP64", "data": [1, 2]}
TOWN = {"name": "town", "shape": [2], "datatype": "BYTES", "data": ["Oslo", "Åbo"]}


def infer(application: Application, model: str, body: Any) -> tuple[int, Any]:
    path = f"/v2/models/{model}/infer"
    response = application.respond(Request("POST", path, {}, json.dumps(body).encode()))
    return response.status, json.loads(response.body)


@pytest.mark.parametrize("model", ["classifier", "truth", "regressor", "several", "text"])
def test_all_outputs_of_the_metadata_come_where_none_are_named(
    application: Application, model: str
) -> None:
    text = {"name": "t", "shape": [2, 1], "datatype": "BYTES", "data": ["good", "bad"]}
    body = {"inputs": [text if model == "text" else MATRIX]}
    told = json.loads(application.respond(Request("GET", f"/v2/models/{model}")).body)["outputs"]
    for asked in (body, body | {"outputs": None}, body | {"outputs": []}):
        status, answer = infer(application, model, asked)
        assert status == 200, answer
        given = answer["outputs"]
        assert [(o["name"], o["datatype"]) for o in given] == [
            (o["name"], o["datatype"]) for o in told
        ]
        assert all(o["shape"][0] == 2 for o in given)


def test_what_may_be_left_out_may_be_null(application: Application) -> None:
    tensor = MATRIX | {"parameters": None}
    outputs = [{"name": "predict", "parameters": None}]
    body = {"id": None, "parameters": None, "inputs": [tensor], "outputs": outputs}
    status, answer = infer(application, "classifier", body)
    assert (status, answer["outputs"][0]["data"]) == (200, [11, 10])
    for path, empty in (
        ("index", {"ready": None}),
        ("models/classifier/load", {"parameters": None}),
    ):
        content = json.dumps(empty).encode()
        response = application.respond(Request("POST", f"/v2/repository/{path}", {}, content))
        assert response.status == 200, response.body


def one(**changes: Any) -> Any:
    return {"inputs": [{**MATRIX, **changes}]}


@pytest.mark.parametrize(
    ("model", "body", "place"),
    [
        ("classifier", one(data=[1, 1, 0, "x"]), "$.inputs[0].data[3]"),
        ("classifier", one(data=[[1, 1], [0, "x"]]), "$.inputs[0].data[1][1]"),
        ("classifier", one(datatype="INT8", data=[1, 1, 300, 0]), "$.inputs[0].data[2]"),
        ("classifier", one(datatype="FP16", data=[[1, 1e6], [0, 0]]), "$.inputs[0].data[0][1]"),
        ("classifier", one(data=[1, 1, 0, 2**53 + 1]), "$.inputs[0].data[3]"),
        ("classifier", one(datatype="FP32", data=[1, 1, 0, 2**24 + 1]), "$.inputs[0].data[3]"),
        ("classifier", one(datatype="INT64", data=[1, 1, 0, 2**53 + 1]), "'x'[1, 1] is a whole"),
        ("classifier", one(datatype="UINT64", data=[1, 1, 0, 2**64 - 1]), "$.inputs[0].data[1][1]"),
        ("classifier", one(datatype="UINT64", data=[1, 1, 0, 2**64]), "$.inputs[0].data[3]"),
        ("classifier", one(data=[1, 1, 0, None]), "'x'[1, 1] is NaN"),
        ("classifier", one(datatype="INT64", data=[1, 1, 0, None]), "'x'[1, 1] is null"),
        ("classifier", one(datatype="BOOL", data=[1, 1, 0, None]), "$.inputs[0].data[0]"),
        ("classifier", one(shape=[3, 2]), "$.inputs[0].shape"),
        ("classifier", one(shape=["2", 2]), "$.inputs[0].shape[0]"),
        ("classifier", one(datatype="FP8"), "$.inputs[0].datatype"),
        ("classifier", one(parameters={"binary_data_size": 9}), "binary_data_size"),
        ("classifier", {"inputs": [MATRIX, MATRIX]}, "$.inputs[1].name"),
        ("classifier", {"inputs": [MATRIX], "outputs": [{"name": "x"}]}, "$.outputs[0]"),
        ("classifier", {"inputs": [MATRIX], "id": 5}, "$.id"),
        ("mixed", {"inputs": [AGE, TOWN | {"shape": [1, 2]}]}, "$.inputs[1].shape"),
        (
            "mixed",
            {"inputs": [AGE, TOWN | {"name": "twon"}]},
            "$.inputs: The table lacks 'town' and has unknown 'twon'",
        ),
    ],
)
def test_a_fault_keeps_its_place(
    application: Application, model: str, body: Any, place: str
) -> None:
    status, told = infer(application, model, body)
    assert status in (400, 422)
    assert told.keys() == {"error"}
    assert place in told["error"]


def columns(*kinds: Any) -> Signature:
    names = tuple("abcdefgh"[: len(kinds)])
    types = tuple(ColumnType(kind, "object") for kind in kinds)
    methods: Any = ("predict",)
    return Signature(
        "frame", "any", len(kinds), names, allows_missing=True, methods=methods, column_types=types
    )


def test_inputs_are_told_by_the_columns_types() -> None:
    told = v2_metadata.inputs(columns("float", "integer", "boolean", "string", "datetime", "any"))
    assert [t["datatype"] for t in told] == ["FP64", "INT64", "BOOL", "BYTES", "BYTES", "BYTES"]


GRAPH = Signature(
    "matrix",
    "number",
    8,
    None,
    allows_missing=False,
    methods=("predict",),
    tensors=Tensors(
        (Tensor("bytes", "INT32", (-1, 8)),), (Tensor("scores", "FP32", (-1, 3)),), "batch"
    ),
)


def test_a_graph_tells_its_own_tensors() -> None:
    assert v2_metadata.inputs(GRAPH) == [{"name": "bytes", "datatype": "INT32", "shape": [-1, 8]}]
    description = Description("onnx", "onnx", "x.Y", GRAPH, 1, 0.1, {})
    assert v2_metadata.outputs(description) == [
        {"name": "scores", "datatype": "FP32", "shape": [-1, 3]}
    ]


@pytest.mark.parametrize(
    ("name", "outputs", "method", "is_own"),
    [
        ("bytes", None, None, True),
        ("bytes", ["scores"], None, True),
        ("bytes", ["predict"], None, False),
        ("bytes", None, "predict", False),
        ("input", None, None, False),
    ],
)
def test_tensors_of_a_graph_are_passed_as_they_are(
    name: str, outputs: list[str] | None, method: str | None, is_own: bool
) -> None:
    named = [RequestedOutput(output) for output in outputs or ()]
    asked = InferRequest([], None, (method and {"method": method}) or None, named or None)
    given = v2_mapping.tensors(asked, {name: None}, GRAPH)  # type: ignore[dict-item]
    assert (given is not None) == is_own
    if given is not None:
        assert given.outputs == ("scores",)


def test_observed_outputs_are_told() -> None:
    signature = columns("float")
    seen = (Tensor("predict", "INT32", (-1,)), Tensor("predict_proba", "FP32", (-1, 3)))
    description = Description("joblib", "sklearn", "x.Y", signature, 1, 0.1, {}, None, seen)
    assert v2_metadata.outputs(description) == [
        {"name": "predict", "datatype": "INT32", "shape": [-1]},
        {"name": "predict_proba", "datatype": "FP32", "shape": [-1, 3]},
    ]
