"""A dictionary of a model and a label encoder, with a script that asks both."""

import sys
from pathlib import Path

import joblib
import numpy as np
from _saved import copy_of, expect
from sklearn.ensemble import RandomForestClassifier
from sklearn.preprocessing import LabelEncoder

if __name__ == "__main__":
    folder = Path(sys.argv[1])
    x = np.random.default_rng(0).normal(size=(90, 3))
    encoder = LabelEncoder().fit(["cat", "dog", "emu"])
    model = RandomForestClassifier(10, random_state=0).fit(x, np.argmax(x, axis=1))
    joblib.dump({"model": model, "label_encoder": encoder}, folder / "upload" / "bundle.pkl")
    copy_of(folder, Path(__file__).with_name("_inference.py"), "inference.py")
    expect(folder, x[:6].tolist(), encoder.inverse_transform(model.predict(x[:6])).tolist())
