from collections.abc import Iterator
from typing import Any

import catboost
import numpy as np
import pytest

from modelmount_compiler.convert.boosting.catboost import to_json
from modelmount_compiler.convert.graph import NotCompilable
from modelmount_compiler.convert.registry import compile_model
from modelmount_compiler.frameworks import catboost as runtime
from modelmount_compiler.frameworks import sklearn as estimators
from tests.lambdas.modelmount_compiler.boosted import (
    BINARY,
    CAT,
    KNOWN,
    NUMBERS,
    ROWS,
    SEVERAL,
    X,
    Y,
    instances,
)
from tests.lambdas.modelmount_compiler.convert.served import assert_served_same, probes

LOSSES: dict[str, Any] = {
    "RMSE": Y,
    "MAE": Y,
    "Quantile:alpha=0.3": Y,
    "Poisson": abs(Y),
    "Tweedie:variance_power=1.5": abs(Y),
    "MultiRMSE": np.column_stack((Y, -Y)),
    "MultiQuantile:alpha=0.1,0.5": Y,
}
GROWTH: dict[str, dict[str, Any]] = {
    "missing-is-most": {"nan_mode": "Max"},
    "lossguide": {"grow_policy": "Lossguide"},
    "depthwise": {"grow_policy": "Depthwise"},
    "deep": {"depth": 8},
}
CLASSIFIERS: dict[str, tuple[dict[str, Any], Any]] = {
    "two": ({}, np.where(BINARY, "yes", "no")),
    "bool": ({}, BINARY > 0),
    "float": ({}, SEVERAL * 1.5),
    "three": ({}, np.array(["a", "b", "ç"])[SEVERAL]),
    "one-versus-all": ({"loss_function": "MultiClassOneVsAll"}, SEVERAL),
    "cross-entropy": ({"loss_function": "CrossEntropy"}, BINARY),
    "depthwise": ({"grow_policy": "Depthwise"}, SEVERAL),
}


def splits(model: catboost.CatBoost) -> Iterator[tuple[int, float]]:
    for feature in to_json(model)["features_info"]["float_features"]:
        for border in feature["borders"] or ():
            yield feature["flat_feature_index"], border


def check(model: catboost.CatBoost, rows: Any = X) -> None:
    model = runtime.as_estimator(model)
    assert_served_same(model, probes(rows, splits(model)))


@pytest.mark.parametrize("loss", LOSSES)
def test_every_loss_of_a_number(loss: str) -> None:
    check(catboost.CatBoostRegressor(**CAT, loss_function=loss).fit(X, LOSSES[loss]))


@pytest.mark.parametrize("name", GROWTH)
def test_ways_to_grow_trees(name: str) -> None:
    check(catboost.CatBoostRegressor(**CAT | GROWTH[name]).fit(X, Y))


def test_missing_values_that_the_fit_never_saw() -> None:
    check(catboost.CatBoostRegressor(**CAT).fit(KNOWN, Y))


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_classifiers(name: str) -> None:
    options, y = CLASSIFIERS[name]
    check(catboost.CatBoostClassifier(**CAT, **options).fit(X, y))


def test_rankers() -> None:
    ranker = catboost.CatBoostRanker(**CAT, loss_function="YetiRank")
    check(ranker.fit(X, BINARY, group_id=np.arange(ROWS) // 20))


def test_columns_by_name() -> None:
    model = runtime.as_estimator(catboost.CatBoostClassifier(**CAT).fit(NUMBERS, BINARY))
    rows = instances(NUMBERS.to_numpy())
    named = [{"income": income, "age": age} for age, income in rows]
    assert_served_same(model, rows, named)


@pytest.mark.parametrize(
    ("options", "y", "why"),
    [
        ({"loss_function": "MultiLogloss"}, np.column_stack((BINARY, 1 - BINARY)), "MultiLogloss"),
        ({"cat_features": [0], "one_hot_max_size": 9}, SEVERAL, "categorical_features"),
    ],
)
def test_what_has_no_compiled_form(options: dict[str, Any], y: Any, why: str) -> None:
    rows = np.column_stack((SEVERAL, BINARY)) if "cat_features" in options else X
    model = runtime.as_estimator(catboost.CatBoostClassifier(**CAT, **options).fit(rows, y))
    with pytest.raises(NotCompilable, match=why):
        compile_model(model, estimators.describe(model))


def test_a_threshold_of_its_own_has_no_compiled_form() -> None:
    model = runtime.as_estimator(catboost.CatBoostClassifier(**CAT).fit(X, BINARY))
    model.set_probability_threshold(0.7)
    with pytest.raises(NotCompilable, match="threshold"):
        compile_model(model, estimators.describe(model))
