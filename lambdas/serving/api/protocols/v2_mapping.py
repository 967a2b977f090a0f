"""Named tensors to a batch of instances, and answers to named tensors."""

from collections.abc import Mapping
from typing import Any

from modelmount_compiler.instances.batches import Batch, NamedTensors
from modelmount_compiler.instances.json_values import to_json_values
from modelmount_compiler.signature import METHODS, Method, Signature
from serving.api.protocols import v2_metadata, v2_records
from serving.api.protocols.tensors import Array
from serving.api.protocols.v2_messages import InferRequest, Output, RequestedOutput
from serving.api.tables import table
from serving.errors import BadRequest, SignatureMismatch
from serving.records.manifest import Description
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
            raise BadRequest("The input has no rows; send at least one.", field="$.inputs[0].shape")
        return _texts(first) if signature.input == "text" else _rows(first, signature)
    if signature.input != "frame":
        names = ", ".join(arrays)
        text = f"The inputs are {names:.500}; this model takes one tensor."
        raise SignatureMismatch(text, field="$.inputs")
    named = {
        name: to_json_values(_column(name, array, f"$.inputs[{i}].shape"))
        for i, (name, array) in enumerate(arrays.items())
    }
    found = table(named)
    if not len(found):
        raise BadRequest("The inputs have no rows; send at least one.", field="$.inputs")
    return found


def _rows(array: Array, signature: Signature) -> Array | list[Any]:
    width = signature.n_features
    if array.ndim != 2 or width not in (None, array.shape[1]):
        wanted = "k" if width is None else width
        text = f"The input's shape is {list(array.shape)}; this model takes [n, {wanted}]."
        raise SignatureMismatch(text, field="$.inputs[0].shape")
    # Python's own values: texts, and integers beside null, of which no array of numbers is made.
    return array.tolist() if array.dtype == object else array


def _column(name: str, array: Array, field: str) -> Array:
    if array.ndim == 1 or (array.ndim == 2 and array.shape[1] == 1):
        return array.reshape(-1)
    text = f"The shape of {name!r} is {list(array.shape)}; a column is [n] or [n, 1]."
    raise SignatureMismatch(text, field=field)


def _texts(array: Array) -> list[Any]:
    if array.dtype != object:
        text = "This model takes text: send BYTES of shape [n]."
        raise SignatureMismatch(text, field="$.inputs[0].datatype")
    return to_json_values(_column("the input", array, "$.inputs[0].shape"))


def tensors(
    asked: InferRequest, arrays: dict[str, Array], signature: Signature
) -> NamedTensors | None:
    """Return the inputs as they are, where they and the wanted outputs are those of a graph.

    Returns:
        None where the request is for instances, as other models take them.
    """
    if not v2_metadata.is_graph(signature) or signature.tensors is None:
        return None
    known = [output.name for output in signature.tensors.outputs]
    wanted = [output.name for output in asked.outputs or ()] or known
    is_own = arrays.keys() <= {tensor.name for tensor in signature.tensors.inputs}
    if signature.input != "tensors" and not (
        is_own and set(wanted) <= set(known) and asked.parameter("method") is None
    ):
        return None
    for i, name in enumerate(wanted):
        if name not in known:
            text = f"There is no output {name!r:.200}; this model has {', '.join(known):.500}."
            raise BadRequest(text, field=f"$.outputs[{i}].name")
    return NamedTensors(arrays, tuple(wanted))


def wanted(asked: InferRequest, signature: Signature) -> list[tuple[Method, RequestedOutput]]:
    """List the requested outputs, all of the model where none are named, each with its method.

    Raises:
        BadRequest: no method gives one of them.
    """
    if asked.outputs:
        outputs = enumerate(asked.outputs)
        return [(_method(output, f"$.outputs[{i}]"), output) for i, output in outputs]
    default = asked.parameter("method")
    if default is None:
        return [(method, RequestedOutput(method)) for method in signature.methods]
    output = RequestedOutput(default if isinstance(default, str) else "")
    return [(_method(output, "$.parameters.method"), output)]


def _method(output: RequestedOutput, field: str) -> Method:
    parameters = output.parameters or {}
    if "classification" in parameters or "shared_memory_region" in parameters:
        text = "Outputs come as they are: no classification, no shared memory."
        raise BadRequest(text, field=f"{field}.parameters")
    stem, _, part = output.name.rpartition("_")
    name = stem if part.isdecimal() else output.name
    for method in METHODS:
        if name == method:
            return method
    known = ", ".join(METHODS)
    raise BadRequest(f"There is no output {output.name!r:.200}; use {known}.", field=field)


def outputs(
    asked: InferRequest, requested: RequestedOutput, method: Method, answer: Answer
) -> list[Output]:
    """Return the tensors of a method's answer: one for each output of the model.

    Raises:
        SignatureMismatch: there is no output of this name.
    """
    is_binary = asked.is_binary(requested)
    promised = _promised(answer.manifest.description)
    if not _is_several(answer.result):
        if requested.name != method:
            text = f"There is no output {requested.name!r:.200}, but {method!r}."
            raise SignatureMismatch(text, field="$.outputs")
        return [Output(method, answer.result, is_binary, promised.get(method, ""))]
    named = {f"{method}_{i}": result for i, result in enumerate(answer.result)}
    parts = [Output(n, r, is_binary, promised.get(n, "")) for n, r in named.items()]
    found = [part for part in parts if requested.name in (method, part.name)]
    if not found:
        text = f"There is no output {requested.name!r:.200}."
        raise SignatureMismatch(text, field="$.outputs")
    return found


def graph_outputs(asked: InferRequest, given: NamedTensors, answer: Answer) -> list[Output]:
    """Return the outputs of a graph, each in the form in which it is wanted."""
    forms = {output.name: output for output in asked.outputs or ()}
    return [
        Output(name, result, asked.is_binary(forms.get(name, RequestedOutput(name))))
        for name, result in zip(given.outputs, answer.result, strict=True)
    ]


def _promised(description: Description) -> dict[str, str]:
    return {output.name: output.datatype for output in description.outputs}


def _is_several(result: Any) -> bool:  # as the model gave it
    return isinstance(result, list) and bool(result) and hasattr(result[0], "dtype")
