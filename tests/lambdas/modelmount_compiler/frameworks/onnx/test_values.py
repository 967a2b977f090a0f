"""Values keep their type and all digits, or are refused with their place."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from onnx import TensorProto, helper

from modelmount_compiler.errors import InputMismatch
from tests.lambdas.modelmount_compiler.frameworks.onnx.serving import Served, floats
from tests.lambdas.modelmount_compiler.graphs import FLOAT, INT64, STRING, graph, identity, value


def same(folder: Path, kind: int, shape: Any = ("n", 2)) -> Served:
    return Served(folder, identity(value("x", kind, shape), value("y", kind, shape)))


WIDTHS = {
    **{f"INT{bits}": (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) for bits in (8, 16, 32, 64)},
    **{f"UINT{bits}": (0, 2**bits - 1) for bits in (8, 16, 32, 64)},
}


@pytest.mark.parametrize("name", WIDTHS)
@pytest.mark.parametrize("shape", [("n", 2), ("n", 1, 2)], ids=str)
def test_whole_numbers_up_to_their_ends(tmp_path: Path, name: str, shape: Any) -> None:
    served = same(tmp_path, getattr(TensorProto, name), shape)
    low, high = WIDTHS[name]
    rows: list[Any] = [[low, high], [1, 2.0], [True, 0]]
    bad: list[Any] = [[1, high + 1], [low - 1, 1], [1, 0.5], [1, None], [1, "one"], [1, 2.0**64]]
    if len(shape) == 3:
        rows, bad = [[row] for row in rows], [[row] for row in bad]
    expected = [[low, high], [1, 2], [1, 0]]
    found = served.ask(*rows)
    assert found == ([[row] for row in expected] if len(shape) == 3 else expected)
    for row in bad:
        assert served.refusal(row).field is not None


def test_ids_that_no_double_holds_stay_exact(tmp_path: Path) -> None:
    ids = [2**53 + 1, 2**61 + 3]
    assert same(tmp_path, INT64).ask(ids, [1, 2.0]) == [ids, [1, 2]]
    numbers = [2**63, 2**64 - 1]
    found = same(tmp_path, TensorProto.UINT64).ask(numbers, [1, 2])
    assert found == [numbers, [1, 2]]


def test_booleans(tmp_path: Path) -> None:
    takes = value("x", TensorProto.BOOL, ["n", 2])
    gives = value("y", TensorProto.BOOL, ["n", 2])
    served = Served(tmp_path, graph([helper.make_node("Not", ["x"], ["y"])], [takes], [gives]))
    assert served.ask([True, False], [1, 0]) == [[False, True], [False, True]]
    assert "true and false" in str(served.refusal([2, 0]))


@pytest.mark.parametrize(
    ("kind", "rounded", "largest"),
    [
        (TensorProto.FLOAT16, 0.0999755859375, 65504.0),
        (TensorProto.BFLOAT16, 0.10009765625, 3.3895313892515355e38),
        (FLOAT, 0.10000000149011612, 3.4028234663852886e38),
    ],
)
def test_small_floats_round_and_never_overflow(
    tmp_path: Path, kind: int, rounded: float, largest: float
) -> None:
    served = same(tmp_path, kind)
    assert served.ask([0.1, largest]) == [[rounded, largest]]
    assert np.isnan(served.ask([None, 1])[0][0])
    assert "largest number is" in str(served.refusal([0.1, largest * 1.01]))


def test_bfloat16_as_tensors(tmp_path: Path) -> None:
    served = same(tmp_path, TensorProto.BFLOAT16)
    assert [tensor.datatype for tensor in served.tensors.inputs] == ["BF16"]
    assert [tensor.datatype for tensor in served.tensors.outputs] == ["FP32"]
    (found,) = served.tensors_of("y", x=np.array([[1.0, -2.5]], np.float32))
    assert found.tolist() == [[1.0, -2.5]]


def test_texts_in_matrices(tmp_path: Path) -> None:
    served = same(tmp_path, STRING)
    assert served.ask(["a", "é"], ["", "01"]) == [["a", "é"], ["", "01"]]
    assert "strings" in str(served.refusal(["a", 1]))


def test_the_place_of_a_bad_value_is_told(tmp_path: Path) -> None:
    served = same(tmp_path, FLOAT, ("n", 2, 2))
    refusal = served.refusal([[1, 2], [3, 4]], [[1, 2], ["x", 4]])
    assert refusal.field == "$.instances[1][1][0]"
    assert "instances[1][1][0] is a string" in str(refusal)
    assert "different lengths" in str(served.refusal([[1, 2], [3]]))


def sequences() -> Any:
    node = helper.make_node("SequenceAt", ["s", "i"], ["y"])
    takes = [helper.make_tensor_sequence_value_info("s", FLOAT, None), value("i", INT64, [])]
    return graph([node], takes, [helper.make_tensor_value_info("y", FLOAT, None)])


def test_sequences(tmp_path: Path) -> None:
    served = Served(tmp_path, sequences())
    rows = [{"s": [[[1, 2]], [3, 4, 5]], "i": i} for i in range(2)]
    assert served.ask(*rows) == [[[1, 2]], [3, 4, 5]]
    assert "isn't a list" in str(served.refusal({"s": 1, "i": 0}))
    with pytest.raises(InputMismatch, match="isn't a tensor"):
        served.tensors_of("y", s=floats(2), i=np.array(0))


def test_sequences_as_answers(tmp_path: Path) -> None:
    node = helper.make_node("SplitToSequence", ["x"], ["y"], axis=1)
    takes = value("x", FLOAT, ["n", 2])
    made = graph([node], [takes], [helper.make_tensor_sequence_value_info("y", FLOAT, None)])
    served = Served(tmp_path, made)
    assert served.tensors.runs == "whole"
    assert served.ask([[1, 2]]) == [[[[1.0]], [[2.0]]]]


def test_optional_inputs_may_be_left_out(tmp_path: Path) -> None:
    kind = helper.make_optional_type_proto(helper.make_tensor_type_proto(FLOAT, [None, 2]))
    node = helper.make_node("OptionalHasElement", ["o"], ["y"])
    takes = [helper.make_value_info("o", kind)]
    served = Served(tmp_path, graph([node], takes, [value("y", TensorProto.BOOL, [])]))
    assert served.ask({"o": [[1, 2]]}, {"o": None}, {}) == [True, False, False]


@pytest.mark.parametrize("kind", [STRING, INT64])
def test_maps(tmp_path: Path, kind: int) -> None:
    words = {"string_vocabulary": ["a", "b"]} if kind == STRING else {"int64_vocabulary": [7, 8]}
    node = helper.make_node("DictVectorizer", ["d"], ["y"], domain="ai.onnx.ml", **words)
    takes = helper.make_value_info(
        "d", helper.make_map_type_proto(kind, helper.make_tensor_type_proto(FLOAT, None))
    )
    made = graph([node], [takes], [value("y", FLOAT, [1, 2])])
    made.opset_import.append(helper.make_opsetid("ai.onnx.ml", 1))
    served = Served(tmp_path, made)
    first, second = ("a", "b") if kind == STRING else ("7", "8")
    assert served.ask({first: 1, second: 2.5}, {second: 1}) == [[1, 2.5], [0, 1]]
    assert "numbers" in str(served.refusal({first: "x"}))
    assert "isn't an object" in str(served.refusal([1]))
    if kind == INT64:
        assert "whole numbers, written as texts" in str(served.refusal({"a": 1}))
