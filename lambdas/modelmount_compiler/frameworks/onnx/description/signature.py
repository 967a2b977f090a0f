"""Reads the signature of an ONNX graph.

| an input's shape, without the axis that counts instances | an instance                       |
|-----------------------------------------------------------|-----------------------------------|
| (k,), numbers or strings                                  | a list of k values                |
| () or (1,), strings                                       | a string                          |
| several of () or (1,)                                     | an object of values by input name |
| anything else                                             | nested lists, or an object of     |
|                                                           | such by input name                |
"""

from dataclasses import replace
from typing import Literal

import onnxruntime as ort

from modelmount_compiler.column_types import FLOAT, ColumnType
from modelmount_compiler.frameworks.onnx import element_types, methods, shapes
from modelmount_compiler.frameworks.onnx.description import nodes, widths
from modelmount_compiler.frameworks.onnx.description.trial import Trial
from modelmount_compiler.frameworks.onnx.graph_facts import GraphFacts
from modelmount_compiler.frameworks.onnx.session import Session
from modelmount_compiler.frameworks.onnx.shapes import FREE
from modelmount_compiler.signature import Signature
from modelmount_compiler.tensors import Tensor, Tensors

NO_FACTS = b""
Kind = Literal["matrix", "frame", "text", "tensors"]


def describe(loaded: ort.InferenceSession) -> Signature:
    """Read the signature from the graph, which is also asked about made-up rows.

    Raises:
        ModelRejected: its inputs or outputs aren't supported.
    """
    facts = GraphFacts.of(loaded) or GraphFacts(NO_FACTS)
    found = nodes.read(loaded, facts.names_without_rank)
    tensors = nodes.candidate(found)
    trial = Trial(Session(loaded), {}, facts.strings)
    tensors, trial = widths.learn(trial, found, tensors, facts)
    tensors = trial.with_shapes(trial.settle(tensors))
    signature = of(tensors)
    return replace(signature, classes=_classes(signature, trial))


def of(tensors: Tensors) -> Signature:
    """Return the signature of a graph with these tensors."""
    inputs = tensors.inputs
    kind = _kind(tensors)
    width = _width(kind, inputs)
    is_number = kind in ("matrix", "frame") and not any(
        tensor.datatype in (element_types.TEXT, *element_types.LONG) for tensor in inputs
    )
    return Signature(
        input=kind,
        dtype="number" if is_number else "any",
        n_features=width,
        columns=tuple(tensor.name for tensor in inputs) if kind == "frame" else None,
        allows_missing=any(tensor.datatype in element_types.FLOATS for tensor in inputs),
        methods=tuple(methods.outputs(tensors)),
        column_types=None if is_number else _column_types(kind, inputs, width),
        tensors=tensors,
    )


def _width(kind: Kind, inputs: tuple[Tensor, ...]) -> int | None:
    """Return how many values an instance has, where that is known."""
    if kind == "frame":
        return len(inputs)
    shape = inputs[0].shape if kind == "matrix" else None
    return shape[-1] if shape and shape[-1] != FREE else None


def _column_types(
    kind: Kind, inputs: tuple[Tensor, ...], width: int | None
) -> tuple[ColumnType, ...] | None:
    """Return what each column holds, where there are columns."""
    if kind == "frame":
        return tuple(_column_type(tensor.datatype) for tensor in inputs)
    if kind == "matrix" and width is not None:
        return (_column_type(inputs[0].datatype),) * width
    return None


def _column_type(datatype: str) -> ColumnType:
    if datatype in element_types.FLOATS:
        return FLOAT
    if datatype == element_types.TEXT:
        return ColumnType("string", "object", null="refused")
    if datatype == "BOOL":
        return ColumnType("boolean", "bool", null="refused")
    return ColumnType("integer", datatype.lower(), null="refused")


def _kind(tensors: Tensors) -> Kind:
    if tensors.runs == "whole" or any(t.form != "tensor" for t in tensors.inputs):
        return "tensors"
    rows = [shapes.row_shape(tensor) for tensor in tensors.inputs]
    if len(rows) > 1:
        is_frame = all(
            row in ((), (1,)) and tensor.batch_axis == 0 and not tensor.is_optional
            for row, tensor in zip(rows, tensors.inputs, strict=True)
        )
        return "frame" if is_frame else "tensors"
    if tensors.inputs[0].datatype == element_types.TEXT and rows[0] in ((), (1,)):
        return "text"
    return "matrix" if len(rows[0] or ()) == 1 else "tensors"


def _classes(signature: Signature, trial: Trial) -> list[object] | None:
    """Return the labels that maps of probabilities name."""
    tensors = signature.tensors
    if tensors is None or "predict_proba" not in signature.methods:
        return None
    name = methods.outputs(tensors)["predict_proba"][0]
    place = [tensor.name for tensor in tensors.outputs].index(name)
    if tensors.outputs[place].form != "maps":
        return None
    found = next((answers[place] for _, answers in trial.answers(tensors, 1)), None)
    return sorted(found[0]) if found else None
