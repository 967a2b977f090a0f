"""Imputers of frames, objects and matrices, against themselves."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import RandomForestRegressor
from sklearn.experimental import enable_iterative_imputer  # noqa: F401 (it registers the class)
from sklearn.impute import IterativeImputer, KNNImputer, MissingIndicator, SimpleImputer
from sklearn.linear_model import LinearRegression

from modelmount_compiler.convert.graph import NotCompilable
from modelmount_compiler.convert.registry import compile_model
from modelmount_compiler.frameworks import sklearn as runtime
from tests.lambdas.modelmount_compiler.convert.comparison import assert_same, title

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(120, 4)) * (1, 30, 0.1, 3)
X[:, 2] = X[:, 0] * 2 + RANDOM.normal(size=120) / 10
X[:, 3] = np.round(X[:, 3])
LACKING = np.where(RANDOM.random(X.shape) < 0.15, np.nan, X)
MARKED = np.where(np.isnan(LACKING), -1.0, LACKING)
EMPTY = LACKING.copy()
EMPTY[:, 1] = np.nan
BATCHES = (
    LACKING,
    X,
    MARKED,
    np.full((3, 4), np.nan),
    np.array([[1e6, np.nan, -1e6, np.nan], [np.nan, 1, np.nan, np.nan]]),
    np.array([[np.inf, 1, 2, 3]]),
)


def instances(rows: Any) -> list[list[Any]]:
    return pd.DataFrame(rows, dtype=object).replace({np.nan: None}).to_numpy().tolist()


IGNORED = "ignore:(Skipping features|.IterativeImputer. did not|.*Early stopping)"


@pytest.mark.parametrize("strategy", ["mean", "median", "most_frequent", "constant"])
@pytest.mark.parametrize("add_indicator", [True, False])
@pytest.mark.parametrize(("data", "marker"), [(LACKING, np.nan), (MARKED, -1), (EMPTY, np.nan)])
@pytest.mark.parametrize("keep", [True, False])
@pytest.mark.filterwarnings(IGNORED)
def test_numbers(strategy: Any, add_indicator: bool, data: Any, marker: float, keep: bool) -> None:
    imputer = SimpleImputer(
        strategy=strategy,
        missing_values=marker,
        add_indicator=add_indicator,
        keep_empty_features=keep,
    )
    batches = BATCHES[:-1]
    if strategy == "constant":  # its values are objects, and so is what it is served
        assert_same(imputer.fit(data), *map(instances, batches))
    else:
        assert_same(imputer.fit(data), *batches, BATCHES[-1])


@pytest.mark.parametrize(
    "imputer",
    [
        MissingIndicator(),
        MissingIndicator(features="all"),
        MissingIndicator(error_on_new=False),
        KNNImputer(),
        KNNImputer(n_neighbors=3, weights="distance", add_indicator=True),
        KNNImputer(n_neighbors=500),
        IterativeImputer(),
        IterativeImputer(max_iter=0),
        IterativeImputer(max_iter=3, initial_strategy="median", add_indicator=True, max_value=5),
        IterativeImputer(LinearRegression(), max_iter=2, n_nearest_features=2, random_state=0),
    ],
    ids=title,
)
@pytest.mark.filterwarnings(IGNORED)
def test_learned_values(imputer: Any) -> None:
    data = LACKING.copy()
    data[:, 3] = X[:, 3]
    assert_same(imputer.fit(data), *BATCHES)


FRAME = pd.DataFrame(
    {
        "city": RANDOM.choice(np.array(["Zürich", "Köln", "", None]), 120),
        "size": RANDOM.choice(["s", "m", "?"], 120),
        "count": RANDOM.integers(0, 4, 120),
        "share": LACKING[:, 0],
        "ok": RANDOM.random(120) < 0.5,
    }
)
KNOWN = instances(FRAME.astype(object).to_numpy())
CELLS = [None, True, 1, 2.5, "", "?", "1.5", 2**53 + 1]


def changed() -> list[list[Any]]:
    rows = [KNOWN[:60], [[None] * 5], [[None] * 5] * 2]
    for column in range(5):
        for cell in CELLS:
            row = [*KNOWN[3][:column], cell, *KNOWN[3][column + 1 :]]
            rows.append([row, KNOWN[5]])
    return rows


@pytest.mark.parametrize(
    ("imputer", "columns"),
    [
        (SimpleImputer(), ["count", "share"]),
        (SimpleImputer(strategy="most_frequent"), ["share", "count"]),
        (SimpleImputer(strategy="most_frequent"), ["city", "size"]),
        (SimpleImputer(strategy="most_frequent", add_indicator=True), ["city", "size", "ok"]),
        (SimpleImputer(strategy="constant", fill_value=1.5), ["count", "share"]),
        (SimpleImputer(strategy="constant", fill_value=7), ["count"]),
        (SimpleImputer(strategy="constant", missing_values="?", fill_value="none"), ["size"]),
        (SimpleImputer(strategy="constant", missing_values=2, add_indicator=True), ["count"]),
        (MissingIndicator(), ["city", "share"]),
        (MissingIndicator(features="all"), ["city", "ok", "count"]),
    ],
    ids=title,
)
def test_columns_of_a_frame(imputer: Any, columns: list[str]) -> None:
    transformer = ColumnTransformer(
        [("imputer", imputer, columns), ("rest", "passthrough", ["ok"])]
    )
    assert_same(transformer.fit(FRAME), *changed())


@pytest.mark.parametrize("marker", [np.nan, None])
def test_objects(marker: Any) -> None:
    imputer = SimpleImputer(strategy="most_frequent", missing_values=marker, add_indicator=True)
    data = FRAME.astype(object).to_numpy() if marker else np.array(KNOWN, dtype=object)
    assert_same(imputer.fit(data), *changed())


@pytest.mark.parametrize(
    ("imputer", "reason"),
    [
        (SimpleImputer(missing_values=pd.NA), "<NA>"),
        (KNNImputer(weights=lambda d: d), "of its own"),
        (IterativeImputer(max_iter=1, sample_posterior=True), "at random"),
        (IterativeImputer(RandomForestRegressor(2), max_iter=1), "RandomForestRegressor"),
    ],
)
@pytest.mark.filterwarnings(IGNORED)
def test_what_has_no_compiled_form_says_why(imputer: Any, reason: str) -> None:
    imputer.fit(LACKING)
    with pytest.raises(NotCompilable, match=reason):
        compile_model(imputer, runtime.describe(imputer))
