"""Damaged estimators: each would have read or written outside of its arrays."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy import sparse
from sklearn.base import BaseEstimator
from sklearn.cluster import KMeans
from sklearn.ensemble import (
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    IsolationForest,
    RandomForestClassifier,
)
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, SplineTransformer
from sklearn.svm import SVC, SVR
from sklearn.tree import DecisionTreeClassifier
from sklearn.tree._tree import Tree

from modelmount_compiler.errors import ModelRejected
from modelmount_compiler.frameworks.soundness import checks

X = np.random.default_rng(0).normal(size=(60, 4))
Y = (X[:, 0] > 0).astype(int)
GROUPS = np.random.default_rng(1).integers(0, 3, size=(60, 2))


def refused(model: object) -> str:
    with pytest.raises(ModelRejected) as error:
        checks.check_loaded(model, "sklearn")
    assert error.value.code == "CORRUPT_FILE"
    return str(error.value)


def with_node(model: Any, node: int, **values: int) -> Any:
    """Return a decision tree in which a node has other values."""
    tree = model.tree_
    state = tree.__getstate__()
    nodes = state["nodes"].copy()
    for name, value in values.items():
        nodes[name][node] = value
    changed = Tree(tree.n_features, np.array([2], dtype=np.intp), 1)
    changed.__setstate__({**state, "nodes": nodes})
    model.tree_ = changed
    return model


def tree() -> DecisionTreeClassifier:
    return DecisionTreeClassifier(max_depth=2).fit(X, Y)


@pytest.mark.parametrize(
    ("node", "values", "reason"),
    [
        (0, {"right_child": 2**40}, "names 1099511627776"),
        (0, {"left_child": -7}, "names -7"),
        (0, {"left_child": 0}, "names 0"),
        (0, {"left_child": 2, "right_child": 2}, "by more than one way"),
        (0, {"feature": 500_000_000}, "names 500000000, but 0 to 3 are there"),
        (0, {"feature": -1}, "names -1"),
    ],
)
def test_a_tree_that_leads_nowhere(node: int, values: dict[str, int], reason: str) -> None:
    model = with_node(
        DecisionTreeClassifier(max_depth=3).fit(X, X[:, 1] + X[:, 2] > 0), node, **values
    )
    assert reason in refused(model)
    assert "tree_" in refused(make_pipeline(model))


def test_a_tree_claims_more_nodes_than_it_has() -> None:
    model = tree()
    model.tree_.node_count = 10_000
    assert "claims 10000 nodes" in refused(model)


def _forest() -> BaseEstimator:
    model = RandomForestClassifier(2, random_state=0).fit(X, Y)
    model.estimators_[1] = DecisionTreeClassifier().fit(np.tile(X, 3), Y)
    return model


def _sums() -> BaseEstimator:
    model = GradientBoostingClassifier(n_estimators=2).fit(X, Y)
    model.estimators_ = np.repeat(model.estimators_, 5, axis=1)
    return model


def _boosted(field: str, value: int) -> Callable[[], BaseEstimator]:
    def make() -> BaseEstimator:
        model = HistGradientBoostingClassifier(max_iter=1).fit(X, Y)
        model._predictors[0][0].nodes[field][0] = value
        return model

    return make


def _subsets() -> BaseEstimator:
    model = IsolationForest(n_estimators=2, max_features=2, random_state=0).fit(X)
    model.estimators_features_[0] = np.array([0])
    return model


def _set(model: BaseEstimator, name: str, value: Any) -> BaseEstimator:
    setattr(model, name, value)
    return model


def _neighbors(position: int, at: int, value: Any) -> Callable[[], BaseEstimator]:
    def make() -> BaseEstimator:
        model = KNeighborsClassifier(algorithm="kd_tree", leaf_size=5).fit(X, Y)
        state = list(model._tree.__getstate__())
        state[position] = state[position].copy()
        state[position][at] = value
        model._tree.__setstate__(tuple(state))
        return model

    return make


def _labels() -> BaseEstimator:
    model = KNeighborsClassifier(algorithm="brute").fit(X, Y)
    model._y[3] = 2**40
    return model


def _svm(name: str, change: Callable[[Any], Any]) -> Callable[[], BaseEstimator]:
    def make() -> BaseEstimator:
        model = SVC().fit(X, GROUPS[:, 0])
        return _set(model, name, change(getattr(model, name)))

    return make


def _sparse() -> BaseEstimator:
    model = KNeighborsClassifier().fit(sparse.csr_matrix(X), Y)
    model._fit_X.indices[0] = 10**6
    return model


def _vocabulary() -> BaseEstimator:
    model = make_pipeline(CountVectorizer(), LogisticRegression()).fit(["a1 b1", "c1 d1"], [0, 1])
    model[0].vocabulary_["a1"] = 10**8
    return model


def _encoder(change: Callable[[Any], None]) -> Callable[[], BaseEstimator]:
    def make() -> BaseEstimator:
        model = make_pipeline(OneHotEncoder(drop="first"), LogisticRegression()).fit(GROUPS, Y)
        change(model[0])
        return model

    return make


def _spline() -> BaseEstimator:
    model = SplineTransformer(3).fit(X)
    model.bsplines_[0].c = model.bsplines_[0].c[:1]
    return model


DAMAGED: dict[str, Callable[[], BaseEstimator]] = {
    "a wider tree in a forest": _forest,
    "more sums than the first guess": _sums,
    "boosted: child": _boosted("left", 2**31),
    "boosted: column": _boosted("feature_idx", 4000),
    "boosted: cycle": _boosted("right", 0),
    "boosted: set of categories": _boosted("is_categorical", 1),
    "isolation forest": _subsets,
    "tree of neighbours: row": _neighbors(1, 0, 10**9),
    "tree of neighbours: node": _neighbors(2, 0, (0, 10**9, 0, 1.0)),
    "tree of neighbours: endless": _neighbors(2, -1, (0, 5, 0, 1.0)),
    "label of a neighbour": _labels,
    "svm: classes": _svm("_n_support", lambda sizes: sizes * 1000),
    "svm: coefficients": _svm("_dual_coef_", lambda values: values[:, :3].copy()),
    "svm: intercepts": _svm("_intercept_", lambda values: values[:1]),
    "svm: columns": _svm("support_vectors_", lambda rows: rows[:, :1].copy()),
    "svm: places": _svm("support_", lambda places: places[:2]),
    "svm: probabilities": _svm("_probA", lambda _: np.zeros(1)),
    "svr": lambda: _set(SVR().fit(X, Y), "_intercept_", np.zeros(0)),
    "sparse matrix": _sparse,
    "vocabulary": _vocabulary,
    "categories in disorder": _encoder(lambda e: e.categories_[0].__setitem__(0, 99)),
    "dropped category": _encoder(
        lambda e: setattr(e, "_drop_idx_after_grouping", np.array([99, 0], object))
    ),
    "columns of categories": _encoder(lambda e: setattr(e, "_n_features_outs", [1, 1])),
    "spline": _spline,
    "centres": lambda: _set(KMeans(2, n_init=1).fit(X), "cluster_centers_", np.zeros((2, 1))),
}


@pytest.mark.parametrize("name", DAMAGED)
def test_what_would_be_read_beyond_its_end(name: str) -> None:
    assert len(refused(DAMAGED[name]())) > 100


def test_a_part_that_cannot_be_read_is_no_fault_of_the_service() -> None:
    model = SVC().fit(X, Y)
    del model._n_support
    assert "can't be read (AttributeError" in refused(model)
