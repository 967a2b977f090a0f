"""The models of the sweep: estimators of scikit-learn, pipelines, models of typed columns."""

import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator

from benchmarks.serving import pipelines
from benchmarks.serving import zoo as all_estimators
from tests.sweep import typed


@dataclass(frozen=True)
class Fitted:
    """A model, and the data that it was fitted on: a data frame, an array or a list of texts."""

    estimator: BaseEstimator
    data: Any


@dataclass(frozen=True)
class Kind:
    """A kind of model. `fit` raises `ValueError` where scikit-learn itself can't fit it."""

    name: str
    fit: Callable[[], Fitted]


def kinds() -> Iterator[Kind]:
    """Yield every kind of model."""
    for group in ("classifier", "regressor"):
        for case in all_estimators.estimators(group):
            yield Kind(case.name, lambda case=case: _with_data(case))  # type: ignore[misc]
    for case in pipelines.cases():
        yield Kind(f"pipeline: {case.name}", lambda case=case: _pipeline(case))  # type: ignore[misc]
    for name, make in typed.models().items():
        yield Kind(f"typed: {name}", lambda make=make: Fitted(*make()))  # type: ignore[misc]


def _pipeline(case: all_estimators.Case) -> Fitted:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return Fitted(case.fit(), case.data()[0])


def _with_data(case: all_estimators.Case) -> Fitted:
    """Fit an estimator, and find out on which of the data sets that was."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        estimator = case.fit()
        for data, _ in all_estimators.data_sets(case.kind):
            try:
                estimator.predict(data[:2])
            except Exception:  # it was fitted on another one
                continue
            return Fitted(estimator, np.asarray(data).reshape(len(data), -1))
    raise ValueError("it answers on none of the data")
