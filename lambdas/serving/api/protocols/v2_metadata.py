"""Metadata of the server and of models, as the Open Inference Protocol has it."""

from typing import Any

from modelmount_compiler.signature import Method, Signature
from serving.api.protocols import v2_records
from serving.records.manifest import Manifest

SERVER = {
    "name": "modelmount",
    "version": "1",
    "extensions": ["binary_tensor_data", "model_repository"],
}
# States of the index: a model that can be asked is READY, in memory or not.
STATES = {"ready": "READY", "pending": "LOADING"}


def describe(manifest: Manifest, versions: list[str]) -> dict[str, Any]:
    """Return a model's metadata."""
    description = manifest.description
    return {
        "name": manifest.model,
        "versions": versions,
        "platform": f"{description.runtime}_{description.format}",
        "inputs": inputs(description.signature),
        "outputs": outputs(description.signature),
    }


def entry(model: dict[str, Any]) -> dict[str, Any]:
    """Return a line of the index from one of `Service.list_models`."""
    state = STATES.get(model["state"], "UNAVAILABLE")
    reason = "" if state == "READY" else f"{model['state']}: GET /models/{{model}} tells more"
    return {
        "name": model["model"],
        "version": model["current"] or "",
        "state": state,
        "reason": reason,
    }


def inputs(signature: Signature) -> list[dict[str, Any]]:
    """Return one tensor, or one for each named column; BYTES where any values are taken."""
    number = "FP64" if signature.dtype == "number" else "BYTES"
    if signature.input == "text":
        return [_tensor("text", "BYTES", [-1])]
    if signature.input in v2_records.NAMES:
        return [_tensor(v2_records.NAMES[signature.input], "BYTES", [-1])]
    if signature.columns is not None:
        return [_tensor(name, number, [-1, 1]) for name in signature.columns]
    return [_tensor("input", number, [-1, signature.n_features or -1])]


def outputs(signature: Signature) -> list[dict[str, Any]]:
    """Return the tensors of every method; the datatype of labels is known where classes are."""
    return [tensor for method in signature.methods for tensor in _outputs(method, signature)]


def _outputs(method: Method, signature: Signature) -> list[dict[str, Any]]:
    classes = signature.classes
    is_several = bool(classes) and isinstance(classes[0], list)
    if method == "predict":
        labels = [label for part in classes for label in part] if is_several else classes
        shape = [-1, len(classes)] if is_several else [-1]
        return [_tensor(method, _datatype(labels), shape)]
    if method == "predict_proba" and is_several:
        several = enumerate(classes)
        return [_tensor(f"{method}_{i}", "FP64", [-1, len(part)]) for i, part in several]
    width = len(classes) if method == "predict_proba" and classes else -1
    return [_tensor(method, "FP64", [-1, width])]


def _datatype(labels: list[Any] | None) -> str:
    kinds = {type(label) for label in labels or [0.0]}
    known = {bool: "BOOL", int: "INT64", float: "FP64"}
    return known.get(kinds.pop(), "BYTES") if len(kinds) == 1 else "BYTES"


def _tensor(name: str, datatype: str, shape: list[int]) -> dict[str, Any]:
    return {"name": name, "datatype": datatype, "shape": shape}
