"""Honest models beside ones that crash, hang, leak and spy: eight callers, for so many seconds.

They are of three environments, which each hold some of both sorts. Each caller asks one model after
another, as a seed says. Honest models are asked alone first, by as many callers, and their slowest
hundredth is compared.
"""

import os
import random
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier

from benchmarks.cache import models
from benchmarks.workers import hostile, side_by_side
from environments.installed import ROOT_VARIABLE
from modelmount_compiler.instances import outputs
from serving.errors import ModelUnavailable
from serving.repository.model_reader import ModelReader
from serving.service.query import Query
from serving.service.service import Service
from workers.bounds import MIB, Bounds
from workers.worker_model import ModelFault

CALLERS = 8
SECONDS_ALLOWED = 3.0
ROW = [4111.0, 1111.0]
ENVIRONMENTS = ("one", "two")  # besides the default
# What a bad model does when it is asked, and its environment.
BAD = {
    "crasher": ("default", "os.abort()"),
    "exiter": ("one", "os._exit(0)"),
    "segfaulter": ("two", "ctypes.string_at(0)"),
    "hanger": ("one", "sum(1 for _ in iter(int, 1))"),
    "leaker": ("default", "leaks.append(np.ones(2**22)) or len(leaks)"),
    "glutton": ("two", "leaks.append(np.ones(2**28)) or len(leaks)"),  # 2 GiB for each call
    "spy": ("default", "str(seen) + str(dict(os.environ)) + tried()"),
}
Figures = dict[str, Any]


class Beside:
    """One run: a service, its callers, and what they saw."""

    def __init__(self, root: Path, seed: int) -> None:
        rows = np.random.default_rng(0).normal(size=(200, 2))
        for name in ENVIRONMENTS:
            side_by_side.make(root / "environments", name, hostile.UNGUARDED)
        os.environ[ROOT_VARIABLE] = str(root / "environments")
        honest = {
            "first": ("default", LogisticRegression().fit(rows, rows[:, 0] > 0)),
            "second": ("one", KNeighborsClassifier().fit(rows, rows[:, 1] > 0)),
            "third": ("two", LogisticRegression().fit(rows, rows[:, 1] > 0)),
        }
        for name, (environment, estimator) in honest.items():
            models.publish_original(root, name, estimator, environment=environment)
        models.publish(root, "compiled", 1, 1000, 1.0, 2)
        for name, (environment, _) in BAD.items():
            hostile.publish(root, name, hostile.CODE + hostile.SPY, environment=environment)
        self._service = Service(
            ModelReader(root / "models"),
            budget_bytes=1024 * MIB,
            refresh_seconds=1,
            bounds=Bounds(SECONDS_ALLOWED, 512 * MIB, None, MIB, load_seconds=60.0),
        )
        self._honest = (*honest, "compiled")
        self._seed = seed
        self._lock = threading.Lock()
        self._outcomes: Counter[str] = Counter()
        self._expected = {name: self._ask(name, ROW) for name in self._honest}

    def run(self, seconds: float) -> Figures:
        """Ask for so long, first alone, then beside the others; return the figures."""
        alone = self._callers(seconds / 4, self._honest)
        self._outcomes.clear()
        beside = self._callers(seconds, (*self._honest, *BAD))
        outcomes = dict(self._outcomes)
        ratio = {
            name: round(_slowest(beside[name]) / _slowest(alone[name]), 2) for name in self._honest
        }
        return {
            "seconds": seconds,
            "honest_asked": sum(map(len, beside.values())),
            "honest_failed": outcomes.pop("failed", 0),
            "answers_changed": outcomes.pop("changed", 0),
            "inputs_seen": outcomes.pop("seen", 0),
            "errors_without_a_name": outcomes.pop("unnamed", 0),
            "put_aside": self._put_aside(),
            "p99_ms_alone": {n: round(_slowest(t) * 1e3, 2) for n, t in alone.items()},
            "p99_ms_beside": {n: round(_slowest(t) * 1e3, 2) for n, t in beside.items()},
            "p99_ratio": ratio,
            "others": outcomes,
        }

    def _callers(self, seconds: float, names: tuple[str, ...]) -> dict[str, list[float]]:
        times: dict[str, list[float]] = {name: [] for name in self._honest}
        end = time.monotonic() + seconds
        threads = [
            threading.Thread(target=self._call, args=(number, end, names, times))
            for number in range(CALLERS)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return times

    def _call(
        self, number: int, end: float, names: tuple[str, ...], times: dict[str, list[float]]
    ) -> None:
        draw = random.Random(self._seed + number)  # noqa: S311 (no secret)
        while time.monotonic() < end:
            name = draw.choice(names)
            if name in BAD:
                self._count(name, self._bad(name))
                continue
            begun = time.perf_counter()
            try:
                answer = self._ask(name, ROW)
            except Exception as error:
                self._count("failed", repr(error))
                continue
            times[name].append(time.perf_counter() - begun)
            if answer != self._expected[name]:
                self._count("changed", "")

    def _bad(self, name: str) -> str:
        try:
            told = str(self._ask(name, BAD[name][1]))
        except (ModelUnavailable, ModelFault) as error:
            if repr(name) not in str(error):
                self._count("unnamed", "")
            return getattr(error, "code", "FAULT")
        if "4111" in told or "AWS_SECRET" in told:
            self._count("seen", "")
        return "answered"

    def _put_aside(self) -> list[str]:
        """Return the models that are told to rest, of all that were asked."""
        told = [self._service.describe(name) for name in (*self._honest, *BAD)]
        return [each["model"] for each in told if "put_aside" in each["versions"][0]]

    def _count(self, what: str, how: str) -> None:
        with self._lock:
            key = what if what in ("failed", "changed", "seen", "unnamed") else f"{what}: {how}"
            self._outcomes[key] += 1
            if what == "failed":
                print(how, flush=True)

    def _ask(self, name: str, instance: object) -> list[Any]:
        return outputs.rows(self._service.ask(Query(name, None, [instance])).result)


def _slowest(times: list[float]) -> float:
    """Return the time that one in a hundred passes."""
    return sorted(times)[int(len(times) * 0.99)] if times else float("nan")
