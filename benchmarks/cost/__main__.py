"""Measure calls and cold starts under the processor's share of several sizes of memory.

    PYTHONPATH=.:lambdas python -m benchmarks.cost [--rounds 3]

writes results.json beside this file, from which docs/capacity.md has its figures.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.cost.processor_share import limited
from benchmarks.serving import machine, models
from benchmarks.serving.store import publish

RESULTS = Path(__file__).with_name("results.json")
MEMORY_MB = (512, 885, 1769, 3008)  # two processors, the most that is measured, are 3,538 MB
ENTER = 'echo $$ > "$1"; shift; exec "$@"'
CASES = (
    ("pipeline, compiled, 1 row", models.pipeline, True, 1),
    ("pipeline, compiled, 100 rows", models.pipeline, True, 100),
    ("forest, compiled, 1 row", models.forest, True, 1),
    ("forest, compiled, 100 rows", models.forest, True, 100),
    ("pipeline, as uploaded, 1 row", models.pipeline, False, 1),
    ("forest, as uploaded, 1 row", models.forest, False, 1),
)


def run(part: str, memory_mb: int, root: Path, model: str, body: str) -> float:
    """Return the milliseconds that a child under the share of `memory_mb` tells."""
    with limited(memory_mb) as procs:
        command = ["sh", "-c", ENTER, "sh", str(procs), sys.executable]
        done = subprocess.run(  # noqa: S603 (this interpreter, our own arguments)
            [*command, "-m", "benchmarks.cost.child", part, str(root), model, body],
            env={**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        raise SystemExit(done.stderr)
    return float(done.stdout.split()[-1])


def measure(rounds: int, folder: Path) -> dict[str, dict[str, dict[str, float]]]:
    """Return medians of `rounds` in ms, by case, part and MB."""
    roots: dict[tuple[str, bool], Path] = {}
    found: dict[str, dict[str, dict[str, float]]] = {}
    for title, train, compiled, rows in CASES:
        trained = train()
        key = (trained.name, compiled)
        if key not in roots:
            roots[key] = folder / f"{trained.name}-{compiled}"
            publish(trained, roots[key], compile_seconds=120.0 if compiled else 0.0)
        body = models.body(trained.name, trained.rows[:rows], "predict")
        found[title] = {}
        for part in ("warm", "cold") if rows == 1 else ("warm",):
            found[title][part] = {
                str(mb): round(
                    statistics.median(
                        run(part, mb, roots[key], trained.name, body) for _ in range(rounds)
                    ),
                    3,
                )
                for mb in MEMORY_MB
            }
            print(f"{title}, {part}: {found[title][part]}", flush=True)
    return found


def main() -> None:
    """Measure, and keep the figures."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.cost")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    load = [round(os.getloadavg()[0], 1)]
    with tempfile.TemporaryDirectory() as folder:
        found = measure(options.rounds, Path(folder))
    results = {
        "machine": machine.describe(),
        "load": [*load, round(os.getloadavg()[0], 1)],
        "milliseconds": found,
    }
    RESULTS.write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
