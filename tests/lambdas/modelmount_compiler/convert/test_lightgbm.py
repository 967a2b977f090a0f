from collections.abc import Iterator
from typing import Any

import lightgbm
import numpy as np
import pytest

from modelmount_compiler.convert.boosting.lightgbm_trees import sections
from modelmount_compiler.convert.graph import NotCompilable
from modelmount_compiler.convert.registry import compile_model
from modelmount_compiler.frameworks import lightgbm as runtime
from modelmount_compiler.frameworks import sklearn as estimators
from tests.lambdas.modelmount_compiler.boosted import (
    BINARY,
    FRAME,
    FRAME_Y,
    KNOWN,
    LGB,
    SEVERAL,
    X,
    Y,
    instances,
    lgb_booster,
)
from tests.lambdas.modelmount_compiler.convert.served import assert_served_same, probes

# Zeros make bins of their own, with thresholds at plus and minus 1e-35.
ZEROS = np.where(np.random.default_rng(1).random(X.shape) < 0.3, 0.0, KNOWN)
REGRESSION = (
    *("regression", "regression_l1", "huber", "fair", "quantile", "mape", "poisson", "gamma"),
    *("tweedie", "cross_entropy", "cross_entropy_lambda"),
)
TREES: dict[str, dict[str, Any]] = {
    "zero-as-missing": {"zero_as_missing": True},
    "no-missing": {"use_missing": False},
    "square-root": {"reg_sqrt": True},
    "dart": {"boosting_type": "dart"},
    "forest": {"boosting_type": "rf", "bagging_freq": 1, "bagging_fraction": 0.5},
}
CLASSIFIERS: dict[str, tuple[dict[str, Any], Any]] = {
    "two": ({}, np.where(BINARY, "yes", "no")),
    "sigmoid": ({"sigmoid": 0.7}, BINARY > 0),
    "three": ({}, SEVERAL * 2),
    "one-versus-all": ({"objective": "multiclassova", "sigmoid": 2.0}, SEVERAL),
    "forest": (TREES["forest"], SEVERAL),
    "two-forest": (TREES["forest"], BINARY),
}
SMALL_GROUPS: dict[str, Any] = {"min_data_per_group": 2, "cat_smooth": 1, "min_child_samples": 2}


def splits(model: lightgbm.LGBMModel) -> Iterator[tuple[int, float]]:
    for tree in sections(model.booster_.model_to_string())[1]:
        names = ("split_feature", "threshold", "decision_type")
        for column, value, kind in zip(*(tree.get(n, "").split() for n in names), strict=True):
            if not int(kind) & 1:
                yield int(column), float(value)


def check(model: lightgbm.LGBMModel, rows: Any = X) -> None:
    assert_served_same(model, probes(rows, splits(model)))


@pytest.mark.parametrize("rows", [X, ZEROS], ids=["missing", "zeros"])
@pytest.mark.parametrize("objective", REGRESSION)
def test_every_objective_of_a_number(objective: str, rows: Any) -> None:
    y = (Y - Y.min() + 0.1) / (Y.max() - Y.min() + 0.2)
    check(lightgbm.LGBMRegressor(**LGB, objective=objective).fit(rows, y), rows)


@pytest.mark.parametrize("rows", [X, ZEROS], ids=["missing", "zeros"])
@pytest.mark.parametrize("name", TREES)
def test_ways_to_grow_trees(name: str, rows: Any) -> None:
    check(lightgbm.LGBMRegressor(**LGB, **TREES[name]).fit(rows, Y), rows)


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_classifiers(name: str) -> None:
    options, y = CLASSIFIERS[name]
    check(lightgbm.LGBMClassifier(**LGB, **options).fit(X, y))


def test_rankers_and_trees_without_a_split() -> None:
    check(lightgbm.LGBMRanker(**LGB).fit(X, BINARY, group=[100, 100]))
    check(lightgbm.LGBMRegressor(**LGB).fit(X, np.ones(len(X))))


@pytest.mark.parametrize(
    ("objective", "y", "params"),
    [
        ("binary", BINARY, {}),
        ("multiclass", SEVERAL, {"num_class": 3}),
        ("lambdarank", BINARY, {}),
        ("regression", Y, {}),
    ],
)
def test_bare_boosters(objective: str, y: Any, params: dict[str, Any]) -> None:
    check(runtime.as_estimator(lgb_booster(objective, y, **params)))


def test_categories_of_a_frame() -> None:
    model = lightgbm.LGBMClassifier(**LGB, **SMALL_GROUPS).fit(FRAME, FRAME_Y)
    rows = instances(FRAME.to_numpy())
    holes = [[age, None, None] for age, *_ in rows[:20]]
    unknown = [[age, "Vaasa", 1000] for age, *_ in rows[:20]]
    assert_served_same(model, rows, holes, unknown)


def test_codes_that_are_no_category() -> None:
    codes = np.column_stack((FRAME["grade"].cat.codes, X[:, 0]))
    model = lightgbm.LGBMClassifier(**LGB, **SMALL_GROUPS)
    model.fit(codes, FRAME_Y, categorical_feature=[0])
    odd = codes.copy()
    odd[:, 0] = np.resize([-1, -0.5, 0.5, 69.9, 70, 1e6, 2.0**31, 1e12, np.nan], len(odd))
    assert_served_same(model, instances(codes), instances(odd))


def test_what_has_no_compiled_form() -> None:
    model = lightgbm.LGBMRegressor(**LGB, linear_tree=True).fit(KNOWN, Y)
    with pytest.raises(NotCompilable, match="linear"):
        compile_model(model, estimators.describe(model))
