"""Boosted ensembles, held against scikit-learn's own."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_iris
from sklearn.ensemble import (
    AdaBoostClassifier,
    AdaBoostRegressor,
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
)
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.tree import DecisionTreeClassifier

from modelmount_compiler.convert.graph import NotCompilable
from modelmount_compiler.convert.registry import compile_model
from modelmount_compiler.frameworks import sklearn as runtime
from tests.lambdas.modelmount_compiler.convert.comparison import assert_same
from tests.lambdas.modelmount_compiler.convert.edges import edges, wide

pytestmark = pytest.mark.usefixtures("one_thread")

X, SPECIES = load_iris(return_X_y=True)
RNG = np.random.default_rng(3)
HOLES = np.where(RNG.random(X.shape) < 0.15, np.nan, X)
LABELS = {
    "two": SPECIES == 1,
    "three": SPECIES,
    "strings": np.array(["a", "bb", "ç"])[SPECIES],
    "two strings": np.array(["no", "yes", "no"])[SPECIES],
}
CLASSIFIERS: dict[str, Callable[[], Any]] = {
    "gradient": lambda: GradientBoostingClassifier(n_estimators=9, random_state=0),
    "from zero": lambda: GradientBoostingClassifier(n_estimators=9, init="zero", subsample=0.7),
    "histogram": lambda: HistGradientBoostingClassifier(max_iter=9, min_samples_leaf=5),
    "monotonic": lambda: HistGradientBoostingClassifier(max_iter=9, class_weight="balanced"),
    "adaboost": lambda: AdaBoostClassifier(n_estimators=9, random_state=0),
    "deep adaboost": lambda: AdaBoostClassifier(
        DecisionTreeClassifier(max_depth=2), n_estimators=9
    ),
    "linear adaboost": lambda: AdaBoostClassifier(LogisticRegression(), n_estimators=4),
}
REGRESSORS: dict[str, Callable[[], Any]] = {
    **{
        loss: partial(GradientBoostingRegressor, loss=loss, n_estimators=9)
        for loss in ("squared_error", "absolute_error", "huber", "quantile")
    },
    **{
        f"histogram {loss}": partial(HistGradientBoostingRegressor, loss=loss, max_iter=9)
        for loss in ("squared_error", "absolute_error", "poisson", "gamma")
    },
    "histogram quantile": partial(
        HistGradientBoostingRegressor, loss="quantile", quantile=0.3, max_iter=9
    ),
    "adaboost": lambda: AdaBoostRegressor(n_estimators=9, random_state=0),
    "linear adaboost": lambda: AdaBoostRegressor(LinearRegression(), n_estimators=4),
}


@pytest.mark.parametrize("labels", LABELS)
@pytest.mark.parametrize("make", CLASSIFIERS)
def test_classifiers(make: str, labels: str) -> None:
    model = CLASSIFIERS[make]().fit(X, LABELS[labels])
    assert_same(model, edges(model, X), wide(4), HOLES)


@pytest.mark.parametrize("make", REGRESSORS)
def test_regressors(make: str) -> None:
    model = REGRESSORS[make]().fit(X, X[:, 3] + 0.1)
    assert_same(model, edges(model, X), wide(4) / 1e4, HOLES)


def test_exponential_loss() -> None:
    model = GradientBoostingClassifier(loss="exponential", n_estimators=9).fit(X, SPECIES == 1)
    assert_same(model, edges(model, X))


def test_a_margin_of_zero_is_the_second_class_here_and_the_first_there() -> None:
    x, y = np.array([[0.0], [0.0], [1.0], [1.0]]), [0, 1, 0, 1]
    gradient = GradientBoostingClassifier(n_estimators=3).fit(x, y)
    histogram = HistGradientBoostingClassifier(max_iter=3).fit(x, y)
    assert gradient.decision_function(x[:1]) == histogram.decision_function(x[:1]) == 0.0
    assert_same(gradient, x)
    assert_same(histogram, x)


def test_histograms_take_missing_and_infinite_values() -> None:
    model = HistGradientBoostingClassifier(max_iter=9, min_samples_leaf=5).fit(HOLES, SPECIES)
    infinite = np.where(np.eye(4, dtype=bool), np.inf, X[:4])
    assert_same(model, edges(model, HOLES), HOLES, infinite, -infinite)


def test_histograms_compare_doubles() -> None:
    x = 1.0 + np.arange(40.0)[:, None] * 1e-12  # all the same in float32
    model = HistGradientBoostingRegressor(max_iter=3, min_samples_leaf=2).fit(x, x[:, 0] > x[19, 0])
    assert len(np.unique(model.predict(x))) > 1
    assert_same(model, x, edges(model, x))


CODES = np.column_stack((RNG.integers(0, 40, 300), RNG.normal(size=300), RNG.integers(0, 5, 300)))
GROUPS = (CODES[:, 0] % 3 + (CODES[:, 1] > 0)).astype(int)
STRANGE = np.array([[-1.0, 0.0, 2.0], [3.5, 0.0, 9.0], [1e9, 1.0, -0.5], [np.nan, 1.0, np.nan]])


@pytest.mark.parametrize("missing", [False, True])
def test_categories_in_a_matrix(missing: bool) -> None:
    codes = CODES.copy()
    codes[RNG.random(codes.shape) < 0.1 * missing] = np.nan
    model = HistGradientBoostingClassifier(
        max_iter=9, categorical_features=[0, 2], min_samples_leaf=5
    ).fit(codes, GROUPS)
    assert any(p.nodes["is_categorical"].any() for step in model._predictors for p in step)
    assert_same(model, codes, STRANGE, CODES + 30)


def test_categories_in_a_frame() -> None:
    names = np.array(["rot", "grün", "blau", "", "42"])[CODES[:, 2].astype(int)]
    frame = pd.DataFrame({"size": CODES[:, 1], "colour": pd.Categorical(names)})
    model = HistGradientBoostingRegressor(max_iter=9, min_samples_leaf=5).fit(frame, GROUPS)
    rows = [[1.5, "rot"], [None, "grün"], [-1, None], [0.0, "unknown"], [0.25, ""], [2, "42"]]
    assert_same(model, rows, [[1.0, "grün"], [0.5, "blau"]])


def test_boosting_on_top_of_another_model_is_not_compiled() -> None:
    model = GradientBoostingRegressor(init=LinearRegression(), n_estimators=3).fit(X, X[:, 3])
    with pytest.raises(NotCompilable, match="LinearRegression"):
        compile_model(model, runtime.describe(model))
