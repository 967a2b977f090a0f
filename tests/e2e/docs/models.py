"""The models that the pages speak of."""

import io
from collections.abc import Iterator
from typing import Any

import joblib
import pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.datasets import load_iris
from sklearn.ensemble import RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

TOWNS = ["Oslo", "Bergen", "Oslo", "Bergen", "Oslo", "Bergen"]
SCRIPT = """
import json

def model_fn(model_dir):
    return None

def transform_fn(model, body, content_type, accept):
    return json.dumps({"predictions": [len(json.loads(body))]})
"""


def dumped(model: Any) -> bytes:
    """Return what joblib.dump writes."""
    buffer = io.BytesIO()
    joblib.dump(model, buffer)
    return buffer.getvalue()


def uploads() -> Iterator[tuple[str, bytes]]:
    """Yield each object's key and content."""
    features, labels = load_iris(return_X_y=True)
    iris = LogisticRegression(max_iter=1000).fit(features, labels)
    yield "iris/3/model.joblib", dumped(iris)
    yield "fraud/1/model.joblib", dumped(fraud())
    yield "prices/3/model.joblib", dumped(prices())
    yield "loans/3/model.joblib", dumped(loans())
    for version in (1, 2):
        yield (
            f"churn/{version}/model.joblib",
            dumped(LogisticRegression(C=version).fit(features[:100], labels[:100])),
        )


def fraud() -> RandomForestClassifier:
    features, labels = load_iris(return_X_y=True)
    return RandomForestClassifier(10, random_state=0).fit(features[:, :3], labels > 1)


def prices() -> Any:
    """A regressor of two columns, one of which may be missing."""
    frame = pd.DataFrame({"town": TOWNS, "rooms": [1, 2, 3, 4, 5, 6]})
    columns = make_column_transformer((OneHotEncoder(), ["town"]), (SimpleImputer(), ["rooms"]))
    prices = [2.0, 2.5, 4.0, 4.5, 6.0, 6.5]
    return make_pipeline(columns, LinearRegression()).fit(frame, prices)


def loans() -> Any:
    """A regressor of two columns, one of which nobody is to read."""
    frame = pd.DataFrame({"town": TOWNS, "income": [10, 20, 30, 40, 50, 60]})
    columns = make_column_transformer((OneHotEncoder(), ["town"]), remainder="passthrough")
    return make_pipeline(columns, LinearRegression()).fit(frame, [1, 2, 3, 4, 5, 6])
