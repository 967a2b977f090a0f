"""Resident memory, workers included: before a model is loaded, while it is, and once evicted.

    PYTHONPATH=.:lambdas python -m benchmarks.cache.returned compiled|forest|neighbors

prints a list of such figures in bytes as JSON, one for each time of loading; a first time, which
imports what stays, isn't counted.
"""

import copy
import json
import multiprocessing
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.cache import models
from serving.cache import memory
from serving.repository.model_reader import ModelReader
from serving.service.query import Query
from serving.service.service import Service
from workers import zygotes

MIB = 1024 * 1024
SIZE = 200 * MIB
TIMES = 2
FEATURES = 20


def measure(service: Service, instance: list[float]) -> list[dict[str, int]]:
    """Load, ask and evict the model a few times."""
    found = []
    for _ in range(TIMES + 1):
        before = resident_bytes()
        service.ask(Query("m", None, [instance]))
        loaded = resident_bytes()
        service.unload("m")
        after = resident_bytes()
        found.append({"before": before, "loaded": loaded, "evicted": after})
    return found[1:]


def resident_bytes() -> int:
    """Return the memory of this process and its workers."""
    return memory.resident_bytes() + zygotes.shared().all_bytes()


def publish(root: Path, form: str) -> None:
    """Lay out a repository with one model of about `SIZE` bytes."""
    if form == "compiled":
        models.publish(root, "m", 1, SIZE, 1.0)
    else:
        models.publish_original(root, "m", {"forest": _forest, "neighbors": _neighbors}[form]())


def _forest() -> Any:  # an estimator; not imported in the process that measures
    from sklearn.ensemble import RandomForestClassifier  # noqa: PLC0415 (as above)

    rng = np.random.default_rng(0)
    x = rng.normal(size=(20_000, FEATURES))
    forest = RandomForestClassifier(1, random_state=0).fit(x, rng.integers(0, 2, len(x)))
    tree = forest.estimators_[0]
    forest.estimators_ = [
        copy.deepcopy(tree) for _ in range(SIZE // tree.tree_.__getstate__()["nodes"].nbytes)
    ]
    return forest


def _neighbors() -> Any:
    from sklearn.neighbors import KNeighborsClassifier  # noqa: PLC0415 (as above)

    x = np.random.default_rng(0).normal(size=(SIZE // 8 // FEATURES, FEATURES))
    return KNeighborsClassifier(algorithm="brute").fit(x, np.arange(len(x)) % 2)


def _main(form: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        maker = multiprocessing.get_context("spawn").Process(
            target=publish, args=(Path(folder), form)
        )
        maker.start()
        maker.join()
        service = Service(
            ModelReader(Path(folder) / "models"), budget_bytes=2**30, refresh_seconds=3600
        )
        instance = models.ROW if form == "compiled" else [0.0] * FEATURES
        print(json.dumps(measure(service, instance)))


if __name__ == "__main__":
    _main(sys.argv[1])
