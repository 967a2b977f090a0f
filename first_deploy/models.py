"""Three small models: compiled, of a format without code, and served as it was uploaded."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import joblib
import numpy as np
import skops.io
from sklearn.datasets import load_iris
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.multioutput import ClassifierChain
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

ROWS = 3
Features = Any  # arrays of scikit-learn's data sets


@dataclass(frozen=True)
class FirstModel:
    """A model to upload.

    Attributes:
        make: fits it; labels of version `n` are larger by 10 · n, which tells versions apart.
    """

    name: str
    suffix: str
    make: Callable[[Features, Features], Any]
    dump: Callable[[Any], bytes]

    def key(self, version: int) -> str:
        """Return the object's key."""
        return f"{self.name}/{version}/model.{self.suffix}"

    def upload(self, version: int) -> tuple[bytes, list[Any], list[Any]]:
        """Return a version's file, rows to ask it about, and its own predictions."""
        features, labels = load_iris(return_X_y=True)
        fitted = self.make(features, labels + 10 * version)
        rows = features[48 : 48 + ROWS]
        return self.dump(fitted), rows.tolist(), fitted.predict(rows).tolist()


def _pipeline(features: Features, labels: Features) -> Any:
    return make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000)).fit(features, labels)


def _forest(features: Features, labels: Features) -> Any:
    return RandomForestClassifier(20, random_state=0).fit(features, labels)


def _chain(features: Features, labels: Features) -> Any:
    """Fit what has no converter (docs/compiled-models.md), so the original serves."""
    twice = np.column_stack([labels, labels])
    return ClassifierChain(LogisticRegression(max_iter=1000)).fit(features, twice)


def _joblib(model: Any) -> bytes:
    buffer = io.BytesIO()
    joblib.dump(model, buffer)
    return buffer.getvalue()


COMPILED = FirstModel("first-compiled", "joblib", _pipeline, _joblib)
DATA_ALONE = FirstModel("first-forest", "skops", _forest, skops.io.dumps)
ORIGINAL = FirstModel("first-original", "joblib", _chain, _joblib)
ALL = (COMPILED, DATA_ALONE, ORIGINAL)
