"""Measure what workers cost, and what hostile models do to honest ones beside them.

    PYTHONPATH=.:lambdas python -m benchmarks.workers [--seconds 120] [--only cost|beside|first]

prints the figures and writes results.json beside this file; see docs/benchmarks.md.
"""

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.serving import machine
from benchmarks.workers import beside, cost, first, hostile

RESULTS = Path(__file__).with_name("results.json")
SEED = 14
SECRET = "AWS_SECRET_ACCESS_KEY"  # noqa: S105 (the name of one)


def main() -> None:
    """Run the parts asked for and keep their figures."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.workers")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=120.0)
    parser.add_argument("--only", choices=("cost", "beside", "first"))
    options = parser.parse_args()
    os.environ.setdefault(SECRET, "none")
    results: dict[str, Any] = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    results["machine"] = machine.describe()
    sys.path.insert(0, hostile.UNGUARDED)  # which workers inherit
    with tempfile.TemporaryDirectory() as folder:
        if options.only in (None, "cost"):
            results["cost"] = cost.measure(Path(folder) / "cost", options.rounds)
        if options.only in (None, "first"):
            results["first"] = first.measure(Path(folder) / "first", options.rounds)
            print(json.dumps(results["first"], indent=1))
        if options.only in (None, "beside"):
            run = beside.Beside(Path(folder) / "beside", SEED)
            results["beside"] = {"seed": SEED, **run.run(options.seconds)}
            print(json.dumps(results["beside"], indent=1))
    RESULTS.write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
