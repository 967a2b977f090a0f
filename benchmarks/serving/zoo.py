"""Every estimator of scikit-learn that a small data set fits by default.

Each case is a name and what makes the fitted model. An estimator that is of several kinds, or can't
be fitted on the first data, is tried on others: what it takes is not declared anywhere.
"""

import inspect
import itertools
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.datasets import make_classification, make_regression
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.utils import all_estimators

ROWS, FEATURES = 200, 10
INNER: dict[str, Any] = {
    "estimator": LogisticRegression,
    "estimators": lambda: [("a", LogisticRegression()), ("b", LogisticRegression(C=0.1))],
    "base_estimator": LogisticRegression,
}
# What the constructor asks for and no default fits: a grid is needed by a search.
GRIDS: dict[str, dict[str, Any]] = {
    "GridSearchCV": {"param_grid": {"C": [0.1, 1.0]}},
    "RandomizedSearchCV": {"param_distributions": {"C": [0.1, 1.0]}, "n_iter": 2},
    "HalvingGridSearchCV": {"param_grid": {"C": [0.1, 1.0]}},
    "HalvingRandomSearchCV": {"param_distributions": {"C": [0.1, 1.0]}},
}


@dataclass(frozen=True)
class Case:
    """One model: its kind is `classifier`, `regressor`, `transformer` or `pipeline`.

    Attributes:
        data: what a pipeline is fitted on; of an estimator, one of `data_sets` is.
    """

    name: str
    kind: str
    fit: Callable[[], BaseEstimator]
    data: Callable[[], Any] = tuple


def estimators(kind: str) -> Iterator[Case]:
    """Yield all classifiers or all regressors of scikit-learn."""
    for name, cls in all_estimators(type_filter=kind):
        yield Case(name, kind, lambda cls=cls, kind=kind: fitted(cls, kind))  # type: ignore[misc]


def fitted(cls: type[BaseEstimator], kind: str) -> BaseEstimator:
    """Return the estimator with default parameters, fitted on the first data that it takes.

    Raises:
        ValueError: on none.
    """
    reasons = []
    for fills_in, (x, y) in itertools.product((False, True), data_sets(kind)):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                estimator: BaseEstimator = _made(cls, kind, fills_in=fills_in).fit(x, y)
        except Exception as error:
            reasons.append(f"{type(error).__name__}: {error}")
        else:
            return estimator
    raise ValueError("; ".join(dict.fromkeys(reasons))[:300])


def _made(cls: type[BaseEstimator], kind: str, *, fills_in: bool) -> BaseEstimator:
    """Construct it, with a plain inner model where one must be given, or can be."""
    parameters = inspect.signature(cls).parameters.values()
    absent = (inspect.Parameter.empty, None) if fills_in else (inspect.Parameter.empty,)
    required = [p.name for p in parameters if p.default in absent]
    given = GRIDS.get(cls.__name__, {})
    chosen = {name: _inner(name, kind) for name in required if name in INNER}
    if kind == "regressor" and given:  # of Ridge, which has alpha for C
        given = {k: {"alpha": v["C"]} if isinstance(v, dict) else v for k, v in given.items()}
    return cls(**chosen, **given)


def _inner(name: str, kind: str) -> Any:  # an estimator or a list of them
    if kind == "classifier":
        return INNER[name]()
    pair = [("a", Ridge()), ("b", LinearRegression())]
    return pair if name == "estimators" else Ridge()


def data_sets(kind: str) -> Iterator[tuple[Any, Any]]:
    """Yield the data on which fitting is tried, in this order."""
    if kind == "classifier":
        x, y = make_classification(ROWS, FEATURES, n_informative=5, n_classes=3, random_state=0)
        yield x, y
        yield x, y == 1
        yield np.abs(x), y
        yield x, np.stack([y, y == 1], axis=1)
        yield x, np.stack([y == 0, y == 1], axis=1).astype(int)
        return
    x, y = make_regression(ROWS, FEATURES, noise=1.0, random_state=0)
    yield x, y
    yield np.abs(x), np.abs(y) + 1
    yield x, np.stack([y, -y], axis=1)
    yield x[:, 0], y
