"""A lambda in a pipeline, saved by cloudpickle: it needs no code beside it."""

import sys
from pathlib import Path

import cloudpickle
import numpy as np
from _saved import expect
from sklearn.linear_model import Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

if __name__ == "__main__":
    folder = Path(sys.argv[1])
    x = np.random.default_rng(0).normal(size=(60, 3))
    model = make_pipeline(FunctionTransformer(lambda rows: rows**2 + 1), Ridge()).fit(x, x[:, 0])
    (folder / "upload" / "model.pkl").write_bytes(cloudpickle.dumps(model))
    expect(folder, x[:5].tolist(), model.predict(x[:5]).tolist())
