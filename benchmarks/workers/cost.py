"""A worker's cost over a call in process, for the same model and the same rows."""

import statistics
import time
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.cross_decomposition import CCA
from sklearn.neighbors import KNeighborsClassifier

from benchmarks.cache import models
from modelmount_compiler.frameworks import sklearn
from modelmount_compiler.frameworks.model import Model
from serving.repository.model_reader import ModelReader
from serving.service.originals import COPIED_BYTES, Originals
from workers.bounds import Bounds

FEATURES = 30
SIZES = {1: 1500, 100: 500, 10_000: 20}
Figures = dict[str, Any]


def measure(root: Path, rounds: int) -> Figures:
    """Return medians in µs of both ways, in turns, and what a start takes."""
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(500, FEATURES))
    estimators = {
        "canonical correlation": CCA(1).fit(rows, rows[:, :1]),
        "nearest neighbours": KNeighborsClassifier().fit(rows, rows[:, 0] > 0),
    }
    found: Figures = {}
    for name, estimator in estimators.items():
        models.publish_original(root, name, estimator)
        resolved = ModelReader(root / "models").resolve(name)
        begun = time.perf_counter()
        loaded = Originals(Bounds(60)).load(resolved)
        found[f"{name}, start"] = {
            "ms": round((time.perf_counter() - begun) * 1e3, 1),
            "own_mib": round((loaded.size - COPIED_BYTES) / 2**20, 1),
        }
        own = sklearn.Model(estimator, resolved.manifest.description.signature)
        for size, calls in SIZES.items():
            batch = rng.normal(size=(size, FEATURES)).tolist()
            turns = [
                {
                    **_times("in_process", own, batch, calls),
                    **_times("worker", loaded.value, batch, calls),
                }
                for _ in range(rounds)
            ]
            median = {k: round(statistics.median(t[k] for t in turns), 1) for k in turns[0]}
            for which in ("", "_quickest"):
                both = median[f"worker{which}"], median[f"in_process{which}"]
                median[f"cost{which}"] = round(both[0] - both[1], 1)
            found[f"{name}, {size} rows"] = median
            print(f"{name}, {size} rows: {median}", flush=True)
    return found


def _times(way: str, model: Model, batch: list[Any], calls: int) -> dict[str, float]:
    """Return the median of calls, and the tenth of them that other work disturbed least, in µs."""
    times = []
    for _ in range(calls):
        begun = time.perf_counter()
        model.answer(batch, "predict")
        times.append((time.perf_counter() - begun) * 1e6)
    times.sort()
    return {way: times[len(times) // 2], f"{way}_quickest": times[len(times) // 10]}
