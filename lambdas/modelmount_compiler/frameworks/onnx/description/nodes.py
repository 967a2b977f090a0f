"""Reads the inputs and outputs of a graph, and finds the axes that may count instances."""

from dataclasses import replace
from typing import NamedTuple

import onnxruntime as ort

from modelmount_compiler.errors import ModelRejected
from modelmount_compiler.frameworks.onnx import element_types
from modelmount_compiler.frameworks.onnx.shapes import FREE
from modelmount_compiler.tensors import Tensor, Tensors


class Nodes(NamedTuple):
    """Inputs and outputs, with the names that the graph gives to free axes.

    Attributes:
        symbols: for each name of an input, the names of its axes; None for a fixed axis, and for
            a free one without a name.
    """

    inputs: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]
    symbols: dict[str, list[str | None]]


def read(session: ort.InferenceSession, without_rank: set[str]) -> Nodes:
    """Read the nodes of a session.

    Args:
        without_rank: names of tensors whose rank the graph leaves open.

    Raises:
        ModelRejected: JSON can't carry one of them.
    """
    takes, gives = session.get_inputs(), session.get_outputs()
    inputs = tuple(_tensor(node, "input", without_rank) for node in takes)
    outputs = tuple(_tensor(node, "output", without_rank) for node in gives)
    if not outputs:
        raise ModelRejected("UNSUPPORTED_SIGNATURE", "The graph has no outputs.")
    symbols = {
        node.name: [size if isinstance(size, str) else None for size in node.shape]
        for node in takes
    }
    return Nodes(inputs, outputs, symbols)


def candidate(nodes: Nodes) -> Tensors:
    """Return what a run may answer, by the inputs' shapes: the trial shows whether it's so."""
    inputs = nodes.inputs
    if len(inputs) == 1 and inputs[0].form == "map":
        return Tensors(inputs, nodes.outputs, "row")
    batched = [tensor for tensor in inputs if tensor.form == "tensor" and tensor.shape]
    if not batched or (batched[0].shape or ())[0] not in (FREE, 1):
        return Tensors(inputs, nodes.outputs, "whole")
    axes = {tensor.name: _batch_axis(tensor, nodes, batched[0]) for tensor in batched}
    placed = tuple(replace(tensor, batch_axis=axes.get(tensor.name)) for tensor in inputs)
    if any(map(_may_be_of_axes, placed)):
        return Tensors(inputs, nodes.outputs, "whole")
    is_batch = all(
        tensor.shape and tensor.shape[0] == FREE and tensor.batch_axis == 0
        for tensor in placed
        if not tensor.is_optional
    )
    has_optional = any(tensor.is_optional for tensor in inputs)
    return Tensors(placed, nodes.outputs, "batch" if is_batch and not has_optional else "row")


def _may_be_of_axes(tensor: Tensor) -> bool:
    """Whether an input may say how an axis of others is cut or turned, or holds several tensors."""
    if tensor.form != "tensor":
        return True
    is_vector = tensor.shape is None or len(tensor.shape) > 0
    return tensor.batch_axis is None and is_vector and tensor.datatype in element_types.INTEGERS


def _batch_axis(tensor: Tensor, nodes: Nodes, first: Tensor) -> int | None:
    """Return the axis that counts instances if axis 0 of the first input does."""
    shape, names = tensor.shape or (), nodes.symbols[tensor.name]
    counted = nodes.symbols[first.name][0]
    if tensor is first:
        return 0
    if counted and any(names):
        return names.index(counted) if counted in names else None
    if shape[0] in (FREE, 1):
        return 0
    free = [axis for axis, size in enumerate(shape) if size == FREE]
    return free[0] if len(free) == 1 else None


def _tensor(node: ort.NodeArg, what: str, without_rank: set[str]) -> Tensor:
    found = element_types.parse(node.type)
    if found is None:
        raise ModelRejected(
            "UNSUPPORTED_SIGNATURE",
            f"The {what} {node.name!r} is a {node.type}; tensors of booleans, whole numbers, "
            "floats (16 to 64 bits) and strings are taken, sequences of them, and maps to numbers. "
            "Export the model with another type.",
        )
    shape = tuple(size if isinstance(size, int) and size >= 0 else FREE for size in node.shape)
    is_open = node.name in without_rank or (found.form == "tensor" and found.is_optional)
    unknown = found.form != "tensor" or (is_open and not shape)
    datatype = found.datatype
    if what == "output" and datatype == "BF16":
        datatype = "FP32"  # as which it is answered
    return Tensor(
        name=node.name,
        datatype=datatype,
        shape=None if unknown else shape,
        form=found.form,
        is_optional=found.is_optional,
        symbols=() if unknown else tuple(_symbol(size) for size in node.shape),
    )


def _symbol(size: object) -> str:
    return size if isinstance(size, str) else ""
