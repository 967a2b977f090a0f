"""What an instance is to graphs of every shape, and that no answer is wrong in silence."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from onnx import helper, numpy_helper

from modelmount_compiler.errors import InputMismatch, ModelRejected
from modelmount_compiler.frameworks.onnx.description import widths
from tests.lambdas.modelmount_compiler.frameworks.onnx.serving import Served, floats, refused
from tests.lambdas.modelmount_compiler.graphs import (
    DOUBLE,
    FLOAT,
    INT64,
    STRING,
    graph,
    identity,
    value,
)

INT32 = 6


def node(operator: str, takes: str, gives: str, **options: Any) -> Any:
    return helper.make_node(operator, takes.split(), gives.split(), **options)


def constant(name: str, array: Any) -> Any:
    return numpy_helper.from_array(np.asarray(array), name)


def one(operator: str, takes: Any, gives: Any, *constants: Any, **options: Any) -> Any:
    names = " ".join([takes.name, *(each.name for each in constants)])
    return graph([node(operator, names, gives.name, **options)], [takes], [gives], *constants)


@pytest.mark.parametrize("batch", ["n", None, 1])
@pytest.mark.parametrize("shape", [(3, 4, 4), (2, 30)], ids=str)
def test_images_and_sounds(tmp_path: Path, batch: Any, shape: tuple[int, ...]) -> None:
    gives = value("y", FLOAT, [batch, shape[0], *(1 for _ in shape[1:])])
    served = Served(tmp_path, one("GlobalAveragePool", value("x", FLOAT, [batch, *shape]), gives))
    x = floats(2, *shape)
    expected = x.mean(axis=tuple(range(2, x.ndim)), keepdims=True)
    assert served.tensors.runs == ("row" if batch == 1 else "batch")
    np.testing.assert_allclose(served.ask(*x.tolist()), expected, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(served.ask({"x": x[0].tolist()}), expected[:1], rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(served.tensors_of("y", x=x)[0], expected, rtol=1e-4, atol=1e-6)
    text = str(served.refusal([1.0, 2.0]))
    assert "instances[0] has the shape [2]" in text
    assert f"takes {list(shape)}." in text


def test_a_batch_fixed_at_one_is_asked_row_by_row(tmp_path: Path) -> None:
    takes, gives = value("x", FLOAT, [1, 3]), value("y", FLOAT, [1, 3])
    served = Served(tmp_path, identity(takes, gives))
    assert served.signature.input == "matrix"
    assert served.signature.n_features == 3
    assert served.ask([1, 2, 3], [4, 5, 6]) == [[1, 2, 3], [4, 5, 6]]
    assert served.tensors_of("y", x=floats(4, 3))[0].shape == (4, 3)
    assert "takes 3" in str(served.refusal([1]))


def test_a_length_of_one_inside_the_graph_is_asked_row_by_row(tmp_path: Path) -> None:
    shape, weights = constant("s", [1, 6]), constant("w", floats(6, 4))
    nodes = [node("Reshape", "x s", "r"), node("MatMul", "r w", "y")]
    takes, gives = value("x", FLOAT, ["n", 2, 3]), value("y", FLOAT, ["n", 4])
    served = Served(tmp_path, graph(nodes, [takes], [gives], shape, weights))
    x = floats(3, 2, 3)
    expected = x.reshape(3, 6) @ floats(6, 4)
    np.testing.assert_allclose(served.ask(*x.tolist()), expected, rtol=1e-4)
    np.testing.assert_allclose(served.tensors_of("y", x=x)[0], expected, rtol=1e-4)


def silero(named: bool) -> Any:
    """Return a graph like silero-vad's: sound, a state that it updates, and a sampling rate."""
    batch, samples = ("batch", "samples") if named else (None, None)
    nodes = [
        node("Cast", "sr", "rate", to=FLOAT),
        node("MatMul", "input wi", "a"),
        node("ReduceSum", "state zero", "s", keepdims=0),
        node("Add", "a s", "h"),
        node("Tanh", "h", "t"),
        node("MatMul", "t wo", "o"),
        node("Div", "o rate", "d"),
        node("Sigmoid", "d", "output"),
        node("Unsqueeze", "t zero", "u"),
        node("Add", "state u", "stateN"),
    ]
    takes = [
        value("input", FLOAT, [batch, samples]),
        value("state", FLOAT, [2, batch, 8]),
        value("sr", INT64, []),
    ]
    gives = [value("output", FLOAT, [batch, 1]), value("stateN", FLOAT, [2, batch, 8])]
    weights = [constant("wi", floats(64, 8)), constant("wo", floats(8, 1))]
    return graph(nodes, takes, gives, *weights, constant("zero", [0]))


@pytest.mark.parametrize("named", [True, False])
def test_state_and_scalars(tmp_path: Path, named: bool) -> None:
    served = Served(tmp_path, silero(named))
    assert served.tensors.runs == "row"
    assert [tensor.batch_axis for tensor in served.tensors.inputs] == [0, 1, None]
    x, state = floats(3, 64), floats(2, 3, 8)
    rows = [
        {"input": x[i].tolist(), "state": state[:, i].tolist(), "sr": 16 if i else 8}
        for i in range(3)
    ]
    for i, found in enumerate(served.ask(*rows)):
        own = served.own(input=x[i : i + 1], state=state[:, i : i + 1], sr=np.array(16 if i else 8))
        np.testing.assert_allclose(found["output"], own[0][0], rtol=1e-6)
        np.testing.assert_allclose(found["stateN"], own[1][:, 0], rtol=1e-6)
        again = {"input": [rows[i]["input"]], "state": state[:, i : i + 1].tolist(), "sr": 16}
        assert np.shape(served.ask(again)[0]["stateN"]) == (2, 8)
    outputs = served.tensors_of("stateN", "output", input=x, state=state, sr=np.array(16))
    assert [output.shape for output in outputs] == [(2, 3, 8), (3, 1)]
    assert "lacks 'state'" in str(served.refusal({"input": rows[0]["input"], "sr": 16}))
    assert "has unknown 'stat'" in str(served.refusal(rows[0] | {"stat": 1}))
    assert "instances[0] isn't an object" in str(served.refusal(rows[0]["input"]))


def test_several_matrices_of_unequal_width(tmp_path: Path) -> None:
    takes = [value("a", FLOAT, ["n", 3]), value("b", INT64, ["n", 2])]
    nodes = [node("Cast", "b", "c", to=FLOAT), node("Concat", "a c", "y", axis=1)]
    served = Served(tmp_path, graph(nodes, takes, [value("y", FLOAT, ["n", 5])]))
    rows = [{"b": [4, 5], "a": [1, 2, 3]}, {"a": [0, 0, 1], "b": [1, 0]}]
    assert served.ask(*rows) == [[1, 2, 3, 4, 5], [0, 0, 1, 1, 0]]
    assert "instances[0].b has the shape [3]" in str(served.refusal(rows[0] | {"b": [1, 2, 3]}))
    refusal = served.refusal(rows[1], rows[0] | {"b": [1, 0.5]})
    assert str(refusal).endswith("instances[1].b[1] is 0.5.")
    assert refusal.field == "$.instances[1].b[1]"


WHOLE = {
    "turned": one(
        "Transpose", value("x", FLOAT, ["n", 2]), value("y", FLOAT, [2, "n"]), perm=[1, 0]
    ),
    "one number": one("ReduceSum", value("x", FLOAT, ["n", 2]), value("y", FLOAT, []), keepdims=0),
    "one row": one("ReduceSum", value("x", FLOAT, ["n", 2]), value("y", FLOAT, [1, 1])),
}


@pytest.mark.parametrize("kind", WHOLE)
def test_where_no_axis_counts_instances_one_is_a_whole_input(tmp_path: Path, kind: str) -> None:
    served = Served(tmp_path, WHOLE[kind])
    assert served.tensors.runs == "whole"
    inputs = [floats(3, 2, seed=seed) for seed in range(2)]
    for found, x in zip(served.ask(*(x.tolist() for x in inputs)), inputs, strict=True):
        np.testing.assert_allclose(found, served.own(x=x)[0], rtol=1e-6)
        np.testing.assert_allclose(served.tensors_of("y", x=x)[0], served.own(x=x)[0], rtol=1e-6)
    text = str(served.refusal([1.0, 2.0]))
    assert "takes [any, 2]: it has no axis that counts instances" in text


def test_rows_that_influence_each_other_are_rows(tmp_path: Path) -> None:
    """They are answered together; how they do is found when the model is asked in company."""
    takes, gives = value("x", FLOAT, ["n", 2]), value("y", FLOAT, ["n", 2])
    served = Served(tmp_path, one("Softmax", takes, gives, axis=0))
    assert (served.signature.input, served.tensors.runs) == ("matrix", "batch")
    x = floats(3, 2)
    np.testing.assert_allclose(served.ask(*x.tolist()), served.own(x=x)[0], rtol=1e-6)


def test_texts_that_are_counted_are_one_instance(tmp_path: Path) -> None:
    served = Served(tmp_path, one("Size", value("x", STRING, ["n"]), value("y", INT64, [])))
    assert served.ask(["a", "b"], ["c"]) == [2, 1]
    assert "whole input" in str(served.refusal("a"))


def test_a_graph_without_inputs_answers_empty_objects(tmp_path: Path) -> None:
    made = node("Constant", "", "y", value=constant("c", floats(2)))
    made.input[:] = []
    served = Served(tmp_path, graph([made], [], [value("y", FLOAT, [2])]))
    assert served.ask({}, {}) == [floats(2).tolist()] * 2
    assert "isn't an object" in str(served.refusal([1]))


def test_numbers_one_by_one(tmp_path: Path) -> None:
    served = Served(tmp_path, identity(value("x", DOUBLE, ["n"]), value("y", DOUBLE, ["n"])))
    assert served.ask(1, 0.1, None)[:2] == [1.0, 0.1]


def test_a_batch_of_several_outputs_answers_objects(tmp_path: Path) -> None:
    nodes = [node("Relu", "x", "up"), node("Neg", "x", "down")]
    shape = ["n", 2]
    gives = [value("up", FLOAT, shape), value("down", FLOAT, shape)]
    served = Served(tmp_path, graph(nodes, [value("x", FLOAT, shape)], gives))
    assert served.ask([1, -2], [3, 4]) == [
        {"up": [1, 0], "down": [-1, 2]},
        {"up": [3, 4], "down": [-3, -4]},
    ]
    assert [a.tolist() for a in served.tensors_of("down", x=floats(1, 2))] == [
        (-floats(1, 2)).tolist()
    ]


@pytest.mark.parametrize("shape", [[None, None], ["unk__1", "unk__2"]], ids=str)
@pytest.mark.parametrize("operator", ["Sub", "MatMul", "LinearRegressor", "Scaler"])
def test_a_width_is_learned_and_never_broadcast(
    tmp_path: Path, operator: str, shape: list[Any]
) -> None:
    takes, gives = value("x", FLOAT, shape), value("y", FLOAT, [None, None])
    options: dict[str, Any] = {}
    if operator == "Sub":
        nodes = [node("Sub", "x c", "y")]
        constants = [constant("c", floats(65))]
    elif operator == "MatMul":
        nodes, constants = [node("MatMul", "x c", "y")], [constant("c", floats(65, 4))]
    elif operator == "Scaler":
        options = {"offset": [0.5] * 65, "scale": [2.0] * 65}
        nodes, constants = [node("Scaler", "x", "y", domain="ai.onnx.ml", **options)], []
    else:
        options = {"coefficients": [1.0] * 65, "intercepts": [0.0]}
        nodes, constants = [node(operator, "x", "y", domain="ai.onnx.ml", **options)], []
    made = graph(nodes, [takes], [gives], *constants)
    made.opset_import.append(helper.make_opsetid("ai.onnx.ml", 3))
    served = Served(tmp_path, made)
    assert served.signature.n_features == 65
    x = floats(2, 65)
    np.testing.assert_allclose(
        np.reshape(served.ask(*x.tolist()), served.own(x=x)[0].shape), served.own(x=x)[0], rtol=1e-5
    )
    for width in (1, 2, 64, 66):
        assert "takes 65" in str(served.refusal([1.0] * width))


def test_a_length_between_others_is_learned(tmp_path: Path) -> None:
    nodes = [
        node("Conv", "x w", "c", kernel_shape=[3]),
        node("Flatten", "c", "f"),
        node("MatMul", "f m", "y"),
    ]
    takes, gives = value("x", FLOAT, [None, 2, None]), value("y", FLOAT, [None, 4])
    weights = [constant("w", floats(5, 2, 3)), constant("m", floats(90, 4))]
    served = Served(tmp_path, graph(nodes, [takes], [gives], *weights))
    assert served.tensors.inputs[0].shape == (-1, 2, 20)
    assert np.shape(served.ask(*floats(3, 2, 20).tolist())) == (3, 4)
    assert "takes [2, 20]" in str(served.refusal(floats(2, 19).tolist()))


@pytest.mark.parametrize("axes", [("batch", "tokens"), (None, None)], ids=str)
def test_axes_that_have_to_be_equal_stay_free(tmp_path: Path, axes: tuple[Any, Any]) -> None:
    takes = [value("ids", INT64, axes), value("mask", INT64, axes), value("kinds", INT64, axes)]
    nodes = [node("Mul", "ids mask", "m"), node("Add", "m kinds", "y")]
    served = Served(tmp_path, graph(nodes, takes, [value("y", INT64, axes)]))
    assert [tensor.shape for tensor in served.tensors.inputs] == [(-1, -1)] * 3
    row = {"ids": [1, 2, 3], "mask": [1, 1, 0], "kinds": [5, 5, 5]}
    short = {"ids": [1], "mask": [1], "kinds": [0]}
    assert served.ask(row) == [[6, 7, 5]]
    assert served.ask(row, short) == [[6, 7, 5], [1]]
    # The graph itself would repeat the shorter one.
    assert "'mask' has the length 1 and 'ids' 3" in str(served.refusal(row | {"mask": [1]}))
    arrays = {"ids": np.ones((2, 3), "i8"), "mask": np.ones((2, 1), "i8")}
    with pytest.raises(InputMismatch, match="have to be equal"):
        served.tensors_of("y", kinds=arrays["ids"], **arrays)


def test_rows_of_any_length_are_asked_one_by_one_where_they_differ(tmp_path: Path) -> None:
    nodes = [
        node("Gather", "e ids", "g"),
        node("ReduceMean", "g", "y", axes=[1], keepdims=0),
    ]
    takes, gives = value("ids", INT64, ["batch", "tokens"]), value("y", FLOAT, ["batch", 3])
    made = graph(nodes, [takes], [gives], constant("e", floats(50, 3)))
    made.opset_import[0].version = 17
    served = Served(tmp_path, made)
    assert served.signature.n_features is None
    e = floats(50, 3)
    for rows in ([[1, 2, 3], [4, 5, 6]], [[7]]):
        expected = [e[row].mean(axis=0) for row in rows]
        np.testing.assert_allclose(served.ask(*rows), expected, rtol=1e-5)
    assert "out of data bounds" in str(served.refusal([50]))


def test_a_width_that_is_repeated_or_one_of_several_is_refused() -> None:
    with pytest.raises(ModelRejected, match="answers rows of 8, 16 values") as error:
        widths._meant([1, 8, 16], reads_a_part=False)
    assert error.value.code == "UNSUPPORTED_SIGNATURE"
    assert widths._meant([8, 16], reads_a_part=False) is None
    assert widths._meant([1, 2, 3, 4], reads_a_part=False) is None
    assert widths._meant([1, 2, 3, 4], reads_a_part=True) == 4
    assert widths._meant([1, 8], reads_a_part=False) == 8


def test_magika(tmp_path: Path) -> None:
    nodes = [
        node("Cast", "bytes", "f", to=FLOAT),
        node("MatMul", "f w", "z"),
        node("Softmax", "z", "target_label"),
    ]
    takes = value("bytes", INT32, ["batch", 4096])
    gives = value("target_label", FLOAT, ["batch", 113])
    weights = floats(4096, 113) / 2000
    served = Served(tmp_path, graph(nodes, [takes], [gives], constant("w", weights)))
    x = np.random.default_rng(0).integers(0, 257, (3, 4096), dtype=np.int32)
    np.testing.assert_allclose(served.ask(*x.tolist()), served.own(bytes=x)[0], rtol=1e-5)
    (found,) = served.tensors_of("target_label", bytes=x)
    assert found.dtype == np.float32
    assert found.shape == (3, 113)
    assert (served.tensors.inputs[0].datatype, served.tensors.outputs[0].shape) == (
        "INT32",
        (-1, 113),
    )


def test_a_graph_without_outputs_is_refused(tmp_path: Path) -> None:
    error = refused(tmp_path, graph([], [value("x", FLOAT, ["n"])], []))
    assert error.code == "INVALID_GRAPH"
    assert "no outputs" in str(error)
