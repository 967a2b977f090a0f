import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import xgboost
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from modelmount_compiler.convert.graph import NotCompilable
from modelmount_compiler.convert.registry import compile_model
from modelmount_compiler.frameworks import sklearn as estimators
from modelmount_compiler.frameworks import xgboost as runtime
from modelmount_compiler.program.operations.trees.tree_ensembles import TreeSum
from tests.lambdas.modelmount_compiler.boosted import (
    BINARY,
    FRAME,
    FRAME_Y,
    KNOWN,
    NUMBERS,
    SEVERAL,
    XGB,
    X,
    Y,
    instances,
    xgb_booster,
)
from tests.lambdas.modelmount_compiler.convert.served import assert_served_same, probes

SHARES = (Y - Y.min()) / (Y.max() - Y.min())
REGRESSION = {
    "reg:squarederror": Y,
    "reg:squaredlogerror": abs(Y),
    "reg:pseudohubererror": Y,
    "reg:absoluteerror": Y,
    "reg:logistic": SHARES,
    "reg:gamma": abs(Y) + 0.1,
    "reg:tweedie": abs(Y),
    "count:poisson": abs(Y),
    "survival:cox": abs(Y),
}
CLASSIFIERS: dict[str, tuple[dict[str, Any], Any]] = {
    "two": ({}, BINARY),
    "two-with-base": ({"base_score": 0.3}, BINARY),
    "three": ({}, SEVERAL),
    "softmax": ({"objective": "multi:softmax"}, SEVERAL),
    "hinge": ({"objective": "binary:hinge"}, BINARY),
    "labels": ({}, np.column_stack((BINARY, 1 - BINARY, SEVERAL > 0))),
    "dart": ({"booster": "dart", "rate_drop": 0.5}, SEVERAL),
    "two-dart": ({"booster": "dart", "rate_drop": 0.5}, BINARY),
    "parallel": ({"num_parallel_tree": 2, "subsample": 0.5}, SEVERAL),
}


def splits(model: xgboost.XGBModel) -> Iterator[tuple[int, float]]:
    booster = json.loads(model.get_booster().save_raw("json"))["learner"]["gradient_booster"]
    for tree in booster.get("gbtree", booster)["model"]["trees"]:
        columns = tree["split_indices"]
        values = np.array(tree["split_conditions"], dtype=np.float32).tolist()
        kinds = zip(tree["left_children"], tree["split_type"], strict=True)
        for column, value, (child, kind) in zip(columns, values, kinds, strict=True):
            if child >= 0 and kind == 0:
                yield column, value


def check(model: xgboost.XGBModel) -> None:
    assert_served_same(model, probes(X, splits(model)))


@pytest.mark.parametrize("objective", REGRESSION)
def test_every_objective_of_a_number(objective: str) -> None:
    check(xgboost.XGBRegressor(**XGB, objective=objective).fit(X, REGRESSION[objective]))


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_classifiers(name: str) -> None:
    options, y = CLASSIFIERS[name]
    check(xgboost.XGBClassifier(**XGB, **options).fit(X, y))


def test_several_numbers() -> None:
    check(xgboost.XGBRegressor(**XGB).fit(X, np.column_stack((Y, -Y))))
    quantiles = {"objective": "reg:quantileerror", "quantile_alpha": [0.1, 0.5]}
    check(xgboost.XGBRegressor(**XGB, **quantiles).fit(X, Y))


def test_random_forests_and_rankers() -> None:
    check(xgboost.XGBRFRegressor(n_estimators=4, n_jobs=1).fit(X, Y))
    check(xgboost.XGBRFClassifier(n_estimators=4, n_jobs=1).fit(X, SEVERAL))
    check(xgboost.XGBRanker(**XGB).fit(X, BINARY, group=[100, 100]))


@pytest.mark.parametrize(
    "model",
    [
        xgboost.XGBRegressor(**XGB),
        xgboost.XGBRegressor(n_estimators=20, n_jobs=1, booster="dart", rate_drop=0.5),
        xgboost.XGBRegressor(**XGB, objective="reg:logistic", base_score=0.3),
    ],
    ids=["plain", "dart", "logistic"],
)
def test_sums_are_equal_to_the_bit(model: xgboost.XGBRegressor) -> None:
    """In float32 the order of additions shows, and what is added first."""
    model.fit(X, SHARES)
    sums = compile_model(model, estimators.describe(model)).nodes[0].operation
    assert isinstance(sums, TreeSum)
    assert sums(X)[:, 0].tolist() == model.predict(X, output_margin=True).tolist()


def test_rounds_after_the_best_one_are_left_out() -> None:
    model = xgboost.XGBClassifier(n_estimators=50, early_stopping_rounds=2, n_jobs=1)
    model.fit(X, SEVERAL, eval_set=[(KNOWN, SEVERAL[::-1])], verbose=False)
    assert model.best_iteration + 1 < model.get_booster().num_boosted_rounds()
    check(model)


@pytest.mark.parametrize(
    ("objective", "y", "params"),
    [
        ("binary:logistic", BINARY, {}),
        ("binary:logitraw", BINARY, {}),
        ("multi:softprob", BINARY, {"num_class": 2}),
        ("multi:softprob", SEVERAL, {"num_class": 3}),
        ("multi:softmax", SEVERAL, {"num_class": 3}),
        ("rank:pairwise", BINARY, {}),
    ],
)
def test_bare_boosters(objective: str, y: Any, params: dict[str, Any]) -> None:
    check(runtime.as_estimator(xgb_booster(objective, y, **params)))


@pytest.mark.parametrize("most", [1, 100], ids=["sets", "one-hot"])
def test_categories_of_a_frame(most: int) -> None:
    model = xgboost.XGBClassifier(**XGB, enable_categorical=True, max_cat_to_onehot=most)
    rows = instances(FRAME.to_numpy())
    holes = [[age, None, None] for age, *_ in rows[:20]]
    assert_served_same(model.fit(FRAME, FRAME_Y), rows, holes)


def test_codes_that_are_no_category() -> None:
    codes = np.column_stack((FRAME["grade"].cat.codes, X[:, 0]))
    kinds = {"enable_categorical": True, "feature_types": ["c", "q"], "max_cat_to_onehot": 4}
    model = xgboost.XGBClassifier(**XGB, **kinds).fit(codes, FRAME_Y)
    odd = codes.copy()
    odd[:, 0] = np.resize([-1, -0.5, 0.5, 69.9, 70, 1e6, 2.0**24, 1e12, np.nan], len(odd))
    assert_served_same(model, instances(codes), instances(odd))


def test_columns_of_numbers_by_name() -> None:
    model = xgboost.XGBRegressor(**XGB).fit(NUMBERS, Y)
    rows = instances(NUMBERS.to_numpy())
    named = [{"income": income, "age": age} for age, income in rows]
    assert_served_same(model, rows, named, [[None, None]], [[1, True]])


def test_inside_of_a_pipeline() -> None:
    pipeline = make_pipeline(StandardScaler(), xgboost.XGBClassifier(**XGB)).fit(X, SEVERAL)
    assert_served_same(pipeline, instances(X))


@pytest.mark.parametrize(
    ("model", "y", "why"),
    [
        (xgboost.XGBRegressor(booster="gblinear", n_jobs=1), Y, "gblinear"),
        (xgboost.XGBClassifier(**XGB, missing=0), BINARY, "missing=0"),
        (
            xgboost.XGBRegressor(**XGB, multi_strategy="multi_output_tree"),
            np.column_stack((Y, -Y)),
            "several outputs",
        ),
    ],
)
def test_what_has_no_compiled_form(model: xgboost.XGBModel, y: Any, why: str) -> None:
    model.fit(X, y)
    with pytest.raises(NotCompilable, match=why):
        compile_model(model, estimators.describe(model))


@pytest.mark.parametrize("kind", [1, 100], ids=["partitions", "one-hot"])
def test_codes_next_to_whole_numbers(kind: int) -> None:
    codes = np.column_stack((FRAME["grade"].cat.codes % 6, KNOWN[:, 0]))
    options = {"enable_categorical": True, "feature_types": ["c", "q"], "max_cat_to_onehot": kind}
    model = xgboost.XGBClassifier(**XGB, **options).fit(codes, BINARY)
    near = np.arange(6.0).repeat(8)
    for step in range(8):  # values that float32 rounds to the whole number, and others
        near[step::8] -= (step - 4) * 1.2e-7
    odd = np.column_stack((near, np.zeros(len(near))))
    assert_served_same(model, instances(codes), instances(odd))


@pytest.mark.parametrize("kind", [1, 100], ids=["partitions", "one-hot"])
def test_categories_by_both_kinds_of_splits(kind: int) -> None:
    options = {"enable_categorical": True, "max_cat_to_onehot": kind}
    model = xgboost.XGBClassifier(**XGB, **options).fit(FRAME, FRAME_Y)
    rows = instances(FRAME.to_numpy())
    assert_served_same(model, rows, [[age, None, None] for age, *_ in rows[:20]])
