"""Estimators of the boosting libraries behind scikit-learn's, in single and double precision."""

from collections.abc import Callable
from typing import Any

import catboost
import lightgbm
import numpy as np
import pytest
import xgboost
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import TransformedTargetRegressor
from sklearn.ensemble import (
    BaggingClassifier,
    BaggingRegressor,
    StackingClassifier,
    VotingClassifier,
    VotingRegressor,
)
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.model_selection import FixedThresholdClassifier, GridSearchCV
from sklearn.multiclass import OneVsOneClassifier, OneVsRestClassifier
from sklearn.multioutput import (
    ClassifierChain,
    MultiOutputClassifier,
    MultiOutputRegressor,
    RegressorChain,
)
from sklearn.preprocessing import StandardScaler

from modelmount_compiler.frameworks.sklearn.loading import completed
from tests.lambdas.modelmount_compiler.boosted import BINARY, CAT, KNOWN, LGB, SEVERAL, XGB, Y
from tests.lambdas.modelmount_compiler.convert.served import assert_served_same, probes

Wrap = Callable[[Any], Any]
LINEAR = LogisticRegression(max_iter=1000)
TWO = np.column_stack((BINARY, SEVERAL > 0)).astype(int)
CLASSIFIERS = {
    "xgb": xgboost.XGBClassifier(**XGB),
    "lgb": lightgbm.LGBMClassifier(**LGB),
    "cat": catboost.CatBoostClassifier(**CAT),
}
REGRESSORS = {
    "xgb": xgboost.XGBRegressor(**XGB),
    "lgb": lightgbm.LGBMRegressor(**LGB),
    "cat": catboost.CatBoostRegressor(**CAT),
}
OF_CLASSES: dict[str, tuple[Wrap, Any]] = {
    "sigmoid": (lambda m: CalibratedClassifierCV(m, cv=2), BINARY),
    "isotonic": (lambda m: CalibratedClassifierCV(m, cv=2, method="isotonic"), SEVERAL),
    "temperature": (lambda m: CalibratedClassifierCV(m, cv=2, method="temperature"), SEVERAL),
    "soft": (lambda m: VotingClassifier([("m", m), ("l", LINEAR)], voting="soft"), SEVERAL),
    "soft-alike": (lambda m: VotingClassifier([("a", m), ("b", m)], voting="soft"), SEVERAL),
    "weighted": (
        lambda m: VotingClassifier([("a", m), ("b", m)], voting="soft", weights=[1, 2]),
        BINARY,
    ),
    "hard": (lambda m: VotingClassifier([("m", m), ("l", LINEAR)]), SEVERAL),
    "rest": (OneVsRestClassifier, SEVERAL),
    "one": (OneVsOneClassifier, SEVERAL),
    "outputs": (MultiOutputClassifier, TWO),
    "chain": (ClassifierChain, TWO),
    "threshold": (lambda m: FixedThresholdClassifier(m, threshold=0.3), BINARY),
    "search": (lambda m: GridSearchCV(m, {"n_estimators": [3]}, cv=2), SEVERAL),
    "bagging": (lambda m: BaggingClassifier(m, n_estimators=2, random_state=0), SEVERAL),
    "stacking": (lambda m: StackingClassifier([("m", m), ("l", LINEAR)], LINEAR, cv=2), BINARY),
}
OF_NUMBERS: dict[str, tuple[Wrap, Any]] = {
    "logarithm": (
        lambda m: TransformedTargetRegressor(m, func=np.log1p, inverse_func=np.expm1),
        Y - Y.min(),
    ),
    "scaled": (lambda m: TransformedTargetRegressor(m, transformer=StandardScaler()), Y),
    "voting": (lambda m: VotingRegressor([("m", m), ("r", Ridge())]), Y),
    "outputs": (MultiOutputRegressor, np.column_stack((Y, -Y))),
    "chain": (RegressorChain, np.column_stack((Y, -Y))),
    "bagging": (lambda m: BaggingRegressor(m, n_estimators=2, random_state=0), Y),
}


def check(model: Any, y: Any, *, single: bool) -> None:
    fitted = completed(model.fit(KNOWN, y))
    rows = probes(KNOWN)[:300]
    known = [row for row in rows if None not in row and np.isfinite(row).all()]
    assert_served_same(fitted, known, single=single)


@pytest.mark.parametrize("library", CLASSIFIERS)
@pytest.mark.parametrize("name", OF_CLASSES)
def test_classifiers(name: str, library: str) -> None:
    wrap, y = OF_CLASSES[name]
    check(wrap(clone(CLASSIFIERS[library])), y, single=library == "xgb")


@pytest.mark.parametrize("library", REGRESSORS)
@pytest.mark.parametrize("name", OF_NUMBERS)
def test_regressors(name: str, library: str) -> None:
    wrap, y = OF_NUMBERS[name]
    check(wrap(clone(REGRESSORS[library])), y, single=library == "xgb")
