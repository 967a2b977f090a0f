"""Models of columns that JSON has no type for, that hold gaps, or that a conversion could spoil."""

import datetime
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import catboost
import lightgbm
import numpy as np
import pandas as pd
import xgboost
from sklearn.base import BaseEstimator
from sklearn.compose import ColumnTransformer, make_column_transformer
from sklearn.decomposition import PCA
from sklearn.ensemble import HistGradientBoostingClassifier, IsolationForest, RandomForestClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.impute import MissingIndicator, SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline, make_union
from sklearn.preprocessing import (
    FunctionTransformer,
    OneHotEncoder,
    OrdinalEncoder,
    StandardScaler,
    TargetEncoder,
    scale,
)

ROWS = 240
Made = tuple[BaseEstimator, Any]


def table() -> pd.DataFrame:
    """Return a column of each type, without gaps but for `gap` and `town`."""
    rng = np.random.default_rng(0)
    age = rng.integers(1, 90, ROWS)
    days = pd.date_range("2024-01-01", periods=8, unit="us").repeat(ROWS // 8)
    frame = pd.DataFrame(
        {
            "v": rng.normal(size=ROWS),
            "gap": np.where(rng.random(ROWS) < 0.2, np.nan, rng.lognormal(size=ROWS)),
            "small": rng.integers(0, 5, ROWS),
            "id": rng.choice([2**60 + 1, 2**60 + 2, 2**60 + 3], ROWS),
            "level": rng.choice([0.5, 1.0, 1.5], ROWS),
            "vip": rng.random(ROWS) < 0.5,
            "town": rng.choice(["Åbo", "Oslo", "00150", "1.0", "None"], ROWS),
            "band": pd.cut(age, [0, 18, 40, 65, 100]),
            "day": days,
            "moment": days.tz_localize("Europe/Oslo"),
            "wait": pd.to_timedelta(rng.integers(1, 5, ROWS) * 90, unit="min"),
            "grade": pd.Categorical(rng.choice(["c", "b", "a"], ROWS), ["c", "b", "a"], True),
            "size": pd.Categorical(rng.choice([10, 2, 30], ROWS)),
        }
    )
    quarters = rng.integers(1, 5, ROWS).tolist()
    frame["price"] = pd.Series([Decimal(i) / 4 for i in quarters], dtype=object)
    frame["born"] = pd.Series([datetime.date(2000, 1, i) for i in quarters], dtype=object)
    frame["hole"] = frame.town.where(rng.random(ROWS) > 0.2)
    frame["nothing"] = frame.town.astype(object).where(rng.random(ROWS) > 0.2, None)
    return frame


FRAME = table()
LABELS = (FRAME.v + FRAME.small > 1.5).to_numpy()
ONE_HOT = OneHotEncoder(handle_unknown="ignore")
ORDINAL = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)


def models() -> dict[str, Callable[[], Made]]:
    """Return what makes each model, with its data."""
    encoded = {
        f"{type(encoder).__name__} of {column}": lambda c=column, e=encoder: _beside_v(e, c)
        for column in "small id level vip town band day moment wait price born grade size".split()  # noqa: SIM905 (reads better)
        for encoder in (ONE_HOT, ORDINAL)
    }
    return {**encoded, **_gaps(), **_frames(), **_boosters(), **_arrays(), **_texts()}


def _beside_v(step: BaseEstimator, column: str, model: BaseEstimator | None = None) -> Made:
    columns = ColumnTransformer([("c", step, [column])], remainder="passthrough")
    data = FRAME[[column, "v"]]
    return make_pipeline(columns, model or LogisticRegression()).fit(data, LABELS), data


def _gaps() -> dict[str, Callable[[], Made]]:
    frequent = SimpleImputer(strategy="most_frequent")
    nones = SimpleImputer(strategy="most_frequent", missing_values=None)
    words = SimpleImputer(strategy="constant", fill_value="?")
    forest = HistGradientBoostingClassifier(max_iter=10)
    return {
        "imputed mean": lambda: _beside_v(SimpleImputer(), "gap"),
        "imputed frequent number": lambda: _beside_v(frequent, "gap", forest),
        "imputed constant": lambda: _beside_v(SimpleImputer(strategy="constant"), "gap", forest),
        "gaps left": lambda: _beside_v(FunctionTransformer(np.log1p), "gap", forest),
        "imputed word": lambda: _beside_v(make_pipeline(frequent, ONE_HOT), "hole"),
        "imputed None": lambda: _beside_v(make_pipeline(nones, ONE_HOT), "nothing"),
        "imputed text": lambda: _beside_v(make_pipeline(words, ORDINAL), "hole"),
        "category of NaN": lambda: _beside_v(ONE_HOT, "hole"),
        "category of None": lambda: _beside_v(ONE_HOT, "nothing"),
        "encoded missing": lambda: _beside_v(OrdinalEncoder(encoded_missing_value=-9), "hole"),
        "target mean": lambda: _beside_v(TargetEncoder(random_state=0), "hole"),
        "indicated": lambda: _beside_v(
            make_union(MissingIndicator(features="all"), SimpleImputer()), "gap"
        ),
        "years": lambda: _beside_v(FunctionTransformer(), "small", forest),
    }


def _frames() -> dict[str, Callable[[], Made]]:
    def numbers(model: BaseEstimator, *names: str, dtype: Any = None) -> Made:
        data = FRAME[list(names)] if dtype is None else FRAME[list(names)].astype(dtype)
        return model.fit(data, LABELS), data

    def renamed() -> Made:
        data = FRAME[["v", "level"]].rename(columns={"v": "a b", "level": "größe"})
        return LogisticRegression().fit(data, LABELS), data

    nullable = make_pipeline(SimpleImputer(), LogisticRegression())
    framed = make_pipeline(StandardScaler(), PCA(1)).set_output(transform="pandas")
    return {
        "integers": lambda: numbers(LinearRegression(), "small", "level"),
        "booleans": lambda: numbers(LinearRegression(), "vip", "v"),
        "singles": lambda: numbers(RandomForestClassifier(9), "v", "level", dtype="float32"),
        "nullable": lambda: numbers(nullable, "small", "vip", dtype="Float64"),
        "names": renamed,
        "frames out": lambda: numbers(framed, "v", "level"),
        "outliers": lambda: numbers(IsolationForest(n_estimators=9, random_state=0), "v", "level"),
        "scaled by the batch": lambda: numbers(
            make_pipeline(FunctionTransformer(scale), LinearRegression()), "v", "level"
        ),
    }


def _boosters() -> dict[str, Callable[[], Made]]:
    names = ["grade", "size", "gap", "v"]

    def categories(model: Any) -> Made:
        return model.fit(FRAME[names], LABELS), FRAME[names]

    def catboosted() -> Made:
        data = FRAME[["town", "small", "gap"]]
        model = catboost.CatBoostClassifier(
            iterations=9, verbose=0, cat_features=["town", "small"], allow_writing_files=False
        )
        return model.fit(data, LABELS), data

    return {
        "LightGBM": lambda: categories(lightgbm.LGBMClassifier(n_estimators=9, verbose=-1)),
        "XGBoost": lambda: categories(
            xgboost.XGBClassifier(n_estimators=9, enable_categorical=True)
        ),
        "CatBoost": catboosted,
        "from_dtype": lambda: categories(HistGradientBoostingClassifier(max_iter=9)),
    }


def _arrays() -> dict[str, Callable[[], Made]]:
    def array(model: BaseEstimator, data: Any) -> Made:
        return model.fit(data, LABELS), data

    mixed = FRAME[["hole", "small"]].to_numpy(dtype=object)
    frequent = SimpleImputer(strategy="most_frequent")
    return {
        "objects": lambda: array(make_pipeline(frequent, ONE_HOT, LogisticRegression()), mixed),
        "strings": lambda: array(
            make_pipeline(ONE_HOT, LogisticRegression()), FRAME[["town"]].to_numpy(dtype="U9")
        ),
        "whole numbers": lambda: array(LinearRegression(), FRAME[["small", "small"]].to_numpy()),
        "numbers with gaps": lambda: array(
            HistGradientBoostingClassifier(max_iter=9), FRAME[["gap", "v"]].to_numpy()
        ),
    }


def _texts() -> dict[str, Callable[[], Made]]:
    texts = [f"{town} {small}, {'good' if label else 'bad'}" for town, small, label in
             zip(FRAME.town, FRAME.small, LABELS, strict=True)]  # fmt: skip

    def beside() -> Made:
        data = pd.DataFrame({"note": texts, "v": FRAME.v})
        columns = make_column_transformer((TfidfVectorizer(), "note"), (StandardScaler(), ["v"]))
        return make_pipeline(columns, LogisticRegression()).fit(data, LABELS), data

    return {
        "texts": lambda: (
            make_pipeline(TfidfVectorizer(), LogisticRegression()).fit(texts, LABELS),
            texts,
        ),
        "a text beside a number": beside,
    }
