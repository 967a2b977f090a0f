"""A script as SageMaker's documentation has it."""

import json
import os

import joblib
import numpy as np


def model_fn(model_dir):
    return joblib.load(os.path.join(model_dir, "bundle.pkl"))


def input_fn(request_body, content_type):
    if content_type != "application/json":
        raise ValueError(f"{content_type} isn't taken")
    return np.array(json.loads(request_body)["instances"])


def predict_fn(data, bundle):
    return bundle["label_encoder"].inverse_transform(bundle["model"].predict(data))


def output_fn(prediction, accept):
    return json.dumps({"predictions": prediction.tolist()}), accept
