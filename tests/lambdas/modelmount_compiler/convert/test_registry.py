"""The way from an estimator through a file and back to the same answers."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from modelmount_compiler import converts
from modelmount_compiler.convert import registry
from modelmount_compiler.convert.graph import Graph, NotCompilable, Outputs, Value
from modelmount_compiler.convert.registry import compile_model, convert
from modelmount_compiler.frameworks import sklearn as runtime
from modelmount_compiler.program import file

X, SPECIES = load_iris(return_X_y=True)


@pytest.mark.parametrize(
    "y", [SPECIES, SPECIES == 1, np.array(["a", "bb", "ç"])[SPECIES]], ids=["int", "bool", "str"]
)
def test_a_program_in_a_file_answers_as_the_estimator(y: object, tmp_path: Path) -> None:
    estimator = make_pipeline(StandardScaler(), LogisticRegression()).fit(X, y)
    signature = runtime.describe(estimator)
    file.write(tmp_path / "compiled", compile_model(estimator, signature))
    program = file.read(tmp_path / "compiled")
    assert set(program.outputs) == set(signature.methods)
    for method in signature.methods:
        expected = getattr(estimator, method)(X)
        found = program.run(method, X)
        assert found.dtype == expected.dtype
        np.testing.assert_allclose(found, expected, rtol=1e-12) if found.dtype.kind == "f" else (
            np.testing.assert_array_equal(found, expected)
        )


def test_what_has_no_converter_is_named() -> None:
    class Own(DummyClassifier):  # type: ignore[misc]
        pass

    estimator = make_pipeline(StandardScaler(), Own()).fit(X, SPECIES)
    with pytest.raises(NotCompilable, match="Own"):
        compile_model(estimator, runtime.describe(estimator))


class Wrapper(DummyClassifier):  # type: ignore[misc]  # untyped
    """Somebody's own class, which asks the model that it wraps."""

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model


def test_a_converter_of_ones_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_converters", dict(registry._converters))

    @converts(Wrapper)
    def wrapped(model: Wrapper, graph: Graph, x: Value) -> Outputs:
        return convert(model.model, graph, x)

    inner = LogisticRegression(max_iter=500).fit(X, SPECIES)
    program = compile_model(Wrapper(inner), runtime.describe(inner))
    np.testing.assert_array_equal(program.run("predict", X), inner.predict(X))


def test_ones_own_converter_takes_the_place_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    for registered in ({}, dict(registry._converters)):
        monkeypatch.setattr(registry, "_converters", registered)
        registry._import_converters.cache_clear()

        @converts(StandardScaler)
        def refused(model: Any, graph: Graph, x: Value) -> Outputs:
            raise NotCompilable("we do it otherwise")

        scaler = StandardScaler().fit(X)
        with pytest.raises(NotCompilable, match="otherwise"):
            compile_model(scaler, runtime.describe(scaler))


FRAMEWORKS = {
    "sklearn.linear_model": ("Ridge", "sklearn.linear.linear"),
    "xgboost": ("XGBRegressor", "boosting.xgboost"),
    "lightgbm": ("LGBMRegressor", "boosting.lightgbm"),
    "catboost": ("CatBoostRegressor", "boosting.catboost"),
    "onnxruntime": ("InferenceSession", "onnxruntime"),
    "modelmount_compiler.frameworks.xgboost": ("Softprob", "boosting.xgboost"),
}
LIBRARIES = {"catboost", "lightgbm", "onnxruntime", "xgboost"}
SOURCE = """
import sys
from {module} import {cls}
from modelmount_compiler.convert import registry
registry._import_converters(registry._framework({cls}))
print({cls} in registry._converters, *sys.modules)
"""


@pytest.mark.parametrize("module", FRAMEWORKS)
def test_converters_come_with_the_framework_and_bring_no_other(root: Path, module: str) -> None:
    cls, home = FRAMEWORKS[module]
    done = subprocess.run(
        [sys.executable, "-c", SOURCE.format(module=module, cls=cls)],
        cwd=root / "lambdas",
        capture_output=True,
        text=True,
        check=True,
    )
    is_there, *loaded = done.stdout.split()
    assert is_there == "True"
    assert f"modelmount_compiler.convert.{home}" in loaded
    assert {*loaded} & LIBRARIES == {home.split(".")[-1]} & LIBRARIES
