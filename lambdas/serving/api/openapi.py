"""The API's OpenAPI document, whole and for one model. `python -m openapi` writes the file."""

import functools
import json
from pathlib import Path
from typing import Any

from modelmount_compiler.signature import Signature
from modelmount_compiler.tensors import Tensor
from serving.records.manifest import Manifest

FILE = Path(__file__).with_name("openapi.json")
# Forms of instances by the names of columns.
COLUMN_FORMS = ("columns", "index", "data", "inputs", "dataframe_split", "dataframe_records")
SCALAR: dict[str, Any] = {"type": ["number", "string", "boolean", "null"]}
_WORD: dict[str, Any] = {"type": ["string", "number", "boolean"]}
_RECORD: dict[str, Any] = {
    "type": "object",
    "additionalProperties": {"anyOf": [SCALAR, {"type": "array", "items": {"type": "string"}}]},
}
_PAIR: dict[str, Any] = {"type": "array", "prefixItems": [{"type": "string"}, _WORD], "minItems": 2}
# Instances of models that take objects with any names, or lists of words.
NAMED: dict[str, dict[str, Any]] = {
    "records": _RECORD,
    "pairs": {
        "anyOf": [
            {"type": "object", "additionalProperties": _WORD},
            {"type": "array", "items": _PAIR | {"maxItems": 2}},
        ]
    },
    "tokens": {"type": "array", "items": _WORD},
}


@functools.cache
def document() -> bytes:
    """Return the whole document."""
    return FILE.read_bytes()


def for_model(manifest: Manifest) -> dict[str, Any]:
    """Return the document with `/inference` alone, and its request as this version takes it."""
    found: dict[str, Any] = json.loads(document())
    found["info"] = {"title": manifest.model, "version": manifest.version}
    found["paths"] = {"/inference": found["paths"]["/inference"]}
    signature = manifest.description.signature
    schemas = found["components"]["schemas"]
    request = schemas["InferenceRequest"]
    request["properties"]["model"] = {"const": manifest.model}
    request["properties"]["instances"]["items"] = instance(signature)
    schemas["Parameters"]["properties"]["method"]["enum"] = list(signature.methods)
    if signature.columns is None and signature.input not in ("records", "pairs"):
        for name in COLUMN_FORMS:
            del request["properties"][name]
        del request["oneOf"]
        request["required"] = ["model", "instances"]
    return found


def instance(signature: Signature) -> dict[str, Any]:
    """Return the JSON schema of one instance: https://json-schema.org/draft/2020-12."""
    if signature.input == "text":
        return {"type": "string"}
    if signature.input in NAMED:
        return NAMED[signature.input]
    if signature.input == "tensors" and signature.tensors is not None:
        return _of_tensors(signature.tensors.inputs)
    row: dict[str, Any] = {"type": "array", "items": _value(signature)}
    width = len(signature.columns) if signature.columns else signature.n_features
    if width is not None:
        row.update(minItems=width, maxItems=width)
    if signature.columns is None:
        return row
    record = {
        "type": "object",
        "properties": dict.fromkeys(signature.columns, _value(signature)),
        "required": [name for name in signature.columns if name not in signature.optional],
        "additionalProperties": False,
    }
    return {"anyOf": [record, row]}


def _of_tensors(inputs: tuple[Tensor, ...]) -> dict[str, Any]:
    """Return the schema of an instance of a graph: one input's value, or an object of several."""
    record = {
        "type": "object",
        "properties": {tensor.name: _of_tensor(tensor) for tensor in inputs},
        "required": [tensor.name for tensor in inputs if not tensor.is_optional],
        "additionalProperties": False,
    }
    return {"anyOf": [_of_tensor(inputs[0]), record]} if len(inputs) == 1 else record


def _of_tensor(tensor: Tensor) -> dict[str, Any]:
    """Return nested arrays of the tensor's shape; an axis that counts instances may be left out."""
    if tensor.form != "tensor" or tensor.shape is None:
        return {}
    if tensor.datatype == "BYTES":
        schema: dict[str, Any] = {"type": "string"}
    else:
        schema = {"type": ["number", "boolean", *(["null"] if "F" in tensor.datatype else [])]}
    axes = [size for axis, size in enumerate(tensor.shape) if axis != tensor.batch_axis]
    for size in reversed(axes):
        schema = {"type": "array", "items": schema}
        if size >= 0:
            schema.update(minItems=size, maxItems=size)
    return schema


def _value(signature: Signature) -> dict[str, Any]:
    if signature.dtype == "any" or signature.input == "frame":
        return SCALAR
    # A boolean is taken for 0 or 1.
    return {"type": ["number", "boolean", *(["null"] if signature.allows_missing else [])]}
