"""A folder of MLflow: a pipeline with a module of one's own, saved with code_paths."""

import importlib
import pickle
import sys
from pathlib import Path

import numpy as np
from _saved import expect
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline

MLMODEL = """\
flavors:
  python_function:
    code: code
    env:
      virtualenv: python_env.yaml
    loader_module: mlflow.sklearn
    model_path: model.pkl
    predict_fn: predict
    python_version: 3.11.7
  sklearn:
    code: code
    pickled_model: model.pkl
    serialization_format: cloudpickle
    sklearn_version: {version}
model_uuid: 0f0e6b6b5f1c4b0e8f1c2d3e4f5a6b7c
"""
STEPS = """\
import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin

from .helper import FACTOR


class Scaled(TransformerMixin, BaseEstimator):
    def fit(self, x, y=None):
        self.n_features_in_ = np.asarray(x).shape[1]
        return self

    def transform(self, x):
        return np.asarray(x, dtype=float) * FACTOR
"""

if __name__ == "__main__":
    import sklearn

    folder = Path(sys.argv[1])
    package = folder / "upload" / "code" / "my_steps"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "helper.py").write_text("FACTOR = 3.0\n")
    (package / "steps.py").write_text(STEPS)
    sys.path.insert(0, str(package.parent))
    steps = importlib.import_module("my_steps.steps")
    x = np.random.default_rng(0).normal(size=(60, 3))
    model = make_pipeline(steps.Scaled(), Ridge()).fit(x, x[:, 0])
    (folder / "upload" / "model.pkl").write_bytes(pickle.dumps(model))
    (folder / "upload" / "MLmodel").write_text(MLMODEL.format(version=sklearn.__version__))
    expect(folder, x[:5].tolist(), model.predict(x[:5]).tolist())
