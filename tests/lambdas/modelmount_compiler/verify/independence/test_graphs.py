"""Graphs of ONNX whose rows influence each other stay models of rows, and are told."""

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from modelmount_compiler.frameworks.runtime import import_runtime
from modelmount_compiler.independence import Independence
from modelmount_compiler.verify.independence import check, make_pool

FLOAT = TensorProto.FLOAT
node = helper.make_node


def found(folder: Path, nodes: list[onnx.NodeProto], *weights: onnx.TensorProto) -> Independence:
    """Save a graph of four numbers a row, load it, and ask it."""
    x = helper.make_tensor_value_info("x", FLOAT, ["N", 4])
    y = helper.make_tensor_value_info("y", FLOAT, ["N", None])
    graph = helper.make_graph(nodes, "g", [x], [y], list(weights))
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, folder / "model.onnx")
    runtime = import_runtime("onnx")
    loaded = runtime.load(folder / "model.onnx", "onnx")
    signature = runtime.describe(loaded)
    assert (signature.input, signature.n_features) == ("matrix", 4)
    served = runtime.Model(loaded, signature)
    return check(served, signature, make_pool(served, signature, loaded), seconds=20)


def quantized() -> tuple[list[onnx.NodeProto], list[onnx.TensorProto]]:
    """Return what dynamic quantization makes of a layer: its scale is that of the whole batch."""
    weights = np.random.default_rng(0).integers(-127, 128, (4, 3)).astype("i1")
    nodes = [
        node("DynamicQuantizeLinear", ["x"], ["q", "scale", "zero"]),
        node("MatMulInteger", ["q", "weights", "zero"], ["sums"]),
        node("Cast", ["sums"], ["floats"], to=FLOAT),
        node("Mul", ["floats", "scale"], ["y"]),
    ]
    return nodes, [numpy_helper.from_array(weights, "weights")]


def test_a_dynamically_quantized_layer_is_dependent(tmp_path: Path) -> None:
    nodes, weights = quantized()
    assert found(tmp_path, nodes, *weights).rows == "dependent"


@pytest.mark.parametrize(("axis", "rows"), [(0, "dependent"), (1, "independent")])
def test_a_softmax_is_by_its_axis(tmp_path: Path, axis: int, rows: str) -> None:
    assert found(tmp_path, [node("Softmax", ["x"], ["y"], axis=axis)]).rows == rows


def test_running_sums_over_the_batch_are_dependent(tmp_path: Path) -> None:
    zero = numpy_helper.from_array(np.array(0), "zero")
    assert found(tmp_path, [node("CumSum", ["x", "zero"], ["y"])], zero).rows == "dependent"
