"""The types of columns, told from what the steps of a model learned at its fit."""

import datetime
from decimal import Decimal
from typing import Any

import catboost
import lightgbm
import numpy as np
import pandas as pd
import pytest
import xgboost
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import BaggingClassifier, HistGradientBoostingClassifier, VotingClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.feature_selection import RFE, SelectKBest
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.multioutput import ClassifierChain
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    OneHotEncoder,
    OrdinalEncoder,
    StandardScaler,
    TargetEncoder,
)

from modelmount_compiler.column_types import ColumnType
from modelmount_compiler.errors import ModelRejected
from modelmount_compiler.frameworks import sklearn as runtime

ROWS = 80
RANDOM = np.random.default_rng(0)
DAYS = pd.date_range("2024-01-01", periods=8).repeat(ROWS // 8)
NUMBERS = RANDOM.integers(0, 5, ROWS)
COLUMNS: dict[str, Any] = {
    "float": RANDOM.choice([0.5, 1.5, np.nan], ROWS),
    "integer": NUMBERS,
    "id": RANDOM.choice([2**60 + 1, 2**60 + 2], ROWS),
    "string": RANDOM.choice(["a", "1"], ROWS),
    "none": pd.Series(RANDOM.choice(np.array(["a", None], dtype=object), ROWS), dtype=object),
    "boolean": NUMBERS > 2,
    "datetime": DAYS,
    "zoned": DAYS.tz_localize("Europe/Oslo"),
    "timedelta": pd.to_timedelta(NUMBERS, unit="h"),
    "interval": pd.cut(NUMBERS, [-1, 2, 9]),
    "date": [day.date() for day in DAYS],
    "decimal": [Decimal(int(value)) / 10 for value in NUMBERS],
    "category": pd.Categorical(NUMBERS, ordered=True),
    "period": pd.period_range("2024-01", periods=8, freq="M").repeat(ROWS // 8),
    "number": RANDOM.normal(size=ROWS),
    "text": ["good film", "bad film"] * (ROWS // 2),
}
FRAME = pd.DataFrame(COLUMNS)
LABELS = RANDOM.integers(0, 2, ROWS)
ONE_HOT = OneHotEncoder(handle_unknown="ignore")


def types_of(estimator: Any, *columns: str) -> tuple[ColumnType, ...]:
    data = FRAME[[*columns, "number"]]
    found = runtime.describe(estimator.fit(data, LABELS)).column_types
    assert found is not None
    assert found[-1] == ColumnType("float", "float64")
    return found[:-1]


def encoded(step: Any, column: Any) -> Any:
    chosen = ColumnTransformer([("c", step, column)], remainder="passthrough")
    return make_pipeline(chosen, LogisticRegression())


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        ("float", ColumnType("float", "float64")),
        ("integer", ColumnType("integer", "int64", "nan", "float64")),
        ("id", ColumnType("integer", "int64", "nan", "object")),
        ("string", ColumnType("string", "str")),
        ("none", ColumnType("string", "object", "none")),
        ("boolean", ColumnType("boolean", "bool", "nan", "object")),
        ("datetime", ColumnType("datetime", "datetime64[us]", "nat")),
        ("zoned", ColumnType("datetime", "datetime64[us, Europe/Oslo]", "nat")),
        ("timedelta", ColumnType("timedelta", "timedelta64[us]", "nat")),
        (
            "interval",
            ColumnType("interval", "interval[int64, right]", categories=("(-1, 2]", "(2, 9]")),
        ),
        ("date", ColumnType("date", "object")),
        ("decimal", ColumnType("decimal", "object")),
        ("category", ColumnType("integer", "int64", "nan", "float64")),
    ],
)
@pytest.mark.parametrize("encoder", [ONE_HOT, TargetEncoder()], ids=["one-hot", "target"])
def test_of_an_encoder(column: str, expected: ColumnType, encoder: Any) -> None:
    assert types_of(encoded(encoder, [column]), column) == (expected,)


def test_a_value_that_no_request_can_mean_refuses_the_upload() -> None:
    model = encoded(ONE_HOT, ["period"]).fit(FRAME[["period", "number"]], LABELS)
    with pytest.raises(
        ModelRejected, match=r"'period' was fitted on .* type Period.*Fit it on str"
    ):
        runtime.describe(model)


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        (make_pipeline(SimpleImputer(strategy="most_frequent"), ONE_HOT), ("string", "str", "nan")),
        (
            make_pipeline(SimpleImputer(missing_values=None, strategy="most_frequent"), ONE_HOT),
            ("string", "object", "none"),
        ),
        (
            make_pipeline(SimpleImputer(strategy="constant", fill_value="?"), OrdinalEncoder()),
            ("string", "str", "nan"),
        ),
    ],
)
def test_an_imputer_says_what_null_becomes(step: Any, expected: tuple[str, str, str]) -> None:
    (found,) = types_of(encoded(step, ["string"]), "string")
    assert (found.kind, found.dtype, found.null) == expected


@pytest.mark.parametrize(
    "step", [StandardScaler(), FunctionTransformer(np.log1p), SimpleImputer(), SelectKBest(k=1)]
)
def test_numbers_are_floats(step: Any) -> None:
    assert types_of(encoded(step, ["integer"]), "integer") == (ColumnType("float", "float64"),)


def test_a_vectorizer_reads_texts_and_no_null() -> None:
    (found,) = types_of(encoded(TfidfVectorizer(), "text"), "text")
    assert found == ColumnType("string", "str", "refused")


def test_the_histogram_booster_knows_its_categories() -> None:
    found = types_of(HistGradientBoostingClassifier(max_iter=2), "category", "interval", "integer")
    assert [each.kind for each in found] == ["integer", "interval", "float"]


@pytest.mark.parametrize(
    "around",
    [
        CalibratedClassifierCV,
        lambda model: VotingClassifier([("a", model)]),
        lambda model: BaggingClassifier(model, n_estimators=2),
    ],
)
def test_inside_other_estimators(around: Any) -> None:
    if around is CalibratedClassifierCV:
        assert [t.kind for t in types_of(around(encoded(ONE_HOT, ["string"])), "string")] == [
            "string"
        ]
    else:
        model = make_pipeline(ColumnTransformer([("c", ONE_HOT, [0])]), LogisticRegression())
        data = FRAME[["id", "number"]].to_numpy(dtype=object)
        found = runtime.describe(around(model).fit(data, LABELS)).column_types
        assert found is not None
        assert found[0].kind == "integer"


def test_a_selection_and_a_chain_keep_the_places() -> None:
    chain = ClassifierChain(RFE(LogisticRegression(), n_features_to_select=1))
    model = encoded(ONE_HOT, ["string"])
    model = make_pipeline(model[0], chain)
    data = FRAME[["string", "number"]]
    found = runtime.describe(model.fit(data, np.column_stack([LABELS, 1 - LABELS]))).column_types
    assert found == (ColumnType("string", "str"), ColumnType("any", "object"))


def test_what_the_boosting_libraries_record() -> None:
    data = FRAME[["category", "number"]].assign(category=FRAME["category"].cat.as_unordered())
    lgb = lightgbm.LGBMClassifier(n_estimators=2, verbose=-1)
    xgb = xgboost.XGBClassifier(n_estimators=2, enable_categorical=True)
    for model in (lgb, xgb):
        found = runtime.describe(model.fit(data, LABELS)).column_types
        assert found is not None
        assert [each.kind for each in found] == ["integer", "float"]
    cat = catboost.CatBoostClassifier(
        iterations=2, verbose=0, cat_features=["string"], allow_writing_files=False
    )
    assert types_of(cat, "string") == (ColumnType("category", "object", "refused"),)


@pytest.mark.parametrize("missing", [np.nan, None])
def test_an_array_of_objects(missing: Any) -> None:
    data = np.array([["a", 1], ["b", 2], [missing, 1], ["a", 2]] * 5, dtype=object)
    model = make_pipeline(ColumnTransformer([("c", ONE_HOT, [0, 1])]), LogisticRegression())
    found = runtime.describe(model.fit(data, [0, 1] * 10)).column_types
    null = "nan" if missing is not None else "none"
    assert found is not None
    assert [(each.kind, each.null) for each in found] == [("string", null), ("integer", "nan")]


def test_long_identifiers_in_a_matrix_stay_whole_numbers() -> None:
    wide = runtime.describe(make_pipeline(ONE_HOT).fit(FRAME[["id"]].to_numpy()))
    narrow = runtime.describe(make_pipeline(ONE_HOT).fit(FRAME[["integer"]].to_numpy()))
    assert (wide.dtype, narrow.dtype, narrow.column_types) == ("any", "number", None)
    assert wide.column_types == (ColumnType("integer", "int64", "nan", "object"),)


def test_dates_and_times_in_an_array_of_objects() -> None:
    moments = [datetime.datetime(2024, 1, day) for day in range(1, 9)]  # noqa: DTZ001 (naive)
    data = np.array([[moment] for moment in moments] * 2, dtype=object)
    found = runtime.describe(make_pipeline(ONE_HOT).fit(data)).column_types
    assert found is not None
    assert found[0].kind == "datetime"
