"""Models of several kinds, trained on data that ships with scikit-learn."""

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import joblib
import numpy as np
import pandas as pd
import skops.io
from sklearn.compose import make_column_transformer
from sklearn.datasets import (
    load_breast_cancer,
    load_diabetes,
    load_digits,
    load_iris,
    load_linnerud,
    load_wine,
)
from sklearn.ensemble import HistGradientBoostingRegressor, RandomForestClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

ASKED_ROWS = 3


@dataclass(frozen=True)
class DemoModel:
    """A fitted model, its object key, and the instances that it is asked about.

    Attributes:
        instances: the input of the system and of the model's own `predict`, as JSON.
        expected: the predictions of the model's own `predict`.
    """

    title: str
    key: str
    content: bytes
    name: str
    instances: list[Any]
    expected: list[Any]


def train_all() -> Iterator[Callable[[], DemoModel]]:
    """Yields a trainer for each model."""
    yield from (iris, digits, diabetes, wine, exercise, datasets)


def iris() -> DemoModel:
    """Trains a pipeline of numbers."""
    features, labels = load_iris(return_X_y=True)
    model = make_pipeline(StandardScaler(), LogisticRegression()).fit(features, labels)
    return _demo("scaler + logistic regression", "iris.joblib", model, features[48:51])


def digits() -> DemoModel:
    """Trains a forest, uploaded under an explicit version."""
    features, labels = load_digits(return_X_y=True)
    model = RandomForestClassifier(100, random_state=0).fit(features, labels)
    return _demo(
        "forest of 100 trees, version 1", "digits/1/model.pkl", model, features[:ASKED_ROWS]
    )


def diabetes() -> DemoModel:
    """Trains a regressor that is asked by column name."""
    features, target = load_diabetes(return_X_y=True, as_frame=True)
    model = HistGradientBoostingRegressor(random_state=0).fit(features, target)
    return _demo(
        "histogram boosting, by column", "diabetes/model.joblib", model, features[:ASKED_ROWS]
    )


def wine() -> DemoModel:
    """Trains on numbers and strings in one table, with strings as labels."""
    data = load_wine(as_frame=True)
    features = data.frame[["alcohol", "malic_acid", "hue"]].assign(
        colour=np.where(data.frame["color_intensity"] > 5, "deep", "pale")
    )
    columns = make_column_transformer(
        (StandardScaler(), ["alcohol", "malic_acid", "hue"]), (OneHotEncoder(), ["colour"])
    )
    labels = data.target_names[data.target]
    model = make_pipeline(columns, LogisticRegression()).fit(features, labels)
    return _demo("mixed columns", "wine quality.joblib", model, features[58:61])


def exercise() -> DemoModel:
    """Trains a model of three outputs, saved in a format that runs no code when loaded."""
    features, targets = load_linnerud(return_X_y=True)
    model = LinearRegression().fit(features, targets)
    return _demo("three outputs, skops", "exercise.skops", model, features[:ASKED_ROWS])


def datasets() -> DemoModel:
    """Trains a classifier of text: which data set does a sentence describe?"""
    loaders = {"wine": load_wine, "digits": load_digits, "cancer": load_breast_cancer}
    sentences = [
        (line, name) for name, load in loaders.items() for line in load().DESCR.splitlines() if line
    ]
    texts, labels = zip(*sentences, strict=True)
    model = make_pipeline(TfidfVectorizer(), LogisticRegression()).fit(texts, labels)
    asked = ["malic acid and alcohol", "a bitmap of a handwritten 8", "naïve diagnosis of a tumor"]
    return _demo("text", "modèle de texte.joblib", model, asked)


def _demo(title: str, key: str, model: Any, features: Any) -> DemoModel:  # any estimator, any input
    name = key.split("/", maxsplit=1)[0].rpartition(".")[0] or key.split("/", maxsplit=1)[0]
    predictions: list[Any] = model.predict(features).tolist()
    return DemoModel(title, key, _dumped(model, key), name, _instances(features), predictions)


def _instances(features: Any) -> list[Any]:  # a frame, an array or a list
    if isinstance(features, pd.DataFrame):
        return features.to_dict("records")
    return features if isinstance(features, list) else features.tolist()


def _dumped(model: Any, key: str) -> bytes:
    if key.endswith(".skops"):
        content: bytes = skops.io.dumps(model)
        return content
    buffer = io.BytesIO()
    joblib.dump(model, buffer)
    return buffer.getvalue()
