"""Graphs whose work a caller's number decides, foreign operators and files: refused."""

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from onnx import helper

from modelmount_compiler.errors import ModelRejected
from modelmount_compiler.frameworks.soundness import onnx_graph
from tests.lambdas.modelmount_compiler.graphs import FLOAT, INT64, graph, product, value

X, OUT = value("x", FLOAT, ["n", 1]), value("y", FLOAT, ["n", 1])


def node(operator: str, takes: str, gives: str, **options: Any) -> Any:
    return helper.make_node(operator, takes.split(","), gives.split(","), **options)


def number(name: str, *values: int) -> Any:
    return helper.make_tensor(name, INT64, [len(values)], values)


def scalar(name: str, at: int) -> Any:
    return helper.make_tensor(name, INT64, [], [at])


CALLERS = [node("Cast", "x", "i", to=INT64), node("Reshape", "i,flat", "s")]
FLAT = number("flat", -1)


def check(model: Any) -> None:
    onnx_graph.check(model.SerializeToString(), Path("/nowhere"))


def refused(model: Any, code: str = "UNSUPPORTED_GRAPH") -> str:
    with pytest.raises(ModelRejected) as error:
        check(model)
    assert error.value.code == code
    return str(error.value)


BY_A_NUMBER = {
    "ConstantOfShape": node("ConstantOfShape", "s", "z"),
    "Expand": node("Expand", "x,s", "z"),
    "Tile": node("Tile", "x,s", "z"),
    "Range": node("Range", "zero,s,one", "z"),
    "Resize": node("Resize", "x,,,s", "z"),
    "Pad": node("Pad", "x,s", "z"),
    "OneHot": node("OneHot", "i,s,ends", "z"),
    "HannWindow": node("HannWindow", "s", "z"),
}


@pytest.mark.parametrize("operator", BY_A_NUMBER)
def test_sizes_by_callers_numbers(operator: str) -> None:
    nodes = [*CALLERS, BY_A_NUMBER[operator], node("Identity", "x", "y")]
    assert operator in refused(graph(nodes, [X], [OUT], FLAT))
    # The order of nodes in the file doesn't matter to ONNX Runtime.
    assert operator in refused(graph(nodes[::-1], [X], [OUT], FLAT))


def test_sizes_by_the_shape_of_the_input_pass() -> None:
    nodes = [node("Shape", "x", "s"), node("ConstantOfShape", "s", "z"), node("Add", "x,z", "y")]
    check(graph(nodes, [X], [OUT]))


def loop(most: str, *constants: Any, inner: list[Any] | None = None) -> Any:
    body = helper.make_graph(
        [node("Identity", "c", "co"), *(inner or [node("Sin", "v", "vo")])],
        "body",
        [value("k", INT64, []), value("c", 9, []), value("v", FLOAT, ["n", 1])],
        [value("co", 9, []), value("vo", FLOAT, ["n", 1])],
    )
    turning = helper.make_node("Loop", [most, "", "x"], ["y"], body=body)
    return graph([*CALLERS, turning], [X], [OUT], FLAT, *constants)


def test_loops() -> None:
    check(loop("few", scalar("few", 10)))
    assert "turns as often" in refused(loop("s"))
    assert "without a largest number" in refused(loop(""))
    assert "1,000,000,000 turns" in refused(loop("many", scalar("many", 10**9)))


def test_loops_in_loops() -> None:
    within = loop("some", scalar("some", 1000)).graph.node[-1]
    within.input[2], within.output[0] = "v", "vo"
    check(loop("some", scalar("some", 10), scalar("few", 100), inner=[_turning(within)]))
    many = loop("some", scalar("some", 1000), scalar("few", 1000), inner=[_turning(within)])
    assert "Loop of 1,000 turns" in refused(many)


def _turning(within: Any) -> Any:
    copied = onnx.NodeProto()
    copied.CopyFrom(within)
    body = copied.attribute[0].g
    for name in ("k", "c", "v", "co", "vo"):
        _rename(body, name, f"{name}_in")
    copied.input[0] = "few"
    body.name = "inner"
    return copied


def _rename(body: Any, name: str, to: str) -> None:
    for each in (*body.input, *body.output):
        if each.name == name:
            each.name = to
    for made in body.node:
        made.input[:] = [to if one == name else one for one in made.input]
        made.output[:] = [to if one == name else one for one in made.output]


@pytest.mark.parametrize(
    ("domain", "kind"),
    [
        ("evil.com", "custom"),
        ("com.microsoft", "ONNX Runtime's own"),
        ("ai.onnx.preview.training", "training"),
        ("ai.onnx.preview", "preview"),
    ],
)
def test_foreign_operators(domain: str, kind: str) -> None:
    made = graph([node("Foo", "x", "y", domain=domain)], [X], [OUT])
    made.opset_import.append(helper.make_opsetid(domain, 3))
    text = refused(made, "UNSUPPORTED_OPERATOR")
    assert f"'Foo' of the domain '{domain}', version 3" in text
    assert f"{kind} operators aren't taken" in text


def test_a_function_of_the_model_is_followed() -> None:
    function = helper.make_function(
        "its.own", "Fill", ["a"], ["b"], [node("ConstantOfShape", "a", "b")],
        [helper.make_opsetid("", 18)],
    )  # fmt: skip
    made = graph([*CALLERS, node("Fill", "s", "y", domain="its.own")], [X], [OUT], FLAT)
    made.functions.append(function)
    assert "ConstantOfShape" in refused(made)
    function.domain = ""
    made = graph([node("Identity", "x", "y")], [X], [OUT])
    made.functions.append(function)
    assert "redefines" in refused(made)


@pytest.mark.parametrize(
    "at", ["../w.bin", "/etc/hostname", "nope.bin", "/dev/zero", "/proc/self/environ", "", "."]
)
def test_weights_elsewhere(at: str, tmp_path: Path) -> None:
    (tmp_path.parent / "w.bin").write_bytes(bytes(64))
    with pytest.raises(ModelRejected, match="isn't a file beside the model"):
        onnx_graph.check(product(np.eye(2), at=at), tmp_path)


def test_weights_behind_a_link(tmp_path: Path) -> None:
    (tmp_path / "w.bin").symlink_to("/etc/hostname")
    with pytest.raises(ModelRejected, match="beside the model"):
        onnx_graph.check(product(np.eye(2), at="w.bin"), tmp_path)


def test_weights_beside_the_model(tmp_path: Path) -> None:
    (tmp_path / "w.bin").write_bytes(np.eye(2).tobytes())
    onnx_graph.check(product(np.eye(2), at="w.bin"), tmp_path)
    (tmp_path / "w.bin").write_bytes(bytes(8))
    with pytest.raises(ModelRejected, match="of its file"):
        onnx_graph.check(product(np.eye(2), at="w.bin"), tmp_path)


def test_tensors_of_another_size_than_they_claim() -> None:
    made = onnx.load_model_from_string(product(np.eye(2)))
    made.graph.initializer[0].dims[0] = 2**40
    assert "shape" in refused(made) or "bytes" in refused(made)


def test_two_graphs_which_a_parser_would_merge() -> None:
    data = graph([node("Identity", "x", "y")], [X], [OUT]).SerializeToString()
    with pytest.raises(ModelRejected, match="given 2 times"):
        onnx_graph.check(data + data, Path("/nowhere"))
