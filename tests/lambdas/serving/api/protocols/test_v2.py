"""The Open Inference Protocol as its texts have it; tests/e2e/test_clients.py has real clients."""

import json
import struct
from typing import Any

import numpy as np
import pytest

from serving.api.application import Application, Request, Response

ROWS = [[1.0, 1.0], [0.0, 0.0]]
LENGTH = "inference-header-content-length"
MATRIX = {"name": "x", "shape": [2, 2], "datatype": "FP64", "data": ROWS}


def call(
    application: Application, method: str, path: str, body: Any = b"", **headers: str
) -> Response:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return application.respond(Request(method, path, named, content))


def get(application: Application, path: str) -> Any:
    response = call(application, "GET", path)
    assert response.status == 200, response.body
    return json.loads(response.body)


def infer(application: Application, model: str, body: Any, **headers: str) -> Any:
    path = f"/v2/models/{model.replace(' ', '%20')}/infer"
    response = call(application, "POST", path, body, **headers)
    assert response.status == 200, response.body
    return json.loads(response.body)


def outputs(application: Application, model: str, *tensors: Any, **more: Any) -> Any:
    return infer(application, model, {"inputs": tensors, **more})["outputs"]


def binary(
    application: Application, model: str, header: dict[str, Any], *parts: bytes
) -> tuple[Any, bytes]:
    """Send tensors in binary; return the answer's header and what follows it."""
    content = json.dumps(header).encode()
    path = f"/v2/models/{model.replace(' ', '%20')}/infer"
    sent = {"Inference-Header-Content-Length": str(len(content))}
    response = application.respond(Request("POST", path, sent, content + b"".join(parts)))
    assert response.status == 200, response.body
    length = int(response.headers.get(LENGTH, len(response.body)))
    return json.loads(response.body[:length]), response.body[length:]


def tensor(name: str, datatype: str, shape: list[int], raw: bytes) -> dict[str, Any]:
    parameters = {"binary_data_size": len(raw)}
    return {"name": name, "datatype": datatype, "shape": shape, "parameters": parameters}


def one(**changes: Any) -> dict[str, Any]:
    return {"inputs": [{**MATRIX, **changes}]}


def column(name: str, datatype: str, data: list[Any]) -> dict[str, Any]:
    return {"name": name, "datatype": datatype, "shape": [len(data), 1], "data": data}


def asking(name: str) -> dict[str, Any]:
    return {"inputs": [MATRIX], "outputs": [{"name": name}]}


AGE = column("age", "FP64", [1.0])


def test_the_server_tells_of_itself(application: Application) -> None:
    assert get(application, "/v2")["name"] == "modelmount"
    assert "binary_tensor_data" in get(application, "/v2")["extensions"]
    for probe in ("live", "ready"):
        assert get(application, f"/v2/health/{probe}") == {"live": True, "ready": True}


def test_metadata_comes_from_the_signature(application: Application) -> None:
    assert get(application, "/v2/models/classifier") == {
        "name": "classifier",
        "versions": ["1", "2"],
        "platform": "sklearn_joblib",
        "inputs": [{"name": "input", "datatype": "FP64", "shape": [-1, 2]}],
        "outputs": [
            {"name": "predict", "datatype": "INT64", "shape": [-1]},
            {"name": "predict_proba", "datatype": "FP64", "shape": [-1, 2]},
            {"name": "decision_function", "datatype": "FP64", "shape": [-1]},
        ],
    }
    frame = get(application, "/v2/models/mixed/versions/1")
    assert [tensor["name"] for tensor in frame["inputs"]] == ["age", "town"]
    several = get(application, "/v2/models/several")["outputs"]
    assert [(t["name"], t["shape"]) for t in several] == [
        ("predict", [-1, 2]),
        ("predict_proba_0", [-1, 2]),
        ("predict_proba_1", [-1, 4]),
    ]


def test_what_the_metadata_says_of_outputs_is_so(application: Application) -> None:
    for model in ("classifier", "named labels", "truth", "regressor", "several"):
        promised = get(application, f"/v2/models/{model.replace(' ', '%20')}")["outputs"]
        wanted = [{"name": output["name"]} for output in promised]
        given = outputs(application, model, MATRIX, outputs=wanted)
        for output, promise in zip(given, promised, strict=True):
            assert (output["name"], output["datatype"]) == (promise["name"], promise["datatype"])


@pytest.mark.parametrize(
    ("model", "datatype", "data"),
    [
        ("classifier", "INT64", [11, 10]),
        ("named labels", "BYTES", ["b", "ä"]),
        ("truth", "BOOL", [True, False]),
    ],
)
def test_labels_keep_their_type(
    application: Application, model: str, datatype: str, data: list[Any]
) -> None:
    assert outputs(application, model, MATRIX, outputs=[{"name": "predict"}]) == [
        {"name": "predict", "datatype": datatype, "shape": [2], "data": data}
    ]


@pytest.mark.parametrize("data", [ROWS, [1.0, 1.0, 0.0, 0.0], [[1], [1], [0], [0]]])
def test_data_is_nested_or_flat(application: Application, data: list[Any]) -> None:
    assert outputs(application, "classifier", {**MATRIX, "data": data})[0]["data"] == [11, 10]


@pytest.mark.parametrize(
    "datatype",
    ["BOOL", "UINT8", "UINT16", "UINT32", "UINT64", "INT8", "INT16", "INT32", "INT64", "FP16",
     "FP32", "FP64", "BF16"],
)  # fmt: skip
def test_every_datatype_of_numbers_comes_in_both_forms(
    application: Application, datatype: str
) -> None:
    dtypes = {"BOOL": "?", "FP16": "<f2", "FP32": "<f4", "FP64": "<f8"}
    dtype = dtypes.get(datatype, datatype.lower().replace("uint", "u").replace("int", "i"))
    if datatype == "BF16":
        raw = (np.array(ROWS, "<f4").view("<u4") >> 16).astype("<u2").tobytes()
    elif datatype[-1].isdecimal() and datatype not in dtypes:
        raw = np.array(ROWS, f"<{dtype[0]}{int(dtype[1:]) // 8}").tobytes()
    else:
        raw = np.array(ROWS, dtype).tobytes()
    header, _ = binary(
        application, "classifier", {"inputs": [tensor("x", datatype, [2, 2], raw)]}, raw
    )
    assert header["outputs"][0]["data"] == [11, 10]
    values = [[bool(v) if datatype == "BOOL" else int(v) for v in row] for row in ROWS]
    given = outputs(application, "classifier", {**MATRIX, "datatype": datatype, "data": values})
    assert given[0]["data"] == [11, 10]


def test_outputs_are_chosen_by_name_each_in_its_form(application: Application) -> None:
    wanted = [
        {"name": "predict_proba", "parameters": {"binary_data": True}},
        {"name": "predict"},
        {"name": "decision_function", "parameters": {"binary_data": True}},
    ]
    body = {"id": "42", "inputs": [MATRIX], "outputs": wanted}
    header, rest = binary(application, "classifier", body)
    shares, labels, margins = header["outputs"]
    assert (header["id"], header["model_version"]) == ("42", "2")
    assert (shares["shape"], shares["parameters"]) == ([2, 2], {"binary_data_size": 32})
    assert "data" not in shares
    assert labels["data"] == [11, 10]
    assert margins["shape"] == [2]
    found = np.frombuffer(rest, "<f8")
    assert found[:4].reshape(2, 2).sum(axis=1) == pytest.approx([1, 1])
    assert found[4] > 0 > found[5]


def test_the_method_can_be_a_parameter(application: Application) -> None:
    body = {"inputs": [MATRIX], "parameters": {"method": "predict_proba", "priority": 1}}
    answer = infer(application, "classifier", body)
    assert answer["outputs"][0]["name"] == "predict_proba"
    assert "id" not in answer


def test_bytes_go_both_ways(application: Application) -> None:
    def packed(*texts: str) -> bytes:
        return b"".join(struct.pack("<I", len(t.encode())) + t.encode() for t in texts)

    raw = packed("good fine", "")
    header = {
        "inputs": [tensor("t", "BYTES", [2], raw)],
        "parameters": {"binary_data_output": True},
    }
    answer, rest = binary(application, "text", header, raw)
    assert answer["outputs"][0]["datatype"] == "INT64"
    assert np.frombuffer(rest, "<i8", 1)[0] == 1
    asked = {"inputs": [MATRIX], "parameters": {"binary_data_output": True, "method": "predict"}}
    _, rest = binary(application, "named labels", asked)
    assert rest == packed("b", "ä")


def test_a_body_of_nothing_but_a_tensor(application: Application) -> None:
    path, none = "/v2/models/classifier/infer", {"Inference-Header-Content-Length": "0"}
    body = np.array(ROWS).tobytes()
    response = application.respond(Request("POST", path, none, body))
    length = int(response.headers[LENGTH])
    assert response.headers["content-type"] == "application/octet-stream"
    assert np.frombuffer(response.body[length:], "<i8", 2).tolist() == [11, 10]
    text = application.respond(Request("POST", "/v2/models/text/infer", none, b"good fine"))
    assert text.status == 200
    for wrong in (b"", b"x" * 17):
        assert application.respond(Request("POST", path, none, wrong)).status == 400
    mixed = application.respond(Request("POST", "/v2/models/mixed/infer", none, body))
    assert mixed.status == 400


def test_columns_come_by_name_in_any_order(application: Application) -> None:
    age, income = column("age", "FP32", [20, 40]), column("income", "INT64", [1, 2])
    whole = {"name": "all", "datatype": "FP64", "shape": [2, 2], "data": [20, 1, 40, 2]}
    by_name = outputs(application, "frame", income, age)
    assert by_name == outputs(application, "frame", whole)
    assert by_name[0]["data"] == pytest.approx([1.0, 2.0], abs=1)


def test_columns_of_mixed_types(application: Application) -> None:
    given = outputs(
        application,
        "mixed",
        column("age", "FP64", [20.0, 40.0]),
        column("town", "BYTES", ["Åbo", "Oslo"]),
    )
    assert given[0]["data"] == [0, 1]


def test_several_outputs_give_a_tensor_each(application: Application) -> None:
    named = outputs(application, "several", MATRIX, outputs=[{"name": "predict_proba_1"}])
    both = outputs(application, "several", MATRIX, outputs=[{"name": "predict_proba"}])
    assert [o["name"] for o in both] == ["predict_proba_0", "predict_proba_1"]
    assert named == both[1:]
    assert both[1]["shape"] == [2, 4]


def test_json_and_binary_answer_alike(application: Application) -> None:
    raw = np.array(ROWS, "<f4").tobytes()
    header = {
        "inputs": [tensor("x", "FP32", [2, 2], raw)],
        "parameters": {"method": "predict_proba", "binary_data_output": True},
    }
    _, rest = binary(application, "classifier", header, raw)
    told = outputs(application, "classifier", MATRIX, outputs=[{"name": "predict_proba"}])
    assert np.frombuffer(rest).tolist() == told[0]["data"]


def test_ready_and_index(application: Application) -> None:
    assert get(application, "/v2/models/classifier/versions/1/ready")["ready"] is True
    assert call(application, "GET", "/v2/models/nobody/ready").status == 404
    assert call(application, "GET", "/v2/models/coming/ready").status == 503
    index = json.loads(call(application, "POST", "/v2/repository/index").body)
    states = {entry["name"]: (entry["state"], entry["version"]) for entry in index}
    assert states["classifier"] == ("READY", "2")
    assert states["coming"] == ("LOADING", "")
    ready = json.loads(call(application, "POST", "/v2/repository/index", {"ready": True}).body)
    assert "coming" not in {entry["name"] for entry in ready}


def test_load_and_unload_act_on_what_is_in_memory(application: Application) -> None:
    def timing() -> str:
        body = json.dumps({"inputs": [MATRIX]}).encode()
        path = "/v2/models/classifier/infer"
        return application.respond(Request("POST", path, {}, body)).headers["server-timing"]

    for step, times in (("load", "hit"), ("unload", "miss"), ("unload", "miss")):
        assert call(application, "POST", f"/v2/repository/models/classifier/{step}").status == 200
        assert f"cache;desc={times}" in timing()
    overridden = {"parameters": {"config": "{}"}}
    refused = call(application, "POST", "/v2/repository/models/classifier/load", overridden)
    assert refused.status == 400
    for step in ("load", "unload"):
        assert call(application, "POST", f"/v2/repository/models/nobody/{step}").status == 404


@pytest.mark.parametrize(
    ("model", "body", "status", "text"),
    [
        ("nobody", {"inputs": [MATRIX]}, 404, "no model 'nobody'"),
        ("coming", {"inputs": [MATRIX]}, 503, "being prepared"),
        ("a%2Fb", {"inputs": [MATRIX]}, 404, "can't be a model's name"),
        ("classifier", b"{", 400, "isn't valid JSON"),
        ("classifier", b"", 400, "Send {"),
        ("classifier", {"inputs": []}, 400, "inputs is empty"),
        ("classifier", {"inputs": [MATRIX, MATRIX]}, 400, "sent twice"),
        ("classifier", {"inputs": [MATRIX, {**MATRIX, "name": "y"}]}, 422, "takes one tensor"),
        ("classifier", one(datatype="FP8"), 400, "no datatype 'FP8'"),
        ("classifier", one(shape=[2, 3]), 400, "don't fill the shape"),
        ("classifier", one(shape=[4]), 422, "takes [n, 2]"),
        ("classifier", one(shape=[4, 1]), 422, "takes [n, 2]"),
        ("classifier", one(shape=[]), 400, "length"),
        ("classifier", one(shape=[0, 2], data=[]), 400, "no rows"),
        ("classifier", one(shape=[0, 2**62, 2**62], data=[]), 400, "shape"),
        ("classifier", one(data=[[1, 2], [3]]), 400, "ragged"),
        ("classifier", one(data=[1, 2, 3, "4"]), 400, "isn't of FP64"),
        ("classifier", one(data=[1, 2, 3, 10**400]), 400, "FP64"),
        ("classifier", one(data=[1, 2, 3, None]), 422, "no missing values"),
        ("classifier", one(datatype="UINT8", data=[1, 2, 3, 256]), 400, "UINT8"),
        ("classifier", one(datatype="INT8", data=[1, 2, 3, 1.5]), 400, "INT8"),
        ("classifier", one(datatype="FP16", data=[1, 2, 3, 1e6]), 400, "FP16"),
        ("classifier", {"inputs": [column("x", "BYTES", ["a", "b"])]}, 422, "takes [n, 2]"),
        ("classifier", one(data=None), 400, "data must be"),
        ("classifier", asking("shares"), 400, "no output 'shares'"),
        ("classifier", asking("transform"), 422, "no transform"),
        ("classifier", asking("predict_0"), 422, "predict_0"),
        ("classifier", {"inputs": [MATRIX], "parameters": {"method": 3}}, 400, "no output"),
        ("frame", {"inputs": [AGE]}, 422, "lacks 'income'"),
        ("frame", {"inputs": [AGE, column("income", "FP64", [])]}, 422, "as many"),
        ("text", {"inputs": [column("t", "FP64", [1.0])]}, 422, "BYTES"),
    ],
)  # fmt: skip
def test_each_mistake_has_its_status(
    application: Application, model: str, body: Any, status: int, text: str
) -> None:
    response = call(application, "POST", f"/v2/models/{model}/infer", body)
    told = json.loads(response.body)
    assert told.keys() == {"error"}
    assert (response.status, text in told["error"]) == (status, True), told


@pytest.mark.parametrize(
    ("datatype", "shape", "raw", "size", "text"),
    [
        ("FP64", [1, 2], bytes(15), 15, "has 16"),
        ("FP64", [1, 2], bytes(16), 17, "17, and 16 bytes follow"),
        ("FP64", [1, 2], bytes(16), -1, "-1"),
        ("FP64", [1, 2], bytes(16), True, "True"),
        ("FP64", [1, 2], bytes(20), 16, "4 bytes are left over"),
        ("FP64", [2**62, 2**62], bytes(16), 16, "16 bytes aren't"),
        ("BOOL", [1, 2], b"\x01\x02", 2, "0 or 1"),
        ("BYTES", [1], b"\x01", 1, "ends past"),
        ("BYTES", [1], b"\x02\0\0\0a", 5, "ends past"),
        ("BYTES", [1], b"\x01\0\0\0\xff", 5, "isn't UTF-8"),
        ("BYTES", [2], b"\x01\0\0\0a", 5, "don't fill"),
        ("FP64", [1, 2], np.array([1.0, np.inf]).tobytes(), 16, "infinite"),
        ("FP64", [1, 2], np.array([1.0, np.nan]).tobytes(), 16, "NaN"),
    ],
)
def test_broken_binary_is_told(
    application: Application, datatype: str, shape: list[int], raw: bytes, size: Any, text: str
) -> None:
    one = {**tensor("x", datatype, shape, raw), "parameters": {"binary_data_size": size}}
    header = json.dumps({"inputs": [one]}).encode()
    response = call(
        application,
        "POST",
        "/v2/models/classifier/infer",
        header + raw,
        Inference_Header_Content_Length=str(len(header)),
    )
    assert response.status in (400, 422)
    assert text in json.loads(response.body)["error"]


@pytest.mark.parametrize("length", ["-1", "x", "9", "1" * 5000, "²", ""])
def test_a_wrong_header_length_is_told(application: Application, length: str) -> None:
    path = "/v2/models/classifier/infer"
    response = application.respond(Request("POST", path, {LENGTH: length}, b"{}"))
    assert response.status == 400
    assert "Content-Length is" in json.loads(response.body)["error"]


@pytest.mark.parametrize(("path", "status"), [("/v2/nowhere", 404), ("/v2/models/m/infer", 405)])
def test_routes_are_told_in_the_protocols_shape(
    application: Application, path: str, status: int
) -> None:
    response = call(application, "GET", path)
    assert response.status == status
    assert isinstance(json.loads(response.body)["error"], str)
