from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort
import pandas as pd
import pytest
from onnx import helper
from sklearn.cluster import KMeans
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from modelmount_compiler.convert.graph import NotCompilable
from modelmount_compiler.convert.registry import compile_model
from modelmount_compiler.errors import InputMismatch, ModelRejected
from modelmount_compiler.frameworks import onnx as runtime
from modelmount_compiler.frameworks.onnx import loading
from modelmount_compiler.signature import Signature
from tests.lambdas.modelmount_compiler.graphs import (
    DOUBLE,
    FLOAT,
    INT64,
    STRING,
    converted,
    graph,
    identity,
    product,
    value,
)

RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 3))
Y = np.where(X[:, 0] > 0, "yes", "no")


def floats(width: int | None = 3) -> list[Any]:
    from skl2onnx.common.data_types import FloatTensorType  # noqa: PLC0415 (its import warns)

    return [("x", FloatTensorType([None, width]))]


def served(folder: Path, data: bytes) -> tuple[runtime.Model, Signature]:
    path = folder / "model.onnx"
    path.write_bytes(data)
    loaded = runtime.load(path, "onnx")
    signature = runtime.describe(loaded)
    return runtime.Model(loaded, signature), signature


def refused(folder: Path, data: bytes) -> ModelRejected:
    with pytest.raises(ModelRejected) as error:
        served(folder, data)
    return error.value


@pytest.mark.parametrize("zipmap", [True, False])
def test_a_classifier_gives_labels_and_probabilities(tmp_path: Path, zipmap: bool) -> None:
    original = LogisticRegression().fit(X, Y)
    model, signature = served(tmp_path, converted(original, floats(), zipmap=zipmap))
    assert signature.methods == ("predict", "predict_proba")
    assert signature.n_features == 3
    assert signature.classes == (["no", "yes"] if zipmap else None)
    assert model.infer(X.tolist(), "predict") == original.predict(X).tolist()
    found = model.infer(X.tolist(), "predict_proba")
    np.testing.assert_allclose(found, original.predict_proba(X), rtol=1e-4)


def test_a_regressor_gives_a_number_for_each_row(tmp_path: Path) -> None:
    model, signature = served(tmp_path, product([[1.0], [2.0], [4.0]]))
    assert signature.methods == ("predict",)
    assert model.infer([[1, 2, 3], [0.5, 0, 0]], "predict") == [17.0, 0.5]
    fitted = LinearRegression().fit(X, X[:, 0])
    model, _ = served(tmp_path, converted(fitted, floats()))
    np.testing.assert_allclose(model.infer(X.tolist(), "predict"), X[:, 0], atol=1e-5)


def test_doubles_stay_doubles(tmp_path: Path) -> None:
    model, _ = served(tmp_path, product(np.eye(2)))
    assert model.infer([[0.1, 1 / 3]], "predict") == [[0.1, 1 / 3]]


def test_scores_that_are_no_probabilities_are_no_probabilities(tmp_path: Path) -> None:
    original = KMeans(2, random_state=0).fit(X)
    model, signature = served(tmp_path, converted(original, floats()))
    assert signature.methods == ("predict",)
    assert model.infer(X.tolist(), "predict") == original.predict(X).tolist()


def test_columns_of_several_types_go_by_name(tmp_path: Path) -> None:
    from skl2onnx.common.data_types import (  # noqa: PLC0415 (its import warns)
        FloatTensorType,
        StringTensorType,
    )

    frame = pd.DataFrame({"age": X[:, 0], "town": ["Åbo", "Oulu"] * 30})
    pipeline = make_pipeline(
        make_column_transformer((OneHotEncoder(), ["town"]), remainder="passthrough"),
        LogisticRegression(),
    ).fit(frame, Y)
    types = [("age", FloatTensorType([None, 1])), ("town", StringTensorType([None, 1]))]
    model, signature = served(tmp_path, converted(pipeline, types))
    assert signature.input == "frame"
    assert signature.columns == ("age", "town")
    rows = [{"town": town, "age": age} for age, town in frame.itertuples(index=False)]
    assert model.infer(rows, "predict") == pipeline.predict(frame).tolist()
    assert len(model.infer(rows[:1], "predict_proba")[0]) == 2
    for bad, what in (({"age": "one", "town": "Oulu"}, "age.*numbers"), ([1, 2], "town.*strings")):
        with pytest.raises(InputMismatch, match=what):
            model.infer([bad], "predict")
    with pytest.raises(InputMismatch, match="Unknown Category"):
        model.infer([[1.0, "Vaasa"]], "predict")


def test_texts(tmp_path: Path) -> None:
    for shape in ([None], [None, 1]):
        data = identity(value("t", STRING, shape), value("u", STRING, shape))
        model, signature = served(tmp_path, data)
        assert signature.input == "text"
        assert model.infer(["ça", ""], "predict") == ["ça", ""]


def test_whole_numbers_are_taken_whole(tmp_path: Path) -> None:
    shape = [None, 2]
    model, signature = served(
        tmp_path, identity(value("x", INT64, shape), value("y", INT64, shape))
    )
    assert not signature.allows_missing
    assert model.infer([[1, 2.0]], "predict") == [[1, 2]]
    for bad in (0.5, 2.0**60, 1e300):
        with pytest.raises(InputMismatch, match="whole number"):
            model.infer([[1, bad]], "predict")


def test_missing_values_are_nan(tmp_path: Path) -> None:
    shape = [None, 2]
    model, _ = served(tmp_path, identity(value("x", FLOAT, shape), value("y", FLOAT, shape)))
    assert np.isnan(model.infer([[None, 1]], "predict")[0][0])
    with pytest.raises(InputMismatch, match="FP32, whose largest number is"):
        model.infer([[1e300, 1]], "predict")


def test_weights_beside_the_model_are_loaded_and_others_are_not(tmp_path: Path) -> None:
    weights = np.array([[1.0], [2.0]])
    folder = tmp_path / "version"
    folder.mkdir()
    (folder / "weights.bin").write_bytes(weights.tobytes())
    (tmp_path / "outside.bin").write_bytes(weights.tobytes())
    model, _ = served(folder, product(weights, at="weights.bin"))
    assert model.infer([[1, 1]], "predict") == [3.0]
    for at in ("../outside.bin", str(tmp_path / "outside.bin"), "nowhere.bin"):
        error = refused(folder, product(weights, at=at))
        assert error.code == "MISSING_FILE"
        assert "beside the model" in str(error)
        assert str(tmp_path) not in str(error)


def test_what_onnx_runtime_cannot_load_is_refused(tmp_path: Path) -> None:
    node = helper.make_node("NoSuchOperator", ["x"], ["y"])
    takes, gives = value("x", DOUBLE, [None, 2]), value("y", DOUBLE, [None, 2])
    error = refused(tmp_path, graph([node], [takes], [gives]).SerializeToString())
    assert error.code == "UNSUPPORTED_OPERATOR"
    assert "NoSuchOperator" in str(error)


def test_threads_are_whole_processors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(loading.MEMORY_VARIABLE, raising=False)
    assert loading.threads() == 1
    for memory, threads in (("512", 1), ("3008", 1), ("3538", 2), ("10240", 5)):
        monkeypatch.setenv(loading.MEMORY_VARIABLE, memory)
        assert loading.threads() == threads


def test_it_is_a_compiled_form_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "m.onnx").write_bytes(product(np.eye(2)))
    session = runtime.load(tmp_path / "m.onnx", "onnx")
    assert isinstance(session, ort.InferenceSession)
    with pytest.raises(NotCompilable, match="ONNX Runtime"):
        compile_model(session, runtime.describe(session))
