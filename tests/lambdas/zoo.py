"""A repository with a model of each kind, published without S3 or a preparer."""

import hashlib
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.multioutput import MultiOutputClassifier
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

from modelmount_compiler.frameworks.runtime import import_runtime
from modelmount_compiler.independence import Independence
from serving.records.manifest import Description, ModelFile, Source
from serving.repository.repository import Repository
from tests.lambdas.deployment import dumped
from tests.lambdas.prepared import prepared

X = np.array([[0.0, 0.0], [1.0, 1.0], [0.0, 0.1], [1.0, 0.9]])
Y = np.array([0, 1, 0, 1])
FRAME = pd.DataFrame({"age": [20.0, 40.0, 60.0, 30.0], "income": [1.0, 2.0, 3.0, 4.0]})
MIXED = pd.DataFrame({"age": [20.0, 40.0, 60.0], "town": ["Åbo", "Oslo", "Åbo"]})
INDEPENDENT = Independence("independent", 9)
TEXTS = ["good fine", "bad poor", "fine good"]


def estimators() -> dict[str, BaseEstimator]:
    return {
        "classifier": LogisticRegression().fit(X, Y),
        "named labels": LogisticRegression().fit(X, np.array(["ä", "b"])[Y]),
        "truth": LogisticRegression().fit(X, Y.astype(bool)),
        "regressor": LinearRegression().fit(X, [0.0, 1.5, 0.0, 1.5]),
        "frame": LinearRegression().fit(FRAME, [1.0, 2.0, 3.0, 4.0]),
        "mixed": make_pipeline(OneHotEncoder(handle_unknown="ignore"), LogisticRegression()).fit(
            MIXED, [0, 1, 0]
        ),
        "text": make_pipeline(CountVectorizer(), LogisticRegression()).fit(TEXTS, [1, 0, 1]),
        "several": MultiOutputClassifier(KNeighborsClassifier(1)).fit(
            X, np.array([[0, 1, 0, 1], [0, 1, 5, 6]]).T
        ),
    }


def publish(
    root: Path,
    model: str,
    version: str,
    estimator: BaseEstimator,
    independence: Independence | None = INDEPENDENT,
) -> None:
    repository = Repository(root)
    moment = f"2026-11-21T01:02:0{version}Z"
    key = f"{model}/{version}/model.joblib"
    origin = Source("models", key, f"write-{version}", moment, "etag", 3, version.zfill(16))
    pending = repository.announce(model, version, origin)
    content = dumped(estimator)
    (repository.candidates.files(pending.candidate) / "model.joblib").write_bytes(content)
    digest = hashlib.sha256(content).hexdigest()
    repository.arrived(pending, ModelFile("model.joblib", len(content), digest))
    signature = import_runtime("sklearn").describe(estimator)
    description = Description(
        "joblib", "sklearn", "x.Y", signature, 1000, 0.1, {}, independence=independence
    )
    repository.candidates.describe(pending.candidate, description)
    repository.publish(
        model, version, pending.candidate, 5, prepared(repository, pending.candidate)
    )


def fill(root: Path) -> None:
    """Publish them all, a second version of `classifier`, and announce `coming`."""
    for name, estimator in estimators().items():
        publish(root, name, "1", estimator)
    publish(root, "classifier", "2", LogisticRegression().fit(X, Y + 10))
    moment = "2026-11-21T01:02:03Z"
    Repository(root).announce("coming", "1", Source("m", "coming/1/m.joblib", "w", moment, "e", 3))
