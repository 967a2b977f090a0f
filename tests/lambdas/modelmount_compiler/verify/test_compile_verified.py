"""From an estimator to a file, or to a reason."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from modelmount_compiler.compilation import Compilation
from modelmount_compiler.frameworks import sklearn as runtime
from modelmount_compiler.frameworks.program_model import ProgramModel
from modelmount_compiler.program import Node, Program, file
from modelmount_compiler.program.operations.linear import linear_models
from modelmount_compiler.program.operations.outputs import labels
from modelmount_compiler.verify import compile_verified
from modelmount_compiler.verify.verifier import Reference
from serving.records import codec

X, SPECIES = load_iris(return_X_y=True)
NAMES = np.array(["setosa", "versicolor", "ç"])[SPECIES]


class Unknown(DummyClassifier):  # type: ignore[misc]  # untyped
    """A class that nobody wrote a converter for."""


def compiled_to(target: Path, estimator: Any, **options: Any) -> Compilation:
    signature = runtime.describe(estimator)
    reference = Reference(estimator, signature, runtime.Model(estimator, signature))
    return compile_verified.compile_to(target, reference, **{"seconds": 60.0, **options})


def pipeline() -> Any:
    return make_pipeline(StandardScaler(), LogisticRegression()).fit(X, NAMES)


def test_a_good_model_leaves_its_file_and_figures(tmp_path: Path) -> None:
    estimator = pipeline()
    found = compiled_to(tmp_path / "compiled", estimator)
    assert (found.file, found.reason) == ("compiled", None)
    assert {proof.method for proof in found.methods} == set(runtime.describe(estimator).methods)
    for proof in found.methods:
        assert proof.reason is None
        assert proof.flips == 0
        assert proof.probes >= 4096
        assert proof.largest_difference <= proof.bound == 1e-9
        assert {timing.rows for timing in proof.timings} >= {1, 100}
    assert found.compiled_bytes == (tmp_path / "compiled").stat().st_size
    assert 0 < found.seconds < found.seconds_allowed
    assert [path.name for path in tmp_path.iterdir()] == ["compiled"]
    assert codec.decode(Compilation, codec.encode(found)) == found


def test_what_is_left_serves(tmp_path: Path) -> None:
    estimator = pipeline()
    found = compiled_to(tmp_path / "compiled", estimator)
    assert found.covers("predict", len(X))
    program = file.read(tmp_path / "compiled")
    model = ProgramModel(program, runtime.describe(estimator))
    assert model.infer(X.tolist(), "predict") == estimator.predict(X).tolist()


def test_no_converter_is_a_reason(tmp_path: Path) -> None:
    found = compiled_to(tmp_path / "compiled", Unknown().fit(X, SPECIES))
    assert found.file is None
    assert "Unknown" in str(found.reason)
    assert list(tmp_path.iterdir()) == []


def test_a_wrong_program_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    estimator = LogisticRegression(max_iter=500).fit(X, SPECIES)
    monkeypatch.setattr(compile_verified, "compile_model", lambda model, _: shifted(model, 1e-3))
    found = compiled_to(tmp_path / "compiled", estimator)
    assert found.file is None
    assert "decision_function: for [" in str(found.reason)
    assert list(tmp_path.iterdir()) == []


def test_the_methods_that_are_right_are_offered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    estimator = LogisticRegression(max_iter=500).fit(X, SPECIES)
    # What is added to all scores alike changes the scores, and not which one is highest.
    monkeypatch.setattr(
        compile_verified, "compile_model", lambda model, _: shifted(model, 2.0**-20, "predict")
    )
    found = compiled_to(tmp_path / "compiled", estimator)
    offered = {proof.method for proof in found.methods if proof.reason is None}
    assert offered == {"predict"}
    assert not found.covers("decision_function", 1)
    assert set(file.read(tmp_path / "compiled").outputs) >= offered


def shifted(model: LogisticRegression, by: float, *right: str) -> Program:
    """Return a program whose scores are off; methods named are right."""
    good = linear_models.Affine(np.ascontiguousarray(model.coef_.T), model.intercept_)
    bad = linear_models.Affine(np.ascontiguousarray(model.coef_.T), model.intercept_ + by)
    nodes = [Node(good, (0,)), Node(bad, (0,)), Node(labels.Highest(model.classes_), (1,))]
    return Program(nodes, {"decision_function": 2, **({"predict": 3} if right else {})})


def test_draws_follow_the_seed(tmp_path: Path) -> None:
    figures = [
        [(p.probes, p.refused) for p in compiled_to(tmp_path / "c", pipeline(), seed=s).methods]
        for s in (1, 1)
    ]
    assert figures[0] == figures[1]
