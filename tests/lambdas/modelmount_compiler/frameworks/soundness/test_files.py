"""Damaged files of the boosting libraries, which are checked before the libraries read them."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xgboost

from modelmount_compiler.errors import ModelRejected
from modelmount_compiler.frameworks.soundness import checks, flatbuffers, ubjson
from tests.fuzz.native import bases

pytestmark = pytest.mark.slow


def refused(folder: Path, name: str, data: bytes) -> str:
    path = folder / name
    path.write_bytes(data)
    runtime = {"json": "xgboost", "ubj": "xgboost", "txt": "lightgbm", "cbm": "catboost"}
    with pytest.raises(ModelRejected) as error:
        checks.check_file(path, runtime[path.suffix[1:]])
    assert error.value.code == "CORRUPT_FILE"
    return str(error.value)


@pytest.mark.parametrize("kind", ["json", "ubj", "txt", "cbm"])
def test_whole_files_pass(tmp_path: Path, kind: str) -> None:
    for data in bases.files(kind):
        path = tmp_path / f"m.{kind}"
        path.write_bytes(data)
        checks.check_file(path, {"txt": "lightgbm", "cbm": "catboost"}.get(kind, "xgboost"))


@pytest.mark.parametrize("kind", ["json", "ubj", "txt", "cbm"])
def test_files_that_end_early(tmp_path: Path, kind: str) -> None:
    for data in bases.files(kind):
        for end in (20, len(data) // 6, len(data) // 3):
            refused(tmp_path, f"m.{kind}", data[:end])


def _tree(model: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = model["learner"]["gradient_booster"]["model"]["trees"][0]
    return found


def _learner(name: str, value: str) -> Callable[[dict[str, Any]], None]:
    return lambda model: model["learner"]["learner_model_param"].__setitem__(name, value)


def _entry(name: str, index: int, value: Any) -> Callable[[dict[str, Any]], None]:
    return lambda model: _tree(model)[name].__setitem__(index, value)


XGBOOST: dict[str, Callable[[dict[str, Any]], object]] = {
    "column": _entry("split_indices", 0, 500_000_000),
    "negative column": _entry("split_indices", 0, -1),
    "child": _entry("left_children", 0, 10**6),
    "cycle": _entry("right_children", 0, 0),
    "twice": lambda model: _entry("right_children", 0, _tree(model)["left_children"][0])(model),
    "no number": _entry("left_children", 0, "1"),
    "length": lambda model: _tree(model)["split_conditions"].pop(),
    "columns": _learner("num_feature", "1"),
    "targets": lambda model: model["learner"]["gradient_booster"]["model"]["tree_info"].__setitem__(
        0, 3
    ),
    "rounds": lambda model: model["learner"]["gradient_booster"]["model"][
        "iteration_indptr"
    ].__setitem__(1, 99),
    "best round": lambda model: model["learner"]["attributes"].__setitem__("best_iteration", "99"),
    "trees": lambda model: model["learner"]["gradient_booster"]["model"]["trees"].pop(),
}


@pytest.mark.parametrize("name", XGBOOST)
def test_xgboost(tmp_path: Path, name: str) -> None:
    model = json.loads(bases.files("json")[0])
    XGBOOST[name](model)
    refused(tmp_path, "m.json", json.dumps(model).encode())


def test_xgboost_categories(tmp_path: Path) -> None:
    for name in ("categories_segments", "categories_sizes", "categories_nodes"):
        model = json.loads(bases.files("json")[3])
        trees = model["learner"]["gradient_booster"]["model"]["trees"]
        next(tree for tree in trees if tree["categories"])[name][0] = 10**6
        refused(tmp_path, "m.json", json.dumps(model).encode())


def test_xgboost_leaves_of_several_outputs(tmp_path: Path) -> None:
    model = json.loads(bases.files("json")[2])
    tree = _tree(model)
    tree["right_children"][tree["left_children"].index(-1)] = 10**6
    assert "weights of a leaf" in refused(tmp_path, "m.json", json.dumps(model).encode())


def test_a_name_given_twice(tmp_path: Path) -> None:
    data = bases.files("json")[0]
    told = refused(tmp_path, "m.json", data.replace(b'"learner":', b'"learner":{},"learner":', 1))
    assert "twice" in told


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("right_child", "0 -2 -3 -4"),
        ("left_child", "99 1 2 3"),
        ("left_child", "-99 1 2 3"),
        ("split_feature", "4 0 0 0"),
        ("split_feature", "-1 0 0 0"),
        ("num_leaves", "9"),
        ("num_leaves", "1000000000"),
        ("leaf_value", "1 2"),
        ("leaf_value", "x"),
        ("max_feature_idx", "0"),
        ("num_class", "7"),
        ("tree_sizes", "1 2 3"),
        ("num_tree_per_iteration", "0"),
    ],
)
def test_lightgbm(tmp_path: Path, line: str, value: str) -> None:
    text = bases.files("txt")[0].decode()
    changed = re.sub(rf"^{line}=.*$", f"{line}={value}", text, count=1, flags=re.MULTILINE)
    if line not in ("tree_sizes", "max_feature_idx", "num_class", "num_tree_per_iteration"):
        changed = re.sub(r"^tree_sizes=.*\n", "", changed, flags=re.MULTILINE)
    assert changed != text
    refused(tmp_path, "m.txt", changed.encode())


def test_lightgbm_classes_of_the_objective(tmp_path: Path) -> None:
    text = bases.files("txt")[1]
    refused(tmp_path, "m.txt", text.replace(b"num_class:3", b"num_class:3000", 1))


def test_catboost_numbers(tmp_path: Path) -> None:
    """Each aligned number is made large; what still passes is no place, size or index."""
    data, found = bases.files("cbm")[0], 0
    core = flatbuffers.root(data[8:]).table(1)
    assert core is not None
    splits = core.numbers(1, "<i4").tobytes()
    at = data.index(splits)
    for value in (10**6, -1):
        changed = data[:at] + value.to_bytes(4, "little", signed=True) + data[at + 4 :]
        assert "a split" in refused(tmp_path, "m.cbm", changed)
        found += 1
    assert found == 2


def test_ubjson_is_read_as_xgboost_writes_it() -> None:
    for index, data in enumerate(bases.files("ubj")):
        booster = xgboost.Booster(model_file=bytearray(data))
        expected = json.loads(bytes(booster.save_raw("json")))
        found = ubjson.loads(data)
        assert found["learner"]["learner_model_param"].keys() == (
            expected["learner"]["learner_model_param"].keys()
        )
        if index == 0:
            tree, other = _tree(found), _tree(expected)
            np.testing.assert_array_equal(tree["left_children"], other["left_children"])
            np.testing.assert_allclose(tree["split_conditions"], other["split_conditions"], 1e-6)


@pytest.mark.parametrize("data", [b"", b"{", b"[$l#L" + b"\x7f" * 8, b"[" * 500, b"{L\xff", b"x"])
def test_what_is_no_ubjson(data: bytes) -> None:
    with pytest.raises(ValueError, match="it"):
        ubjson.loads(data)
