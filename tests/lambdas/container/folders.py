"""Model folders, as SageMaker unpacks them from model.tar.gz."""

from pathlib import Path

import joblib
from sklearn.base import BaseEstimator

from serving.repository.model_reader import ModelReader
from tests.lambdas import zoo
from tests.lambdas.deployment import classifier

# Waits for a file before it loads, and for another before it answers.
PATIENT_SCRIPT = """
import pathlib, time

def wait_for(path):
    while not path.exists():
        time.sleep(0.01)

def model_fn(model_dir):
    folder = pathlib.Path(model_dir)
    (folder / "loading").touch()
    wait_for(folder / "load")
    return folder

def input_fn(body, content_type):
    return body

def predict_fn(data, folder):
    (folder / "asked").touch()
    wait_for(folder / "answer")
    return data

def output_fn(prediction, accept):
    return prediction, "text/plain"
"""


def saved(folder: Path, estimator: BaseEstimator | None = None) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    joblib.dump(estimator if estimator is not None else classifier(), folder / "model.joblib")
    return folder


def published(root: Path, estimator: BaseEstimator | None = None) -> Path:
    """Return the folder of a version that was uploaded, which needs no preparing."""
    zoo.publish(root, "m", "1", estimator if estimator is not None else classifier())
    return ModelReader(root / "models").resolve("m").folder


def scripted(folder: Path, script: str, program: str = "inference.py") -> Path:
    (folder / "code").mkdir(parents=True, exist_ok=True)
    (folder / "code" / program).write_text(script, "utf-8")
    return folder
