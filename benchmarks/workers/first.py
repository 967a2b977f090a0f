"""The first answers of environments, and the memory of their models.

Each environment gets a few models. Its first model's first answer waits for the imports (cold), the
others' for a fork and their own load (warm).
"""

import os
import statistics
import time
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier

from benchmarks.cache import models
from benchmarks.workers import hostile, side_by_side
from environments.installed import ROOT_VARIABLE
from serving.repository.model_reader import ModelReader
from serving.service.query import Query
from serving.service.service import Service
from workers import zygotes
from workers.bounds import Bounds

ENVIRONMENTS = ("one", "two", "three", "four")
MODELS = 3
ROW = [[1.0, 1.0]]
MIB = 2**20
Figures = dict[str, Any]


def measure(root: Path, rounds: int) -> Figures:
    """Return medians of first answers in ms, and the memory in MiB of all models together."""
    names = _publish(root)
    turns = []
    for _ in range(rounds):
        zygotes.shared().close()
        service = Service(
            ModelReader(root / "models"),
            budget_bytes=2**32,
            refresh_seconds=60,
            bounds=Bounds(60),
        )
        turns.append([[_first(service, name) for name in group] for group in names])
        memory = _memory()
        for name in (name for group in names for name in group):
            service.unload(name)
    cold = [group[0] for turn in turns for group in turn]
    warm = [each for turn in turns for group in turn for each in group[1:]]
    return {
        "environments": len(ENVIRONMENTS),
        "models": len(ENVIRONMENTS) * MODELS,
        "cold_ms": round(statistics.median(cold), 1),
        "cold_quickest_ms": round(min(cold), 1),
        "warm_ms": round(statistics.median(warm), 1),
        "warm_quickest_ms": round(min(warm), 1),
        **memory,
    }


def _publish(root: Path) -> list[list[str]]:
    rows = np.random.default_rng(0).normal(size=(200, 2))
    kinds = (LogisticRegression(), KNeighborsClassifier(), KNeighborsClassifier(1))
    for environment in ENVIRONMENTS:
        side_by_side.make(root / "environments", environment, hostile.UNGUARDED)
        for number, kind in enumerate(kinds):
            fitted = kind.fit(rows, rows[:, 0] > 0)
            models.publish_original(
                root, f"{environment}-{number}", fitted, environment=environment
            )
    os.environ[ROOT_VARIABLE] = str(root / "environments")
    return [[f"{each}-{number}" for number in range(MODELS)] for each in ENVIRONMENTS]


def _first(service: Service, model: str) -> float:
    begun = time.perf_counter()
    service.ask(Query(model, None, ROW))
    return (time.perf_counter() - begun) * 1e3


def _memory() -> Figures:
    """Return proportional sizes, in which each shared page counts once, and the plain ones."""
    parents = [each.pid for each in zygotes.shared().all() if each.pid is not None]
    workers = [pid for each in parents for pid in _children(each)]
    return {
        "pss_mib_of_parents": round(sum(_size(pid, "Pss") for pid in parents)),
        "pss_mib_of_workers": round(sum(_size(pid, "Pss") for pid in workers)),
        "mib_of_one_parent_alone": round(max(_size(pid, "Rss") for pid in parents)),
        "mib_that_a_worker_does_not_share": round(
            statistics.median(
                _size(p, "Private_Clean") + _size(p, "Private_Dirty") for p in workers
            )
        ),
    }


def _children(pid: int) -> list[int]:
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _size(pid: int, field: str) -> float:
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith(f"{field}:"):
            return int(line.split()[1]) * 1024 / MIB
    return 0.0
