"""Models that would read, write or call when they predict: refused in every nested part."""

import functools
import io
import operator
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
from sklearn.base import BaseEstimator
from sklearn.cluster import FeatureAgglomeration
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.ensemble import StackingClassifier, VotingClassifier
from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer, TfidfVectorizer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import FeatureUnion, make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler
from sklearn.svm import SVC

from modelmount_compiler.errors import ModelRejected
from modelmount_compiler.frameworks.soundness import checks

TEXTS, LABELS = ["good fine", "bad poor", "nice good"] * 2, [1, 0, 1] * 2


def refused(model: object, code: str = "SIDE_EFFECTS") -> str:
    with pytest.raises(ModelRejected) as error:
        checks.check_loaded(model, "sklearn")
    assert error.value.code == code
    return str(error.value)


def reader(cls: Any = CountVectorizer, by: str = "filename") -> Any:
    found = cls().fit(TEXTS)
    found.input = by
    return found


def around(vectorizer: Any) -> dict[str, Any]:
    """Return models that hold a vectorizer, by where they hold it."""
    linear = LogisticRegression()
    return {
        "pipeline": make_pipeline(vectorizer, linear),
        "union": make_pipeline(FeatureUnion([("a", vectorizer)]), linear),
        "columns": ColumnTransformer([("a", vectorizer, 0)]),
        "target": TransformedTargetRegressor(LinearRegression(), transformer=vectorizer),
        "stacking": StackingClassifier([("a", make_pipeline(vectorizer, linear))]),
        "voting": VotingClassifier([("a", make_pipeline(vectorizer, linear))]),
        "search": GridSearchCV(make_pipeline(vectorizer, linear), {}),
        "bound method": FunctionTransformer(vectorizer.transform),
        "partial": FunctionTransformer(functools.partial(np.clip, a_min=vectorizer)),
        "keywords": FunctionTransformer(np.clip, kw_args={"deep": [{"er": (vectorizer,)}]}),
        "array": _with(linear, np.array([None, vectorizer], dtype=object)),
    }


def _with(model: BaseEstimator, value: Any) -> BaseEstimator:
    model = type(model)()
    model.extra_ = value
    return model


@pytest.mark.parametrize("place", around(CountVectorizer()))
def test_a_vectorizer_that_reads_files(place: str) -> None:
    told = refused(around(reader())[place])
    assert "input='filename'" in told
    assert "input='content'" in told


@pytest.mark.parametrize("by", ["filename", "file", "other"])
@pytest.mark.parametrize("cls", [CountVectorizer, TfidfVectorizer, HashingVectorizer])
def test_each_vectorizer(cls: Any, by: str) -> None:
    told = refused(make_pipeline(reader(cls, by), LogisticRegression()))
    assert "steps[0][1]" in told


class Content(str):
    """A text that equals any other."""

    def __eq__(self, _: object) -> bool:
        return True

    __hash__ = str.__hash__


def test_a_text_of_another_class_is_not_content() -> None:
    vectorizer = CountVectorizer().fit(TEXTS)
    vectorizer.input = Content("filename")
    refused(vectorizer)


def test_folders_of_caches(tmp_path: Path) -> None:
    assert "memory" in refused(make_pipeline(StandardScaler(), memory=str(tmp_path)))
    assert "memory" in refused(FeatureAgglomeration(memory=str(tmp_path)))
    refused(make_pipeline(StandardScaler(), memory=joblib.Memory(str(tmp_path))))


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "open": open,
    "np.load": np.load,
    "np.loadtxt": np.loadtxt,
    "np.fromfile": np.fromfile,
    "np.memmap": np.memmap,
    "np.save": np.save,
    "np.vectorize": np.vectorize(abs),
    "a ufunc of a function": np.frompyfunc(abs, 1, 1),
    "os": os.listdir,
    "tofile": operator.methodcaller("tofile", "x"),
    "joblib": joblib.dump,
    "a class": io.FileIO,
    "a folder": tempfile.TemporaryDirectory,
    "eval": eval,
    "getattr": getattr,
    "a method of an array": np.zeros(1).tofile,
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_that_do_more_than_compute(name: str) -> None:
    function = FUNCTIONS[name]
    refused(FunctionTransformer(function))
    refused(FunctionTransformer(np.exp, inverse_func=functools.partial(function)))
    refused(KNeighborsClassifier(metric=function), "SIDE_EFFECTS")
    refused(SVC(kernel=function))
    refused(CountVectorizer(tokenizer=function))


def test_an_open_file() -> None:
    refused(_with(LogisticRegression(), io.BytesIO()))


def test_a_method_of_its_own() -> None:
    model = LogisticRegression()
    model.predict = np.exp
    assert "in place of its class's method" in refused(model)


def test_too_many_threads() -> None:
    assert "n_jobs=100000" in refused(KNeighborsClassifier(n_jobs=100_000))


def test_parameters_that_native_code_takes_unseen() -> None:
    told = refused(make_pipeline(HashingVectorizer(n_features=0)), "BAD_PARAMETER")
    assert "n_features" in told
    assert "steps[0][1]" in told


def test_a_loop_of_parts_ends() -> None:
    model = LogisticRegression()
    model.self_ = [model, {"again": model}]
    checks.check_loaded(model, "sklearn")


def test_a_mapped_array_is_no_open_file(tmp_path: Path) -> None:
    mapped = np.memmap(tmp_path / "array", shape=3, mode="w+")
    checks.check_loaded(_with(LogisticRegression(), mapped), "sklearn")
