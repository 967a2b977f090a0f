"""A selector of columns, from the time before ColumnTransformer: it takes data frames alone."""

import sys
from pathlib import Path

import joblib
import pandas as pd
from _saved import code_of, expect
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import FeatureUnion, Pipeline
from sklearn.preprocessing import StandardScaler


class DataFrameSelector(BaseEstimator, TransformerMixin):
    def __init__(self, names):
        self.names = names

    def fit(self, frame, y=None):
        return self

    def transform(self, frame):
        return frame[self.names].to_numpy()


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    frame = pd.DataFrame({"age": [20.0, 40, 60, 30], "income": [1.0, 2, 3, 4]})
    parts = [(n, Pipeline([("s", DataFrameSelector([n])), ("z", StandardScaler())])) for n in frame]
    model = Pipeline([("union", FeatureUnion(parts)), ("model", LogisticRegression())])
    model.fit(frame, [0, 1, 1, 0])
    joblib.dump(model, folder / "upload" / "model.joblib")
    code_of(folder, __file__)
    expect(folder, frame.to_dict("records"), model.predict(frame).tolist())
