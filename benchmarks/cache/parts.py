"""The parts of the measurement, each in a process of its own."""

import json
import logging
import tempfile
from pathlib import Path

from benchmarks.cache import scale
from benchmarks.cache.load import MIB, Load

ALL = ("load", "replaced", "scale")
MODELS = 200
BUDGET = 512 * MIB
MANY = 10_000


def run(part: str, seconds: float, threads: int = 16) -> None:
    """Run one part and print its figures."""
    logging.disable()  # what is refused is counted
    with tempfile.TemporaryDirectory() as folder:
        if part == "scale":
            figures = scale.compare(Path(folder), MANY)
        else:
            load = Load(Path(folder), MODELS, BUDGET, threads)
            figures = load.run(seconds, replacing=part == "replaced")
    print(json.dumps({"part": part, **figures}), flush=True)
