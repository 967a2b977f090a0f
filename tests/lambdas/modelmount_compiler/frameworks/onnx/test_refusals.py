"""Each refusal of an upload says its true reason; a graph that isn't corrupt isn't called so."""

from pathlib import Path
from typing import Any

import pytest
from onnx import ModelProto, TensorProto, helper

from modelmount_compiler.errors import ModelRejected
from modelmount_compiler.frameworks.onnx import loading
from tests.lambdas.modelmount_compiler.frameworks.onnx.serving import refused
from tests.lambdas.modelmount_compiler.graphs import FLOAT, graph, identity, value

X, Y = value("x", FLOAT, ["n", 2]), value("y", FLOAT, ["n", 2])


def made(
    operator: str = "Identity", *, kind: int = FLOAT, domain: str = "", **options: Any
) -> ModelProto:
    takes, gives = value("x", kind, ["n", 2]), value("y", kind, ["n", 2])
    node = helper.make_node(operator, ["x"], ["y"], domain=domain, **options)
    return graph([node], [takes], [gives])


def of_ir_version(version: int) -> ModelProto:
    model = made()
    model.ir_version = version
    return model


def of_opset(domain: str, version: int, model: ModelProto | None = None) -> ModelProto:
    model = model or made()
    for opset in list(model.opset_import):
        if opset.domain == domain:
            model.opset_import.remove(opset)
    model.opset_import.append(helper.make_opsetid(domain, version))
    return model


CASES: dict[str, tuple[ModelProto, str, str]] = {
    "IR version": (of_ir_version(99), "UNSUPPORTED_VERSION", "IR version 99, and ONNX Runtime"),
    "opset": (of_opset("", 99), "UNSUPPORTED_VERSION", "opset 99 of ai.onnx"),
    "ML opset": (
        of_opset("ai.onnx.ml", 99, made("Scaler", domain="ai.onnx.ml", offset=[0.0], scale=[1.0])),
        "UNSUPPORTED_VERSION",
        "opset 99 of ai.onnx.ml",
    ),
    "unknown operator": (made("NoSuch"), "UNSUPPORTED_OPERATOR", "no operator NoSuch in the ver"),
    "no kernel": (
        of_opset("", 22, made("Sin", kind=TensorProto.BFLOAT16)),
        "UNSUPPORTED_OPERATOR",
        "no implementation of the operator Sin, version 22",
    ),
    "training": (
        of_opset("ai.onnx.preview.training", 1, made("Adam", domain="ai.onnx.preview.training")),
        "UNSUPPORTED_OPERATOR",
        "'Adam' of the domain 'ai.onnx.preview.training', version 1: training operators",
    ),
    "custom": (
        of_opset("my.ops", 3, made("Mine", domain="my.ops")),
        "UNSUPPORTED_OPERATOR",
        "'Mine' of the domain 'my.ops', version 3: custom operators",
    ),
    "float8": (
        of_opset("", 21, made(kind=TensorProto.FLOAT8E4M3FN)),
        "UNSUPPORTED_SIGNATURE",
        "'x' is a tensor(float8e4m3fn)",
    ),
    "complex": (made(kind=TensorProto.COMPLEX64), "UNSUPPORTED_TYPE", "has no tensor(complex64)"),
    "types": (made("Not"), "INVALID_GRAPH", "'tensor(float)' of input parameter (x) of operator"),
    "inputs": (made("And"), "INVALID_GRAPH", "input size 1 not in range"),
}


@pytest.mark.parametrize("kind", CASES)
def test_the_reason_is_told(tmp_path: Path, kind: str) -> None:
    model, code, text = CASES[kind]
    error = refused(tmp_path, model)
    assert error.code == code
    assert text in str(error)
    assert not any(part in str(error) for part in (str(tmp_path), ".cc:", ".h:", "Stack trace"))


def test_what_cannot_be_parsed_is_corrupt(tmp_path: Path) -> None:
    (tmp_path / "m.onnx").write_bytes(b"no graph")
    with pytest.raises(ModelRejected) as error:
        loading.load(tmp_path / "m.onnx", "onnx")
    assert error.value.code == "CORRUPT_FILE"


def test_an_input_that_is_a_sparse_tensor_is_refused(tmp_path: Path) -> None:
    takes = helper.make_sparse_tensor_value_info("x", FLOAT, [2, 2])
    data = identity(takes, Y)
    assert refused(tmp_path, data).code in ("UNSUPPORTED_SIGNATURE", "INVALID_GRAPH")
