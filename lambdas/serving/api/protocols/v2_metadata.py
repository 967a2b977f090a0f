"""Metadata of the server and of models, as the Open Inference Protocol has it."""

from typing import Any

from modelmount_compiler.column_types import ColumnType
from modelmount_compiler.instances.datatypes import BYTES
from modelmount_compiler.signature import Method, Signature
from modelmount_compiler.tensors import Tensor
from serving.api.protocols import v2_records
from serving.records.manifest import Description, Manifest

SERVER = {
    "name": "modelmount",
    "version": "1",
    "extensions": ["binary_tensor_data", "model_repository"],
}
# States of the index: a model that can be asked is READY, in memory or not.
BINARY = 2  # classes, whose margins are one number a row, as those of outlier detectors
STATES = {"ready": "READY", "pending": "LOADING"}


def describe(manifest: Manifest, versions: list[str]) -> dict[str, Any]:
    """Return a model's metadata."""
    description = manifest.description
    return {
        "name": manifest.model,
        "versions": versions,
        "platform": f"{description.runtime}_{description.format}",
        "inputs": inputs(description.signature),
        "outputs": outputs(description),
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


def is_graph(signature: Signature) -> bool:
    """Whether the model's own inputs and outputs are all tensors, which are then told as such."""
    own = signature.tensors
    return own is not None and _are_told(own.inputs) and _are_told(own.outputs)


def _are_told(tensors: tuple[Tensor, ...]) -> bool:
    return all(tensor.form == "tensor" and tensor.datatype for tensor in tensors)


def inputs(signature: Signature) -> list[dict[str, Any]]:
    """Return the inputs of a graph; or one tensor, or one for each named column."""
    if signature.tensors is not None and _are_told(signature.tensors.inputs):
        return [_own(tensor) for tensor in signature.tensors.inputs]
    number = "FP64" if signature.dtype == "number" else BYTES
    if signature.input == "text":
        return [_tensor("text", BYTES, [-1])]
    if signature.input in v2_records.NAMES:
        return [_tensor(v2_records.NAMES[signature.input], BYTES, [-1])]
    if signature.columns is not None:
        types = signature.column_types
        told = [_of(column) for column in types] if types else [number] * len(signature.columns)
        columns = zip(signature.columns, told, strict=True)
        return [_tensor(name, datatype, [-1, 1]) for name, datatype in columns]
    kinds = {_of(column) for column in signature.column_types or ()}
    datatype = kinds.pop() if len(kinds) == 1 else number
    return [_tensor("input", datatype, [-1, signature.n_features or -1])]


def _of(column: ColumnType) -> str:
    """Return the datatype of a column; BYTES for texts, and for what is written as text."""
    return {"float": "FP64", "integer": "INT64", "boolean": "BOOL"}.get(column.kind, BYTES)


def _own(tensor: Tensor) -> dict[str, Any]:
    return _tensor(tensor.name, tensor.datatype, list(tensor.shape or [-1]))


def outputs(description: Description) -> list[dict[str, Any]]:
    """Return the outputs of a graph; or the tensors of every method, as they were observed.

    Records from before outputs were observed tell what the signature does.
    """
    signature = description.signature
    if signature.tensors is not None and is_graph(signature):
        return [_own(tensor) for tensor in signature.tensors.outputs]
    if description.outputs:
        return [_own(tensor) for tensor in description.outputs]
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
    if method == "decision_function" and not is_several and len(classes or ()) <= BINARY:
        return [_tensor(method, "FP64", [-1])]
    width = len(classes) if method == "predict_proba" and classes else -1
    return [_tensor(method, "FP64", [-1, width])]


def _datatype(labels: list[Any] | None) -> str:
    kinds = {type(label) for label in labels or [0.0]}
    known = {bool: "BOOL", int: "INT64", float: "FP64"}
    return known.get(kinds.pop(), BYTES) if len(kinds) == 1 else BYTES


def _tensor(name: str, datatype: str, shape: list[int]) -> dict[str, Any]:
    return {"name": name, "datatype": datatype, "shape": shape}
