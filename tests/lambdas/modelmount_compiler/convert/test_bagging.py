"""Bagging and isolation forests, held against scikit-learn's own."""

from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.ensemble import BaggingClassifier, BaggingRegressor, IsolationForest
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeRegressor

from modelmount_compiler.convert.graph import NotCompilable
from modelmount_compiler.convert.registry import compile_model
from modelmount_compiler.frameworks import sklearn as runtime
from tests.lambdas.modelmount_compiler.convert.comparison import assert_same
from tests.lambdas.modelmount_compiler.convert.edges import edges, wide

pytestmark = pytest.mark.usefixtures("one_thread")

X, SPECIES = load_iris(return_X_y=True)
NAMES = np.array(["a", "bb", "ç"])[SPECIES]
HOLES = np.where(np.random.default_rng(1).random(X.shape) < 0.15, np.nan, X)


@pytest.mark.parametrize("labels", [SPECIES, SPECIES == 1, NAMES], ids=["int", "bool", "str"])
@pytest.mark.parametrize("max_features", [1.0, 0.5])
def test_bagged_trees(labels: Any, max_features: float) -> None:
    model = BaggingClassifier(max_features=max_features, random_state=0).fit(X, labels)
    assert_same(model, X, HOLES, wide(4))


def test_members_that_miss_a_class_are_not_compiled() -> None:
    rare = np.where(np.arange(len(X)) == 7, 2, SPECIES == 1)
    model = BaggingClassifier(KNeighborsClassifier(), max_samples=0.3, random_state=0).fit(X, rare)
    with pytest.raises(NotCompilable, match="classes"):
        compile_model(model, runtime.describe(model))


def test_cells_that_no_member_sees_are_not_checked() -> None:
    model = BaggingRegressor(n_estimators=2, max_features=1, random_state=0).fit(X, X[:, 3])
    assert len(np.unique(np.concatenate(model.estimators_features_))) < 4
    assert_same(model, np.where(np.eye(4, dtype=bool), np.inf, X[:4]), X)


@pytest.mark.parametrize("base", [LogisticRegression(max_iter=300), LinearSVC()])
def test_bagged_classifiers_of_other_kinds(base: Any) -> None:
    model = BaggingClassifier(base, n_estimators=4, max_features=0.5, random_state=0)
    assert_same(model.fit(X, NAMES), X, wide(4))
    assert_same(model.fit(X, SPECIES == 1), X, wide(4))


@pytest.mark.parametrize("base", [None, DecisionTreeRegressor(max_depth=2), LinearRegression()])
@pytest.mark.parametrize("targets", [X[:, 3], X[:, 2:]], ids=["one", "many"])
def test_bagged_regressors(base: Any, targets: Any) -> None:
    model = BaggingRegressor(base, n_estimators=5, random_state=0).fit(X, targets)
    assert_same(model, X, wide(4) / 1e3)


@pytest.mark.parametrize(
    "options", [{}, {"max_features": 0.5}, {"contamination": 0.2}, {"max_samples": 20}]
)
def test_isolation_forests(options: dict[str, Any]) -> None:
    model = IsolationForest(n_estimators=15, random_state=0, **options).fit(X)
    infinite = np.where(np.eye(4, dtype=bool), np.inf, X[:4])
    assert_same(model, edges(model, X), wide(4), infinite)
