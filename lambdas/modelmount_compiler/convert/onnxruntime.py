"""ONNX models are compiled already."""

import onnxruntime as ort

from modelmount_compiler.convert.graph import Graph, NotCompilable, Outputs, Value
from modelmount_compiler.convert.registry import converts


@converts(ort.InferenceSession)
def graph_of_its_own(model: ort.InferenceSession, graph: Graph, x: Value) -> Outputs:  # noqa: ARG001 (a converter)
    """Refuse: there is nothing to gain."""
    raise NotCompilable("an ONNX model is served by ONNX Runtime as it is")
