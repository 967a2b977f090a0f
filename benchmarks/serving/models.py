"""The models that are measured, trained by script on data that comes with scikit-learn."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.datasets import load_breast_cancer, load_digits
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler


@dataclass(frozen=True)
class Trained:
    """A fitted estimator, and rows of shape (n, features) to ask it with."""

    name: str
    estimator: BaseEstimator
    rows: NDArray[np.float64]


def pipeline() -> Trained:
    """Scaler and logistic regression, 30 features, 2 classes."""
    x, y = load_breast_cancer(return_X_y=True)
    return Trained("pipeline", make_pipeline(StandardScaler(), LogisticRegression()).fit(x, y), x)


def forest() -> Trained:
    """A hundred trees, 64 features, 10 classes."""
    x, y = load_digits(return_X_y=True)
    return Trained("forest", RandomForestClassifier(100, random_state=0).fit(x, y), x)


def boosting() -> Trained:
    """Histogram gradient boosting, 30 features, 2 classes."""
    x, y = load_breast_cancer(return_X_y=True)
    return Trained("boosting", HistGradientBoostingClassifier(random_state=0).fit(x, y), x)


ALL: tuple[Callable[[], Trained], ...] = (pipeline, forest, boosting)


def body(name: str, rows: Any, method: str) -> str:
    """Return a request for these rows, as a client writes it."""
    request = {"model": name, "instances": rows.tolist(), "parameters": {"method": method}}
    return json.dumps(request)
