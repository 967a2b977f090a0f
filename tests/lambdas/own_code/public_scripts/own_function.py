"""A function of one's own in FunctionTransformer."""

import sys
from pathlib import Path

import joblib
import numpy as np
from _saved import code_of, expect
from sklearn.ensemble import GradientBoostingRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer


def with_interactions(x):
    return np.c_[x, x[:, 0] * x[:, 1], np.sin(x[:, 2])]


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    x = np.random.default_rng(0).normal(size=(200, 3))
    model = make_pipeline(FunctionTransformer(with_interactions), GradientBoostingRegressor())
    model.fit(x, x[:, 0] * x[:, 1])
    joblib.dump(model, folder / "upload" / "model.joblib")
    code_of(folder, __file__)
    expect(folder, x[:9].tolist(), model.predict(x[:9]).tolist())
