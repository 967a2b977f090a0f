"""Named tensors to a batch of instances, and answers to named tensors."""

from collections.abc import Mapping
from typing import Any

from modelmount_compiler.instances.batches import Batch
from modelmount_compiler.instances.json_values import to_json_values
from modelmount_compiler.signature import METHODS, Method, Signature
from serving.api.protocols import v2_records
from serving.api.protocols.tensors import Array
from serving.api.protocols.v2_messages import InferRequest, Output, RequestedOutput
from serving.api.tables import table
from serving.errors import BadRequest, SignatureMismatch
from serving.service.query import Answer


def batch(arrays: Mapping[str, Array], signature: Signature) -> Batch:
    """Return the batch: of one tensor of shape [n, k], or one of [n] or [n, 1] for each column.

    Raises:
        BadRequest, SignatureMismatch: the model doesn't take these shapes or names.
    """
    if signature.input in v2_records.NAMES:
        return v2_records.batch(arrays, signature)
    (name, first), *more = arrays.items()
    columns = signature.columns or ()
    if not more and name not in columns:
        if len(first) == 0:
            raise BadRequest("The input has no rows; send at least one.", field="$.inputs")
        return _texts(first) if signature.input == "text" else _rows(first)
    if signature.input != "frame":
        names = ", ".join(arrays)
        raise SignatureMismatch(f"The inputs are {names}; this model takes one tensor.")
    named = {name: to_json_values(_column(name, array)) for name, array in arrays.items()}
    found = table(named)
    if not len(found):
        raise BadRequest("The inputs have no rows; send at least one.", field="$.inputs")
    return found


def _rows(array: Array) -> Array:
    if array.ndim != 2:
        raise SignatureMismatch(f"The input's shape is {list(array.shape)}; it must be [n, k].")
    return array


def _column(name: str, array: Array) -> Array:
    if array.ndim == 1 or (array.ndim == 2 and array.shape[1] == 1):
        return array.reshape(-1)
    shape = list(array.shape)
    raise SignatureMismatch(f"The shape of {name!r} is {shape}; a column is [n] or [n, 1].")


def _texts(array: Array) -> list[Any]:
    if array.dtype != object:
        raise SignatureMismatch("This model takes text: send BYTES of shape [n].")
    return to_json_values(_column("the input", array))


def wanted(asked: InferRequest) -> list[tuple[Method, RequestedOutput]]:
    """List the requested outputs, each with the method that gives it.

    Raises:
        BadRequest: no method gives one of them.
    """
    default = asked.parameters.get("method", "predict")
    outputs = asked.outputs or [RequestedOutput(default if isinstance(default, str) else "")]
    return [(_method(output), output) for output in outputs]


def _method(output: RequestedOutput) -> Method:
    if "classification" in output.parameters or "shared_memory_region" in output.parameters:
        raise BadRequest("Outputs come as they are: no classification, no shared memory.")
    stem, _, part = output.name.rpartition("_")
    name = stem if part.isdecimal() else output.name
    for method in METHODS:
        if name == method:
            return method
    known = ", ".join(METHODS)
    raise BadRequest(f"There is no output {output.name!r:.200}; use {known}.", field="$.outputs")


def outputs(
    asked: InferRequest, requested: RequestedOutput, method: Method, answer: Answer
) -> list[Output]:
    """Return the tensors of a method's answer: one for each output of the model.

    Raises:
        SignatureMismatch: there is no output of this name.
    """
    is_binary = asked.is_binary(requested)
    if not _is_several(answer.result):
        if requested.name != method:
            raise SignatureMismatch(f"There is no output {requested.name!r}, but {method!r}.")
        return [Output(method, answer.result, is_binary)]
    parts = [Output(f"{method}_{i}", r, is_binary) for i, r in enumerate(answer.result)]
    found = [part for part in parts if requested.name in (method, part.name)]
    if not found:
        raise SignatureMismatch(f"There is no output {requested.name!r}.", field="$.outputs")
    return found


def _is_several(result: Any) -> bool:  # as the model gave it
    return isinstance(result, list) and bool(result) and hasattr(result[0], "dtype")
