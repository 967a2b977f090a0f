"""A program that is asked from Python answers as its original, whatever holds the rows."""

from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
import pandas as pd
import pytest
import xgboost
from sklearn.compose import ColumnTransformer
from sklearn.datasets import load_iris
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.multioutput import MultiOutputClassifier
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler
from sklearn.svm import LinearSVC

from modelmount_compiler import InputMismatch, Signature, load
from modelmount_compiler.column_types import FLOAT, ColumnType
from modelmount_compiler.program import file
from tests.lambdas.modelmount_compiler.api.programs import program_of
from tests.lambdas.modelmount_compiler.boosted import FRAME as CATEGORIES
from tests.lambdas.modelmount_compiler.boosted import FRAME_Y, LGB, XGB, instances

X, SPECIES = load_iris(return_X_y=True)
NAMES = np.array(["setosa", "versicolor", "ç"])[SPECIES]
RANDOM = np.random.default_rng(0)
ROWS = 200
FRAME = pd.DataFrame(
    {
        "age": RANDOM.integers(18, 80, ROWS).astype(float),
        "pay": RANDOM.lognormal(8, 1, ROWS).astype("float32"),
        "city": pd.Series(RANDOM.choice(["Zürich", "Köln", "東京"], ROWS)),
        "size": pd.Categorical(RANDOM.choice(["s", "m", "l"], ROWS)),
        "count": RANDOM.integers(0, 5, ROWS),
        "ok": RANDOM.random(ROWS) < 0.5,
    }
)
FRAME.loc[::7, "age"] = np.nan
FRAME.loc[::9, "city"] = np.nan
LABELS = np.array(["a", "b", "ç"])[RANDOM.integers(0, 3, ROWS)]
TEXTS = ["good film", "bad plot, dull", "not good", "Größe"] * 5


STRING = ColumnType("string", "str")


def preprocessing() -> ColumnTransformer:
    numbers = make_pipeline(SimpleImputer(), StandardScaler())
    one_hot = OneHotEncoder(handle_unknown="ignore")
    frequent = make_pipeline(SimpleImputer(strategy="most_frequent"), one_hot)
    return ColumnTransformer(
        [
            ("n", numbers, ["age", "pay"]),
            ("c", one_hot, ["city", "size"]),
            ("f", frequent, ["city"]),
        ],
        remainder="passthrough",
    )


class Polarlike:
    """A data frame that is not pandas': only what several libraries have in common."""

    def __init__(self, frame: pd.DataFrame) -> None:
        self._frame = frame
        self.columns = list(frame.columns)

    def __getitem__(self, name: str) -> Any:
        class Series:
            to_list = staticmethod(self._frame[name].tolist)

        return Series()


def assert_equal(found: Any, expected: Any) -> None:
    assert found.dtype == expected.dtype
    assert found.shape == expected.shape
    if found.dtype.kind == "f":
        np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12)
    else:
        assert found.tolist() == expected.tolist()


@pytest.mark.parametrize(
    "array",
    [
        X,
        X[:1],
        np.asfortranarray(X),
        X[::-1, ::1],
        X.astype(int),
        X > 2,
        X.round().astype("uint8"),
        X.astype(object),
    ],
    ids=["float64", "row", "fortran", "view", "int", "bool", "uint8", "object"],
)
@pytest.mark.parametrize("y", [SPECIES, NAMES, SPECIES == 1], ids=["int", "str", "bool"])
def test_arrays(array: Any, y: Any, tmp_path: Path) -> None:
    model = LogisticRegression(max_iter=500).fit(X, y)
    program = program_of(model, tmp_path)
    assert program.methods == ("predict", "predict_proba", "decision_function")
    for method in program.methods:
        assert_equal(getattr(program, method)(array), getattr(model, method)(array))


@pytest.mark.parametrize("model", [RandomForestClassifier(5), Ridge(), KNeighborsClassifier(3)])
def test_numbers_in_single_precision_count_as_the_doubles_that_they_are(
    model: Any, tmp_path: Path
) -> None:
    single = X.astype(np.float32)
    program = program_of(model.fit(X, SPECIES), tmp_path)
    assert_equal(program.predict(single), model.predict(single.astype(float)))
    np.testing.assert_allclose(program.predict(single), model.predict(single), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    "rows",
    [
        X.tolist(),
        tuple(map(tuple, X.tolist())),
        list(X),
        [list(map(np.float32, row)) for row in X],
        pd.DataFrame(X),
    ],
    ids=["lists", "tuples", "arrays", "NumPy scalars", "frame without names"],
)
def test_lists(rows: Any, tmp_path: Path) -> None:
    model = LogisticRegression(max_iter=500).fit(X, NAMES)
    found = program_of(model, tmp_path).predict_proba(rows)
    np.testing.assert_allclose(found, model.predict_proba(X), rtol=1e-5)


@pytest.mark.parametrize(
    "last", [None, LogisticRegression(max_iter=500), RandomForestClassifier(5)]
)
def test_frames(last: Any, tmp_path: Path) -> None:
    model = make_pipeline(preprocessing(), *([] if last is None else [last])).fit(FRAME, LABELS)
    program = program_of(model, tmp_path)
    shuffled = FRAME[FRAME.columns[::-1]]
    for part in (FRAME, FRAME[:1], FRAME[7:8], FRAME[9:10], FRAME[50:70]):
        records = part.astype(object).to_dict("records")
        others = (part, shuffled.loc[part.index], Polarlike(part), records)
        for method in program.methods:
            expected = getattr(model, method)(part)
            for frame in others:
                assert_equal(getattr(program, method)(frame), expected)


def test_categories_of_a_boosting_library(tmp_path: Path) -> None:
    boosters: list[Any] = [
        xgboost.XGBClassifier(enable_categorical=True, **XGB),
        lightgbm.LGBMClassifier(min_child_samples=2, **LGB),
    ]
    for model in boosters:
        model.fit(CATEGORIES, FRAME_Y)
        program = program_of(model, tmp_path)
        for part in (CATEGORIES, CATEGORIES[:1], CATEGORIES[CATEGORIES.columns[::-1]][5:9]):
            expected = model.predict_proba(part[CATEGORIES.columns])
            np.testing.assert_allclose(program.predict_proba(part), expected, rtol=1e-6)


def test_a_nullable_column_of_pandas(tmp_path: Path) -> None:
    plain = pd.DataFrame({"a": [1.0, np.nan, 3.0, 4.0], "b": [1.0, 2.0, 3.0, np.nan]})
    model = make_pipeline(SimpleImputer(), Ridge()).fit(plain, [1.0, 2.0, 3.0, 4.0])
    nullable = plain.convert_dtypes()
    assert "Int64" in set(map(str, nullable.dtypes))
    assert_equal(program_of(model, tmp_path).predict(nullable), model.predict(plain))


@pytest.mark.parametrize(
    "texts", [TEXTS, np.array(TEXTS), np.array(TEXTS, dtype=object), pd.Series(TEXTS)]
)
def test_texts(texts: Any, tmp_path: Path) -> None:
    model = make_pipeline(TfidfVectorizer(), LinearSVC()).fit(TEXTS, [1, 0, 1, 0] * 5)
    assert_equal(program_of(model, tmp_path).predict(texts), model.predict(TEXTS))


def test_a_column_of_strings_in_an_array(tmp_path: Path) -> None:
    values = np.array([["a", 1.0], ["b", np.nan], ["c", 3.0], ["a", 1.0]], dtype=object)
    encoder = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
    model = make_pipeline(encoder, RandomForestRegressor(3)).fit(values, [1, 2, 3, 4])
    program = program_of(model, tmp_path)
    assert_equal(program.predict(values), model.predict(values))
    assert_equal(program.predict(values.tolist()), model.predict(values))


def test_several_outputs(tmp_path: Path) -> None:
    model = MultiOutputClassifier(LogisticRegression(max_iter=500))
    model.fit(X, np.stack([SPECIES, SPECIES == 2], axis=1))
    program = program_of(model, tmp_path)
    assert_equal(program.predict(X), model.predict(X))
    found, expected = program.predict_proba(X), model.predict_proba(X)
    assert isinstance(found, list)
    for ours, theirs in zip(found, expected, strict=True):
        assert_equal(ours, theirs)


def test_what_is_sparse_comes_as_an_array(tmp_path: Path) -> None:
    model = OneHotEncoder().fit(X.round())
    found = program_of(model, tmp_path).transform(X.round())
    np.testing.assert_array_equal(found, model.transform(X.round()).toarray())


def test_missing_values_where_the_model_takes_them(tmp_path: Path) -> None:
    holes = np.where(RANDOM.random(X.shape) < 0.2, np.nan, X)
    model = xgboost.XGBClassifier(**XGB).fit(holes, SPECIES)
    program = program_of(model, tmp_path)
    for batch in (holes, holes.tolist(), instances(holes)):
        np.testing.assert_allclose(program.predict_proba(batch), model.predict_proba(holes))


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        (X[:, :3], r"shape is \[150, 3\]; this model takes \[n, 4\]"),
        (X[0], r"shape is \[4\]"),
        (X[:0], "no rows"),
        ([], "no rows"),
        ([[1.0, 2.0, 3.0]], r"X\[0\] has 3 values; this model takes 4"),
        ([[1.0, 2.0, 3.0, None]], r"X\[0\]\[3\] is None, and this model takes no missing"),
        ([[1.0, 2.0, 3.0, np.nan]], "takes no missing values"),
        (np.full((1, 4), np.nan), "takes no missing values"),
        (np.full((1, 4), np.inf), "infinite"),
        ([[1.0, 2.0, 3.0, float("inf")]], "infinite"),
        ([[1.0, 2.0, 3.0, "x"]], r"X\[0\]\[3\] is a string; this model takes numbers"),
        ([{"a": 1.0}], "fitted without column names; send a list of 4 values"),
        (pd.DataFrame(X, columns=list("abcd")), r"pass X\.to_numpy\(\)"),
        ("text", "pass a list of instances"),
        (5, "pass a list of instances"),
        ([[1, 2, 3, object()]], r"X\[0\]\[3\] is a object; a value is a number"),
    ],
)
def test_what_does_not_fit_is_told(rows: Any, told: str, tmp_path: Path) -> None:
    program = program_of(LogisticRegression(max_iter=500).fit(X, SPECIES), tmp_path)
    with pytest.raises(InputMismatch, match=told):
        program.predict(rows)


@pytest.mark.parametrize(
    ("frame", "told"),
    [
        (FRAME[["age", "pay"]], r"X lacks the column 'city', 'size', 'count', 'ok'; .*pass X\[\["),
        (FRAME.assign(more=1), "X has the unknown 'more'"),
        (pd.concat([FRAME, FRAME[["age"]]], axis=1), "X has twice 'age'"),
        (FRAME.assign(age=pd.Timestamp("2026-01-01")), r"column 'age'\[0\] is a Timestamp"),
        ([{"age": 1}], r"X\[0\] lacks 'pay'"),
    ],
)
def test_columns_that_do_not_fit_are_told(frame: Any, told: str, tmp_path: Path) -> None:
    model = make_pipeline(preprocessing(), Ridge()).fit(FRAME, RANDOM.random(ROWS))
    with pytest.raises(InputMismatch, match=told):
        program_of(model, tmp_path).predict(frame)


def test_a_method_that_is_not_there_is_told(tmp_path: Path) -> None:
    program = program_of(LinearSVC().fit(X, SPECIES), tmp_path)
    with pytest.raises(InputMismatch, match="has no predict_proba; it offers predict"):
        program.predict_proba(X)


def test_a_file_without_a_signature_takes_one(tmp_path: Path) -> None:
    program = program_of(StandardScaler().fit(X), tmp_path)
    file.write(tmp_path / "bare", file.read(tmp_path / "program.safetensors"))
    with pytest.raises(ValueError, match="no signature"):
        load(tmp_path / "bare")
    found = load(str(tmp_path / "bare"), signature=program.signature)
    np.testing.assert_array_equal(found.transform(X), program.transform(X))


def test_a_signature_comes_back_from_the_file(tmp_path: Path) -> None:
    model = make_pipeline(preprocessing(), LogisticRegression(max_iter=500)).fit(FRAME, LABELS)
    signature = program_of(model, tmp_path).signature
    assert signature == Signature(
        input="frame",
        dtype="any",
        n_features=6,
        columns=tuple(FRAME.columns),
        allows_missing=True,
        methods=("predict", "predict_proba", "decision_function"),
        classes=["a", "b", "ç"],
        column_types=(FLOAT, FLOAT, STRING, STRING, FLOAT, FLOAT),
    )


def test_a_program_says_what_it_is(tmp_path: Path) -> None:
    program = program_of(LinearSVC().fit(X, SPECIES), tmp_path)
    assert repr(program) == "<Program: predict, decision_function of a matrix of 4 columns>"
