"""What skl2onnx writes, with and without its options, against the estimators themselves."""

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.base import BaseEstimator
from sklearn.ensemble import IsolationForest, RandomForestClassifier
from sklearn.feature_extraction import DictVectorizer
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from tests.lambdas.modelmount_compiler.frameworks.onnx.serving import Served, refused
from tests.lambdas.modelmount_compiler.graphs import converted

pytestmark = pytest.mark.slow
RNG = np.random.default_rng(0)
X = RNG.normal(size=(80, 4)).astype(np.float32)
LABELS = {
    "texts": np.where(X[:, 0] > 0, "yes", "no"),
    "numbers": (X[:, 0] > 0).astype(np.int64) + 3,
}


def types(name: str, width: int | None) -> list[Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from skl2onnx.common import data_types  # noqa: PLC0415 (its import warns)

        return [("x", getattr(data_types, name)([None, width]))]


@pytest.mark.parametrize("labels", LABELS)
@pytest.mark.parametrize("zipmap", [True, False])
@pytest.mark.parametrize("width", [4, None])
@pytest.mark.parametrize(
    "estimator",
    [
        make_pipeline(StandardScaler(), LogisticRegression()),
        RandomForestClassifier(5, random_state=0),
        SVC(probability=True, random_state=0),
    ],
    ids=lambda found: type(found).__name__,
)
def test_classifiers(
    tmp_path: Path, estimator: BaseEstimator, labels: str, zipmap: bool, width: int | None
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        fitted: Any = estimator.fit(X, LABELS[labels])
    served = Served(tmp_path, converted(fitted, types("FloatTensorType", width), zipmap=zipmap))
    assert served.ask(*X.tolist()) == fitted.predict(X).tolist()
    found = served.ask(*X.tolist(), method="predict_proba")
    np.testing.assert_allclose(found, fitted.predict_proba(X), atol=1e-4)
    if zipmap:
        assert served.signature.classes == fitted.classes_.tolist()
        by_name = served.tensors_of(served.tensors.outputs[1].name, x=X)
        np.testing.assert_allclose(by_name[0], fitted.predict_proba(X), atol=1e-4)
    if not isinstance(fitted, RandomForestClassifier):  # trees say how much they read at most
        assert "takes 4" in str(served.refusal([1.0]))


def test_whole_numbers_as_inputs(tmp_path: Path) -> None:
    whole = (X * 10).astype(np.int64)
    fitted = LogisticRegression().fit(whole, LABELS["texts"])
    served = Served(tmp_path, converted(fitted, types("Int64TensorType", 4), zipmap=False))
    assert served.ask(*whole.tolist()) == fitted.predict(whole).tolist()
    assert "whole number" in str(served.refusal([0.5, 1, 1, 1])).replace("numbers", "number")


def test_outliers_and_neighbours(tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from skl2onnx import to_onnx  # noqa: PLC0415 (its import warns)
    forest = IsolationForest(n_estimators=5, random_state=0).fit(X)
    opsets = {"": 17, "ai.onnx.ml": 3}  # the newest that skl2onnx writes such forests in
    made = to_onnx(forest, initial_types=types("FloatTensorType", 4), target_opset=opsets)
    served = Served(tmp_path, made)
    assert served.ask(*X.tolist()) == forest.predict(X).tolist()
    neighbours = KNeighborsRegressor().fit(X, X[:, 0])
    served = Served(tmp_path, converted(neighbours, types("FloatTensorType", 4)))
    np.testing.assert_allclose(served.ask(*X.tolist()), neighbours.predict(X), atol=1e-4)


def test_texts_as_inputs(tmp_path: Path) -> None:
    texts = ["Good film", "bad Film", "good PLOT", "BAD élan"] * 5
    vectorizer = CountVectorizer()
    fitted = make_pipeline(vectorizer, LogisticRegression()).fit(texts, [1, 0, 1, 0] * 5)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from skl2onnx.common.data_types import StringTensorType  # noqa: PLC0415 (as above)
    kinds = [("x", StringTensorType([None, 1]))]
    error = refused(
        tmp_path, converted(fitted, kinds, options={id(vectorizer): {"locale": "xx_XX"}})
    )
    assert "needs the locale xx_XX" in str(error)
    options = {id(vectorizer): {"locale": "C.UTF-8"}}
    served = Served(tmp_path, converted(fitted, kinds, options=options))
    assert served.signature.input == "text"
    assert served.ask(*texts) == fitted.predict(texts).tolist()


def test_objects_as_inputs(tmp_path: Path) -> None:
    rows = [{"a": float(i), "b": 1.0} for i in range(10)]
    fitted = DictVectorizer(sparse=False).fit(rows)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from skl2onnx.common.data_types import (  # noqa: PLC0415 (as above)
            DictionaryType,
            FloatTensorType,
            StringTensorType,
        )

        kind = DictionaryType(StringTensorType([1]), FloatTensorType([1]))
    served = Served(tmp_path, converted(fitted, [("x", kind)]))
    np.testing.assert_allclose(
        np.reshape(served.ask(*rows), (10, 2)), fitted.transform(rows), rtol=1e-6
    )
