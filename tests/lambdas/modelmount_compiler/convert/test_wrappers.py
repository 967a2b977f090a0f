"""Estimators that hold others: unwrapped, and held against scikit-learn's own answers."""

import warnings
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import TransformedTargetRegressor
from sklearn.datasets import make_classification, make_regression
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import (
    StackingClassifier,
    StackingRegressor,
    VotingClassifier,
    VotingRegressor,
)
from sklearn.experimental import enable_halving_search_cv  # noqa: F401 (makes the next but one importable)
from sklearn.feature_selection import RFE, RFECV, SequentialFeatureSelector
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import Lasso, LogisticRegression, RANSACRegressor, Ridge
from sklearn.model_selection import (
    FixedThresholdClassifier,
    GridSearchCV,
    HalvingGridSearchCV,
    RandomizedSearchCV,
    TunedThresholdClassifierCV,
)
from sklearn.multiclass import OneVsOneClassifier, OneVsRestClassifier, OutputCodeClassifier
from sklearn.multioutput import (
    ClassifierChain,
    MultiOutputClassifier,
    MultiOutputRegressor,
    RegressorChain,
)
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    MaxAbsScaler,
    MinMaxScaler,
    PowerTransformer,
    RobustScaler,
    StandardScaler,
)
from sklearn.semi_supervised import SelfTrainingClassifier
from sklearn.svm import SVC, LinearSVC

from modelmount_compiler.convert.graph import NotCompilable
from modelmount_compiler.convert.registry import compile_model
from modelmount_compiler.frameworks import sklearn as runtime
from tests.lambdas.modelmount_compiler.convert.comparison import assert_same
from tests.lambdas.modelmount_compiler.convert.tied_scores import ties

pytestmark = pytest.mark.usefixtures("one_thread")

Array = NDArray[Any]
Make = Callable[[], Any]
X, THREE = make_classification(120, 6, n_informative=6, n_redundant=0, n_classes=3, random_state=0)
R, ONE = make_regression(120, 6, noise=5, random_state=0)
TWO = np.array(["no", "yes"])[(THREE == 1) * 1]
NAMES = np.array(["a", "bb", "ç"])[THREE]
SEVERAL = np.stack((THREE > 0, THREE == 1, X[:, 0] > 0), axis=1).astype(int)
MANY = np.stack((ONE, ONE**2 / 100, np.sin(ONE)), axis=1)


def probes(x: Array) -> list[Array]:
    rng = np.random.default_rng(1)
    wide = [rng.normal(size=(20, x.shape[1])) * size for size in (1, 1e4)]
    hole = x[:2].copy()
    hole[1, 0] = np.nan
    return [x, *wide, hole]


def check(make: Make, x: Array, y: Array, *, edge: bool = False) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = make().fit(x, y)
    assert_same(model, *probes(x), *([ties(model, x)] if edge else []))


def members() -> list[tuple[str, Any]]:
    scaled = make_pipeline(StandardScaler(), GaussianNB())
    return [("a", LogisticRegression()), ("b", LogisticRegression(C=0.01)), ("c", scaled)]


def _calibrated(part: Make, method: str) -> Any:
    return CalibratedClassifierCV(part(), method=method, cv=2)


CLASSIFIERS: dict[str, Make] = {
    "vote": lambda: VotingClassifier(members()),
    "vote by weight": lambda: VotingClassifier(members(), weights=[1, 2.5, 2]),
    "soft vote": lambda: VotingClassifier(members(), voting="soft"),
    "soft vote by weight": lambda: VotingClassifier(members(), voting="soft", weights=[1, 2, 0.5]),
    "stack": lambda: StackingClassifier(members(), cv=2),
    "stack passing through": lambda: StackingClassifier(members(), cv=2, passthrough=True),
    "stack of labels": lambda: StackingClassifier(members(), cv=2, stack_method="predict"),
    "one against the rest": lambda: OneVsRestClassifier(LogisticRegression()),
    "one against the rest, probabilities": lambda: OneVsRestClassifier(GaussianNB()),
    "pairs": lambda: OneVsOneClassifier(LogisticRegression()),
    "codes": lambda: OutputCodeClassifier(LogisticRegression(), random_state=1),
    "elimination": lambda: RFE(LogisticRegression(), n_features_to_select=3),
    "elimination cv": lambda: RFECV(LogisticRegression(), cv=2),
    "grid": lambda: GridSearchCV(LogisticRegression(), {"C": [0.1, 1]}, cv=2),
    "random": lambda: RandomizedSearchCV(LogisticRegression(), {"C": [0.1]}, n_iter=1, cv=2),
    "halving": lambda: HalvingGridSearchCV(LogisticRegression(), {"C": [0.1, 1]}, cv=2),
    "selection": lambda: make_pipeline(
        SequentialFeatureSelector(LogisticRegression(), n_features_to_select=2, cv=2),
        "passthrough",
        make_pipeline(StandardScaler(), SVC()),
    ),
    **{
        f"calibrated {method} {name}": partial(_calibrated, part, method)
        for method in ("sigmoid", "isotonic", "temperature")
        for name, part in (("margins", LinearSVC), ("probabilities", GaussianNB))
    },
    "calibrated at once": lambda: CalibratedClassifierCV(SVC(), ensemble=False, cv=2),
}


@pytest.mark.parametrize("labels", ["two", "three"])
@pytest.mark.parametrize("name", CLASSIFIERS)
def test_a_classifier(name: str, labels: str) -> None:
    check(CLASSIFIERS[name], X, TWO if labels == "two" else NAMES, edge=True)


BINARY: dict[str, Make] = {
    "calibrated afterwards": lambda: CalibratedClassifierCV(
        FrozenEstimator(LogisticRegression().fit(X, TWO))
    ),
    "threshold": lambda: FixedThresholdClassifier(LogisticRegression(), threshold=0.3),
    "threshold of no": lambda: FixedThresholdClassifier(
        LogisticRegression(), threshold=0.3, pos_label="no"
    ),
    "threshold of margins": lambda: FixedThresholdClassifier(
        LinearSVC(), threshold=0.2, pos_label="no"
    ),
    "threshold at the middle": lambda: FixedThresholdClassifier(LogisticRegression()),
    "threshold tuned": lambda: TunedThresholdClassifierCV(LogisticRegression(), cv=2),
}


@pytest.mark.parametrize("name", BINARY)
def test_a_classifier_of_two_labels(name: str) -> None:
    check(BINARY[name], X, TWO, edge=True)


SEVERAL_AT_ONCE: dict[str, Make] = {
    "one against the rest": lambda: OneVsRestClassifier(LogisticRegression()),
    "apart": lambda: MultiOutputClassifier(LogisticRegression()),
    "chain": lambda: ClassifierChain(LogisticRegression(), order=[2, 0, 1]),
    "chain of probabilities": lambda: ClassifierChain(
        LogisticRegression(), chain_method="predict_proba"
    ),
}


@pytest.mark.parametrize("name", SEVERAL_AT_ONCE)
def test_several_labels_at_once(name: str) -> None:
    check(SEVERAL_AT_ONCE[name], X, SEVERAL)


def test_several_targets_of_several_classes() -> None:
    check(lambda: MultiOutputClassifier(LogisticRegression()), X, np.stack((TWO, NAMES), axis=1))


def test_labels_known_for_some_rows_only() -> None:
    check(lambda: SelfTrainingClassifier(LogisticRegression()), X, np.where(X[:, 0] > 1, -1, THREE))


def regressors() -> list[tuple[str, Any]]:
    return [("a", Ridge()), ("b", Lasso()), ("c", make_pipeline(MinMaxScaler(), Ridge()))]


REGRESSORS: dict[str, Make] = {
    "vote": lambda: VotingRegressor(regressors()),
    "vote by weight": lambda: VotingRegressor(regressors(), weights=[1, 2, 3]),
    "stack": lambda: StackingRegressor(regressors(), cv=2, passthrough=True),
    "consensus": lambda: RANSACRegressor(random_state=0),
    **{
        f"target {type(transformer).__name__}": partial(
            TransformedTargetRegressor, Ridge(), transformer=transformer
        )
        for transformer in (StandardScaler(), MinMaxScaler(), RobustScaler(), MaxAbsScaler())
    },
    "target as it is": lambda: TransformedTargetRegressor(Ridge()),
    "target by functions": lambda: TransformedTargetRegressor(
        Ridge(), func=np.arcsinh, inverse_func=np.sinh
    ),
}


@pytest.mark.parametrize("name", REGRESSORS)
def test_a_regressor(name: str) -> None:
    check(REGRESSORS[name], R, ONE)


MANY_TARGETS: dict[str, Make] = {
    "apart": lambda: MultiOutputRegressor(Ridge()),
    "chain": lambda: RegressorChain(Ridge(), order=[2, 0, 1]),
    "target": lambda: TransformedTargetRegressor(Ridge(), transformer=StandardScaler()),
}


@pytest.mark.parametrize("name", MANY_TARGETS)
def test_many_targets(name: str) -> None:
    check(MANY_TARGETS[name], R, MANY)


class Own(DummyClassifier):  # type: ignore[misc]
    """Of the user's own."""


@pytest.mark.parametrize(
    ("model", "reason"),
    [
        (VotingClassifier([("a", Own())], voting="soft"), "Own"),
        (GridSearchCV(Own(), {}, cv=2), "Own"),
        (StackingClassifier([("a", LogisticRegression())], Own(), cv=2), "Own"),
        (make_pipeline(StandardScaler(), Own()), "Own"),
        (TransformedTargetRegressor(Ridge(), transformer=PowerTransformer()), "PowerTransformer"),
        (
            TransformedTargetRegressor(Ridge(), func=lambda y: y, inverse_func=lambda y: y),
            "<lambda>",
        ),
    ],
    ids=["vote", "grid", "stack", "pipeline", "transformer", "function"],
)
def test_a_part_without_a_compiled_form_is_named(model: Any, reason: str) -> None:
    model.fit(X, THREE)
    with pytest.raises(NotCompilable, match=reason):
        compile_model(model, runtime.describe(model))


def test_the_same_check_and_the_same_work_are_done_once() -> None:
    part = LogisticRegression().fit(X, THREE)
    frozen = FrozenEstimator(part)
    twice = VotingClassifier([("a", frozen), ("b", frozen)], voting="soft").fit(X, THREE)
    scaled = make_pipeline(StandardScaler(), part).fit(X, THREE)
    for model, expected in ((twice, ["Finite"]), (scaled, ["Standardize", "Finite"])):
        program = compile_model(model, runtime.describe(model))
        names = [type(node.operation).__name__ for node in program.nodes]
        assert names[: len(expected)] == expected
        assert names.count("Finite") == 1
