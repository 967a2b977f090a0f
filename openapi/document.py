"""Builds the document: paths by hand, schemas from the structs that decode and encode the wire.

Format: https://spec.openapis.org/oas/v3.1.0
"""

import inspect
from collections.abc import Iterable
from typing import Any

import msgspec

from serving.api import contract
from serving.api.application import STATUSES
from serving.api.protocols import tensors, v1, v2_messages

Json = dict[str, Any]
MEANINGS = {
    400: "The request is malformed.",
    404: "There is no such model or version.",
    406: "The answer can't be written as Accept or Accept-Encoding asks.",
    413: "The body, once it is unpacked, or the answer is too large.",
    415: "The body's Content-Encoding isn't known.",
    422: "The request is well-formed, but not what this model takes.",
    500: "A fault of the service or of the model's own code.",
    503: "The model can't answer now; Retry-After says when to come back.",
}
READING = (404, 503)
INFERRING = (400, 404, 406, 413, 415, 422, 503)
STRUCTS = [
    contract.InferenceRequest,
    contract.ModelInstances,
    contract.InferenceResponse,
    contract.ErrorResponse,
    v1.PredictRequest,
    v2_messages.InferRequest,
    v2_messages.InferResponse,
]
TEXT = {"type": "string"}
WHOLE = {"type": "object"}
NULL = {"type": "null"}
FORMS = (
    ["instances"],
    ["columns", "data"],
    ["inputs"],
    ["dataframe_split"],
    ["dataframe_records"],
)
PROTOCOL_ERROR = {"type": "object", "properties": {"error": TEXT}, "required": ["error"]}
INDEX = {"type": "object", "properties": {"ready": {"type": ["boolean", "null"]}}}


def build() -> Json:
    """Return the document."""
    return {
        "openapi": "3.1.0",
        "info": {"title": "Modelmount", "version": "1", "description": "See docs/api.md."},
        "paths": {**_own(), **_v1(), **_v2()},
        "components": {"schemas": _schemas()},
    }


def _schemas() -> dict[str, Json]:
    _, schemas = msgspec.json.schema_components(STRUCTS, ref_template="#/components/schemas/{name}")
    for schema in schemas.values():
        if "description" in schema:
            schema["description"] = inspect.cleandoc(schema["description"])
    _say_what_combines(schemas)
    schemas["ProtocolError"] = PROTOCOL_ERROR
    return dict(sorted(schemas.items()))


def _say_what_combines(schemas: dict[str, Json]) -> None:
    """Add what is checked after decoding: which fields go together, and that none is empty."""
    for name in ("InferenceRequest", "ModelInstances", "PredictRequest"):
        _say_which_forms(schemas[name])
    frame = schemas["DataframeSplit"]["properties"]
    for field in frame:
        frame[field] = _nullable(frame[field])
    frame["columns"]["uniqueItems"] = True
    frame["data"]["minItems"] = 1
    # JSON Schema takes 2.0 for a whole number, and so does the API.
    tensor = schemas["InputTensor"]["properties"]
    tensor["shape"]["items"] = {"type": "integer", "minimum": 0}
    tensor["datatype"]["enum"] = [*tensors.KNOWN]
    # Without it the tensor follows in binary, in a body that isn't JSON.
    tensor["data"] = {"type": "array"}
    schemas["InputTensor"]["required"].append("data")
    schemas["InferRequest"]["properties"]["inputs"]["minItems"] = 1
    for name in ("InferRequest", "InputTensor", "RequestedOutput"):
        fields = schemas[name]["properties"]
        for field in fields:
            fields[field] = _nullable(fields[field])


def _say_which_forms(request: Json) -> None:
    """Say that a request has one form of instances, which isn't empty, and its parameters once."""
    fields = request["properties"]
    for field in fields:
        fields[field] = _nullable(fields[field])
    for field in ("instances", "columns", "data", "dataframe_records"):
        fields[field]["minItems"] = 1
    fields["columns"]["uniqueItems"] = True
    values = {"type": "array", "minItems": 1}
    columns = {"type": "object", "minProperties": 1, "additionalProperties": values}
    fields["inputs"] = {"anyOf": [columns, values, NULL], "default": None}
    request["oneOf"] = [_form(form) for form in FORMS]
    request["anyOf"] = [{"properties": {name: NULL}} for name in ("parameters", "params")]


def _form(form: list[str]) -> Json:
    """Say that the fields of a form are there, and none of another's."""
    others = [field for other in FORMS for field in other if field not in form]
    others += [] if "data" in form else ["index"]
    given = {field: {"not": NULL} for field in form}
    return {"required": form, "properties": {**given, **dict.fromkeys(others, NULL)}}


def _nullable(schema: Json) -> Json:
    """Write a schema or null as one schema of two types."""
    match schema:
        case {"anyOf": [{"type": str() as kind} as first, {"type": "null"}], **rest}:
            return {**first, **rest, "type": [kind, "null"]}
    return schema


def _own() -> dict[str, Json]:
    own = {"error": _ref("ErrorResponse")}
    model = _parameters("model")
    return {
        "/inference": {
            "post": _operation(
                "Ask a model",
                INFERRING,
                own,
                answer=_ref("InferenceResponse"),
                body=_ref("InferenceRequest"),
            )
        },
        "/endpoints/{model}/invocations": {
            **model,
            "post": _operation(
                "Ask a model, as MLflow's deployments client does",
                INFERRING,
                own,
                answer=_ref("InferenceResponse"),
                body=_ref("ModelInstances"),
            ),
        },
        "/models": {"get": _operation("List the models", (413,), own, answer=_with("models"))},
        "/models/{model}": {
            **model,
            "get": _operation("Show a model's versions", (404, 413), own, answer=_with("versions")),
        },
        "/models/{model}/openapi.json": {
            **model,
            "get": _operation("This document for one model", READING, own, answer=WHOLE),
        },
        "/openapi.json": {"get": _operation("This document", (), own, answer=WHOLE)},
    }


def _v1() -> dict[str, Json]:
    error = {"error": _ref("ProtocolError")}
    predict = _operation(
        "V1: ask a model", INFERRING, error, answer=WHOLE, body=_ref("PredictRequest")
    )
    status = _operation(
        "V1: whether a model is ready", READING, error, answer=_with("name", "ready")
    )
    found: dict[str, Json] = {
        "/v1/models": {"get": _operation("V1: list", (413,), error, answer=_with("models"))}
    }
    for path, names in _versioned("/v1"):
        found[path] = {**_parameters(*names), "get": status}
        found[f"{path}:predict"] = {**_parameters(*names), "post": predict}
    return found


def _v2() -> dict[str, Json]:
    error = {"error": _ref("ProtocolError")}
    health = {"get": _operation("V2: health", (), error, answer=_with("live", "ready"))}
    metadata = _operation("V2: metadata", READING, error, answer=_with("name", "inputs", "outputs"))
    ready = _operation("V2: readiness", READING, error, answer=_with("name", "ready"))
    infer = _operation(
        "V2: ask a model",
        INFERRING,
        error,
        answer=_ref("InferResponse"),
        body=_ref("InferRequest"),
        binary=True,
    )
    found: dict[str, Json] = {
        "/v2": {"get": _operation("V2: the server", (), error, answer=_with("name", "extensions"))},
        "/v2/health/live": health,
        "/v2/health/ready": health,
        "/v2/repository/index": {
            "post": _operation(
                "V2: index", (400, 413), error, answer={"type": "array"}, body=INDEX, optional=True
            )
        },
    }
    for path, names in _versioned("/v2"):
        found[path] = {**_parameters(*names), "get": metadata}
        found[f"{path}/ready"] = {**_parameters(*names), "get": ready}
        found[f"{path}/infer"] = {**_parameters(*names), "post": infer}
    for verb in ("load", "unload"):
        found[f"/v2/repository/models/{{model}}/{verb}"] = {
            **_parameters("model"),
            "post": _operation(f"V2: {verb}", (400, 404, 503), error, answer=WHOLE),
        }
    return found


def _versioned(prefix: str) -> Iterable[tuple[str, tuple[str, ...]]]:
    yield f"{prefix}/models/{{model}}", ("model",)
    yield f"{prefix}/models/{{model}}/versions/{{version}}", ("model", "version")


def _operation(
    summary: str,
    statuses: Iterable[int],
    shapes: Json,
    *,
    answer: Json,
    body: Json | None = None,
    optional: bool = False,
    binary: bool = False,
) -> Json:
    assert {*statuses} <= {*STATUSES.values()}  # noqa: S101 (of this table, not of input)
    kinds = {"application/json": {"schema": answer}}
    if binary:
        kinds["application/octet-stream"] = {"schema": {}}
    responses = {"200": {"description": "The answer.", "content": kinds}}
    for status in (*statuses, 500):
        content = {"application/json": {"schema": shapes["error"]}}
        responses[str(status)] = {"description": MEANINGS[status], "content": content}
    operation: Json = {"summary": summary, "responses": responses}
    if body is not None:
        content = {"application/json": {"schema": body}}
        operation["requestBody"] = {"required": not optional, "content": content}
    return operation


def _parameters(*names: str) -> Json:
    return {
        "parameters": [
            {"name": name, "in": "path", "required": True, "schema": {**TEXT, "minLength": 1}}
            for name in names
        ]
    }


def _ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}


def _with(*names: str) -> Json:
    return {"type": "object", "required": list(names)}
