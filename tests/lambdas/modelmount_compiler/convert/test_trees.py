"""Decision trees and forests, held against scikit-learn's own at the edges of their thresholds."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.datasets import load_iris
from sklearn.ensemble import (
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
    RandomTreesEmbedding,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import (
    DecisionTreeClassifier,
    DecisionTreeRegressor,
    ExtraTreeClassifier,
    ExtraTreeRegressor,
)

from modelmount_compiler.convert.registry import compile_model
from modelmount_compiler.frameworks import sklearn as runtime
from modelmount_compiler.program import Program
from modelmount_compiler.program.operations.trees.tree_ensembles import TreeSum
from tests.lambdas.modelmount_compiler.convert.comparison import assert_same
from tests.lambdas.modelmount_compiler.convert.edges import edges, wide

pytestmark = pytest.mark.usefixtures("one_thread")

Array = NDArray[Any]
X, SPECIES = load_iris(return_X_y=True)
HOLES = np.where(np.random.default_rng(1).random(X.shape) < 0.15, np.nan, X)
LABELS = {
    "two": SPECIES == 1,
    "three": SPECIES,
    "strings": np.array(["a", "bb", "ç"])[SPECIES],
    "floats": SPECIES * 1.0,
    "several": np.array([["x", "long"], ["yy", "z"], ["x", "w"]])[SPECIES],
    "multilabel": np.stack((SPECIES > 0, SPECIES == 1), axis=1).astype(int),
}
TARGETS = {"one": X[:, 3], "many": X[:, 2:]}
CLASSIFIERS: dict[str, Callable[[], Any]] = {
    "tree": lambda: DecisionTreeClassifier(random_state=0),
    "extra tree": lambda: ExtraTreeClassifier(random_state=0),
    "forest": lambda: RandomForestClassifier(12, random_state=0),
    "shallow": lambda: RandomForestClassifier(9, max_leaf_nodes=5, random_state=0),
    "weighted": lambda: RandomForestClassifier(9, class_weight="balanced", random_state=0),
    "extra trees": lambda: ExtraTreesClassifier(12, min_samples_leaf=4, random_state=0),
}
REGRESSORS: dict[str, Callable[[], Any]] = {
    "tree": lambda: DecisionTreeRegressor(random_state=0, ccp_alpha=0.01),
    "extra tree": lambda: ExtraTreeRegressor(random_state=0),
    "forest": lambda: RandomForestRegressor(12, random_state=0),
    "extra trees": lambda: ExtraTreesRegressor(12, random_state=0),
    "absolute": lambda: RandomForestRegressor(3, criterion="absolute_error", random_state=0),
}


@pytest.mark.parametrize("labels", LABELS)
@pytest.mark.parametrize("make", CLASSIFIERS)
def test_classifiers(make: str, labels: str) -> None:
    model = CLASSIFIERS[make]().fit(X, LABELS[labels])
    assert_same(model, edges(model, X), wide(X.shape[1]))


@pytest.mark.parametrize("targets", TARGETS)
@pytest.mark.parametrize("make", REGRESSORS)
def test_regressors(make: str, targets: str) -> None:
    model = REGRESSORS[make]().fit(X, TARGETS[targets])
    assert_same(model, edges(model, X), wide(X.shape[1]))


@pytest.mark.parametrize("make", ["tree", "extra tree", "forest", "extra trees"])
def test_missing_values_go_where_they_went(make: str) -> None:
    model = CLASSIFIERS[make]().fit(HOLES, SPECIES)
    everywhere = np.where(np.eye(4, dtype=bool), np.nan, X[:4])
    assert_same(model, edges(model, HOLES), everywhere, np.full((1, 4), np.nan))


def test_trees_that_never_saw_missing_values_take_them_all_the_same() -> None:
    assert_same(RandomForestClassifier(9, random_state=0).fit(X, SPECIES), HOLES)


@pytest.mark.parametrize("value", [np.inf, -np.inf, 3.5e38, 3.4028235e38, -3.4028236e38])
def test_what_float32_does_not_hold_is_refused_alike(value: float) -> None:
    model = RandomForestClassifier(3, random_state=0).fit(X, SPECIES)
    assert_same(model, np.where(np.eye(4, dtype=bool), value, X[:4]))


def test_ties_between_classes_go_to_the_first() -> None:
    x = np.array([[0.0], [0.0], [1.0], [1.0]])
    model = RandomForestClassifier(4, bootstrap=False).fit(x, ["b", "a", "c", "a"])
    assert_same(model, x, np.array([[0.5], [0.4999999], [0.5000001]]))
    assert model.predict_proba(x[:1]).tolist() == [[0.5, 0.5, 0.0]]


def test_float32_is_for_the_tree_alone() -> None:
    model = make_pipeline(StandardScaler(), RandomForestClassifier(9, random_state=0))
    assert_same(model.fit(X, SPECIES), np.round(X, 1), wide(4))


def test_embedding_marks_leaves() -> None:
    model = RandomTreesEmbedding(7, random_state=0).fit(X)
    assert_same(model, X, wide(4))


def test_a_stump_without_a_split_is_a_constant() -> None:
    assert_same(DecisionTreeClassifier(max_depth=1).fit(X, np.zeros(len(X), int)), X[:3])
    assert_same(DecisionTreeRegressor().fit(X, np.ones(len(X))), X[:3])


def forest_of(program: Program) -> TreeSum:
    (found,) = (n.operation for n in program.nodes if isinstance(n.operation, TreeSum))
    return found


def test_a_node_takes_16_bytes_and_equal_leaves_are_kept_once() -> None:
    model = RandomForestClassifier(10, random_state=0).fit(X, SPECIES)
    forest = forest_of(compile_model(model, runtime.describe(model)))
    assert forest.nodes.nbytes == 16 * sum(tree.tree_.node_count for tree in model)
    assert forest.values is not None
    assert len(forest.values) == len(np.unique(forest.values, axis=0)) < 20
