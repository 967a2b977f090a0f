"""Time, memory and size of answers are bounded for every session, whatever its graph."""

import resource
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from onnx import helper

from modelmount_compiler.errors import InputMismatch
from modelmount_compiler.frameworks import onnx as runtime
from modelmount_compiler.frameworks.onnx import bounds
from tests.lambdas.modelmount_compiler.frameworks.soundness.test_onnx_graph import (
    CALLERS,
    FLAT,
    OUT,
    X,
    loop,
    node,
)
from tests.lambdas.modelmount_compiler.graphs import FLOAT, graph, product, value


def served(folder: Path, model: Any) -> runtime.Model:
    path = folder / "m.onnx"
    path.write_bytes(model if isinstance(model, bytes) else model.SerializeToString())
    loaded = runtime.load(path, "onnx")
    return runtime.Model(loaded, runtime.describe(loaded))


def test_an_endless_run_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "MOST_SECONDS", 0.5)
    made = loop("m")  # which an upload would be refused for
    made.graph.node.insert(1, helper.make_node("ReduceMax", ["i"], ["m"], keepdims=0))
    model = served(tmp_path, made)
    assert len(model.infer([[3.0]], "predict")) == 1
    started = time.monotonic()
    with pytest.raises(InputMismatch, match="took longer than"):
        model.infer([[1e15]], "predict")
    assert time.monotonic() - started < 10
    assert len(model.infer([[3.0]], "predict")) == 1


def test_memory_by_a_callers_number_is_refused(tmp_path: Path) -> None:
    nodes = [
        *CALLERS,
        node("ConstantOfShape", "s", "z"),
        helper.make_node("ReduceSum", ["z"], ["t"], keepdims=0),
        node("Add", "x,t", "y"),
    ]
    model = served(tmp_path, graph(nodes, [X], [OUT], FLAT))
    with pytest.raises(InputMismatch, match="Available memory") as error:
        model.infer([[1e12]], "predict")
    assert "onnxruntime_src" not in str(error.value)
    assert ".cc" not in str(error.value)
    assert len(model.infer([[1.0]], "predict")) == 1


@pytest.mark.parametrize("shape", [[None, 3000], [None, None]])
def test_an_answer_that_is_too_large_is_not_asked_for(tmp_path: Path, shape: list[Any]) -> None:
    weights = helper.make_tensor("w", FLOAT, [1, 3000], np.zeros(3000, np.float32))
    gives = value("y", FLOAT, shape)
    model = served(tmp_path, graph([node("MatMul", "x,w", "y")], [X], [gives], weights))
    assert len(model.infer([[1.0]] * 3, "predict")) == 3
    with pytest.raises(InputMismatch, match=r"3,000 numbers .* up to 1,333 instances"):
        model.infer([[1.0]] * 1334, "predict")


def test_runs_are_forgotten(tmp_path: Path) -> None:
    model = served(tmp_path, product(np.eye(2)))
    for _ in range(3):
        model.infer([[1.0, 2.0]], "predict")
    assert bounds.RUNS._running == {}


def test_memory_follows_the_limit_of_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    no_limit = (resource.RLIM_INFINITY,) * 2
    monkeypatch.setattr(resource, "getrlimit", lambda _: no_limit)
    monkeypatch.setenv(bounds.MEMORY_VARIABLE, "1000")
    assert bounds.memory_bytes() == 750 * 2**20
    monkeypatch.setattr(resource, "getrlimit", lambda _: (2**30, 2**30))
    assert bounds.memory_bytes() == 768 * 2**20
