"""The API's OpenAPI document, whole and for one model. `python -m openapi` writes the file."""

import functools
import json
from pathlib import Path
from typing import Any

from modelmount_compiler.signature import Signature
from serving.records.manifest import Manifest

FILE = Path(__file__).with_name("openapi.json")
# Forms of instances by the names of columns.
NAMED = ("columns", "index", "data", "inputs", "dataframe_split", "dataframe_records")
SCALAR: dict[str, Any] = {"type": ["number", "string", "boolean", "null"]}


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
    if signature.columns is None:
        for name in NAMED:
            del request["properties"][name]
        del request["oneOf"]
        request["required"] = ["model", "instances"]
    return found


def instance(signature: Signature) -> dict[str, Any]:
    """Return the JSON schema of one instance: https://json-schema.org/draft/2020-12."""
    if signature.input == "text":
        return {"type": "string"}
    row: dict[str, Any] = {"type": "array", "items": _value(signature)}
    width = len(signature.columns) if signature.columns else signature.n_features
    if width is not None:
        row.update(minItems=width, maxItems=width)
    if signature.columns is None:
        return row
    record = {
        "type": "object",
        "properties": dict.fromkeys(signature.columns, _value(signature)),
        "required": list(signature.columns),
        "additionalProperties": False,
    }
    return {"anyOf": [record, row]}


def _value(signature: Signature) -> dict[str, Any]:
    if signature.dtype == "any" or signature.input == "frame":
        return SCALAR
    # A boolean is taken for 0 or 1.
    return {"type": ["number", "boolean", *(["null"] if signature.allows_missing else [])]}
