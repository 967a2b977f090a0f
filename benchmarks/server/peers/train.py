"""Runs in a peer's environment: trains a model of `benchmarks.serving.models` and saves it."""

import sys

import joblib

from benchmarks.serving import models

if __name__ == "__main__":
    joblib.dump(getattr(models, sys.argv[1])().estimator, sys.argv[2])
