"""No model on a network file system stays mapped.

The file can be deleted on another machine, which would end this process: `tests/nfs` shows it.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
from catboost import CatBoostClassifier
from lightgbm import LGBMClassifier
from onnx import StringStringEntryProto, TensorProto, helper, save_model
from onnx.numpy_helper import from_array
from sklearn.neighbors import KNeighborsClassifier
from skops import io as skops
from xgboost import XGBClassifier

from modelmount_compiler.frameworks.onnx import external_weights
from modelmount_compiler.frameworks.runtime import import_runtime
from modelmount_compiler.program import Node, Program, file
from modelmount_compiler.program.operations.linear.linear_models import Projection
from modelmount_compiler.program.safetensors import MAPPED_BYTES
from tests.lambdas.modelmount_compiler.graphs import FLOAT, INT64, graph, value

MAPS = Path("/proc/self/maps")
X = np.random.default_rng(0).normal(size=(60, 3))
Y = (X[:, 0] > 0).astype(int)
QUIET: Any = {"verbose": 0, "allow_writing_files": False}
LARGE = 65 * 1024 * 1024


def save_neighbours(path: Path) -> None:
    many = np.zeros((LARGE // 24, 3))
    joblib.dump(KNeighborsClassifier(algorithm="brute").fit(many, many[:, 0].astype(int)), path)


def save_table(path: Path) -> None:
    """Write a graph that looks rows up in a table, which lies in a file of its own.

    ONNX Runtime keeps such a table as it is, where it takes a matrix to multiply by apart.
    """
    table = from_array(np.arange(40_000, dtype="f4").reshape(-1, 4), "table")
    takes, gives = value("x", INT64, [None]), value("y", FLOAT, [None, 4])
    nodes = [helper.make_node("Gather", ["table", "x"], ["y"])]
    at: Any = {"save_as_external_data": True, "location": "table.bin", "size_threshold": 0}
    save_model(graph(nodes, [takes], [gives], table), path, **at)


def boosted(estimator: LGBMClassifier) -> Any:
    return estimator.fit(X, Y).booster_


SAVE: dict[str, Callable[[Path], Any]] = {
    "joblib": save_neighbours,
    "skops": lambda path: skops.dump(KNeighborsClassifier().fit(X, Y), path),
    "ubj": lambda path: XGBClassifier(n_estimators=3).fit(X, Y).save_model(path),
    "txt": lambda path: boosted(LGBMClassifier(n_estimators=3, verbose=-1)).save_model(path),
    "cbm": lambda path: CatBoostClassifier(3, **QUIET).fit(X, Y).save_model(str(path)),
    "onnx": save_table,
}


@pytest.mark.skipif(not MAPS.exists(), reason="only Linux tells what a process has mapped")
@pytest.mark.parametrize(
    ("runtime", "kind"),
    [
        ("sklearn", "joblib"),
        ("sklearn", "skops"),
        ("xgboost", "ubj"),
        ("lightgbm", "txt"),
        ("catboost", "cbm"),
        ("onnx", "onnx"),
    ],
)
def test_a_loaded_model_is_not_mapped(runtime: str, kind: str, tmp_path: Path) -> None:
    path = tmp_path / f"model.{kind}"
    SAVE[kind](path)
    loaded = import_runtime(runtime).load(path, kind)
    assert str(tmp_path) not in MAPS.read_text()
    assert loaded is not None


def test_weights_that_were_read_answer(tmp_path: Path) -> None:
    save_table(tmp_path / "model.onnx")
    session = import_runtime("onnx").load(tmp_path / "model.onnx", "onnx")
    (tmp_path / "table.bin").unlink()
    (found,) = session.run(None, {"x": np.array([9_999])})
    assert found.tolist() == [[39_996.0, 39_997.0, 39_998.0, 39_999.0]]


@pytest.mark.parametrize("before", range(0, 130, 13))
def test_names_are_found_wherever_they_lie_in_a_graph(
    before: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(external_weights, "CHUNK", 64)
    long = "w" * 150  # its length takes two bytes
    for name in (long, "b"):
        (tmp_path / name).write_bytes(name.encode())
    entries = (StringStringEntryProto(key="location", value=name) for name in (long, "b", "none"))
    parts = [TensorProto(external_data=[entry]).SerializeToString() for entry in entries]
    (tmp_path / "graph").write_bytes(b"\0" * before + b"\0".join(parts))
    assert external_weights.read(tmp_path / "graph") == {"b": b"b", long: long.encode()}


@pytest.mark.skipif(not MAPS.exists(), reason="only Linux tells what a process has mapped")
@pytest.mark.parametrize(("major", "is_mapped"), [(0, False), (259, True)])
def test_a_compiled_form_is_mapped_on_a_disk_of_this_machine_alone(
    major: int, is_mapped: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "major", lambda device: major)
    path = tmp_path / "compiled.safetensors"
    weights = np.ones((8, MAPPED_BYTES // 64 + 1))
    file.write(path, Program([Node(Projection(weights), (0,))], {"transform": 1}))
    program = file.read(path)
    assert (str(path) in MAPS.read_text()) == is_mapped
    assert program.run("transform", np.ones((1, 8)))[0, -1] == 8
