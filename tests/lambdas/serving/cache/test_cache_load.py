"""The cache under load, in a process of its own: memory, answers and hits.

`python -m benchmarks.cache` does the same for minutes.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow

MIB = 1024 * 1024
SECONDS = 5
# Beside the models: Python with NumPy, and what sixteen requests under way take.
CONSTANT = 128 * MIB


def run(root: Path, part: str, seconds: float, *more: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.cache", "--only", part]
    done = subprocess.run(
        [*command, "--minutes", str(seconds / 60), *more],
        env={"PYTHONPATH": f"{root}:{root / 'lambdas'}"},
        capture_output=True,
        text=True,
        check=True,
    )
    figures: dict[str, Any] = json.loads(done.stdout)
    return figures


@pytest.mark.parametrize("part", ["load", "replaced"])
def test_memory_stays_within_the_budget_and_answers_are_right(root: Path, part: str) -> None:
    """How near the hits come to the ideal depends on the order of threads, so it's a wide bound."""
    figures = run(root, part, SECONDS)
    assert figures["wrong"] == 0
    assert figures["requests"] > 50
    assert (figures["replaced"] > 10) == (part == "replaced")
    assert figures["budget"] // 2 < figures["peak"] <= figures["budget"] + CONSTANT
    assert figures["hit_ratio"] >= figures["ideal_hit_ratio"] - 0.1


def test_one_thread_hits_exactly_as_often_as_the_ideal(root: Path) -> None:
    figures = run(root, "load", SECONDS / 2, "--threads", "1")
    assert figures["wrong"] == figures["refused"] == 0
    assert figures["hit_ratio"] == figures["ideal_hit_ratio"]
    assert 0 < figures["hit_ratio"] < 1
