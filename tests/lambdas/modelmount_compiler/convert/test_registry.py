"""The way from an estimator through a file and back to the same answers."""

from pathlib import Path

import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.dummy import DummyClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from modelmount_compiler.convert.graph import NotCompilable
from modelmount_compiler.convert.registry import compile_model
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
